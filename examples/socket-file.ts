/**
 * A connection as a file, line by line, and its trap: the flush that was forgotten.
 *
 *   npm run example -- socket-file
 *
 * Both ends are in this program. A file has a buffer in each direction. To be seen: what was written does not leave
 * before `flush`, and whoever waits for it waits in vain; a line comes out whole, however many packets it came in; and
 * what the file has received already, the socket beneath it does not have any more.
 */
import { BlockingIOError, socketpair, TimeoutError } from '@wireline/socket';

const PATIENCE_MS = 100; // for something that will not come
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => JSON.stringify(new TextDecoder().decode(bytes));

if (process.argv.length > 2) {
  console.error('usage: npm run example -- socket-file');
  process.exit(2);
}

try {
  showFlush();
  showLines();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region flush
function showFlush(): void {
  const [here, there] = socketpair();
  using server = here;
  using client = there;
  client.setTimeout(PATIENCE_MS);

  using file = server.makeFile(); // at the end of the block it is flushed
  file.write(bytes('your name?\n'));
  console.log('server: wrote a question, forgot to flush');
  try {
    client.recv(100);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log(`client: ${error.name}: ${error.message}`);
  }

  file.flush();
  console.log('server: flushed');
  console.log(`client: received ${text(client.recv(100))}`);
}
// #endregion flush

// #region lines
function showLines(): void {
  const [here, there] = socketpair();
  using server = here;
  using client = there;
  client.setBlocking(false);

  using file = client.makeFile();
  server.sendAll(bytes('one\ntwo\nthr')); // a packet ends where it likes
  console.log(`client: read ${text(file.readLine())}`);
  try {
    client.recv(100);
  } catch (error) {
    if (!(error instanceof BlockingIOError)) throw error;
    console.log('client: nothing is left in the socket: the file has it');
  }
  server.sendAll(bytes('ee\nthe rest'));
  server.shutdown('write');
  for (const line of file) console.log(`client: read ${text(line)}`);
}
// #endregion lines
