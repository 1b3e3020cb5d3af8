/**
 * Descriptors that travel between processes: a connection, and an open file.
 *
 *   npm run example -- fd-passing
 *
 * This process accepts a connection, and opens a file, which it removes. It passes both to a child over a Unix socket
 * (`sendFds`), and closes its copies. The child, which has opened nothing itself, sends what is in the file to the
 * client. To be seen: the numbers of the descriptors, which differ, and what they lead to, which is the same; that
 * the connection lives on without the parent's copy, and ends when the child closes the last one; and that the parent
 * has as many descriptors open in the end as before.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnection, createServer, Socket, socketpair, type Family } from '@wireline/socket';

const CHILD = '--child';
const CHANNEL = 3; // the descriptor that leads the child to its parent: the first behind standard error

const [role, ...more] = process.argv.slice(2);
if ((role !== undefined && role !== CHILD) || more.length > 0) {
  console.error('usage: npm run example -- fd-passing');
  process.exit(2);
}

try {
  if (role === CHILD) {
    answer();
  } else {
    void process.stdout; // a terminal is opened when it is first asked for, which is not to count
    const before = countDescriptors();
    await pass();
    console.log(`parent: ${before} descriptors were open before, ${countDescriptors()} are now`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region fd-passing
async function pass(): Promise<void> {
  using listener = createServer({ host: '127.0.0.1', port: 0 });
  using client = createConnection(listener.getsockname(), { timeoutMs: 10_000 });
  const { socket } = listener.accept();
  const file = openRemoved('These are the words of a file without a name.');

  const [channel, theirs] = socketpair();
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), CHILD], {
    stdio: ['ignore', 'inherit', 'inherit', theirs.fileno()],
  });
  theirs.close(); // the child has a copy of its own

  console.log(`parent: passing ${String(socket)} and file ${file}, closing both`);
  channel.sendFds(Uint8Array.of(0), [socket.fileno(), file]);
  for (const each of [socket, channel]) each.close();
  fs.closeSync(file);

  for (const chunk of client) console.log(`client: received ${new TextDecoder().decode(chunk)}`);
  console.log('client: the connection has ended');
  await once(child, 'exit');
}

// #region answer
/** In the child. What it receives belongs to it, and it closes it. */
function answer(): void {
  using channel = new Socket<Family>({ fd: CHANNEL });
  const { fds } = channel.recvFds(1, 2);
  const [fd, file] = fds;
  if (fd === undefined || file === undefined)
    throw new Error(`receive 2 descriptors: ${fds.length} came`);
  using connection = new Socket<Family>({ fd });
  console.log(`child: received ${String(connection)} and file ${file}`);
  connection.sendAll(fs.readFileSync(file));
  fs.closeSync(file);
}
// #endregion answer
// #endregion fd-passing

function openRemoved(text: string): number {
  const folder = fs.mkdtempSync(join(tmpdir(), 'fd-passing-'));
  fs.writeFileSync(join(folder, 'file'), text);
  const fd = fs.openSync(join(folder, 'file'), 'r');
  fs.rmSync(folder, { recursive: true });
  return fd;
}

function countDescriptors(): number {
  return fs.readdirSync('/proc/self/fd').length;
}
