/**
 * The errors that everybody meets, brought about on purpose, and what they advise.
 *
 *   npm run example -- errors-by-name
 *
 * Each has a class, a number, a code, and a word on what to look at. All of it happens within this program. The last
 * line shows how a program tells errors apart: by the class, never by the text.
 */
import {
  ConnectionRefusedError,
  createConnection,
  createServer,
  Socket,
  SystemError,
  TimeoutError,
  UnreachableError,
  type IpAddress,
} from '@wireline/socket';

const HERE = { host: '127.0.0.1', port: 0 };
const NOBODYS = { host: '192.0.2.1', port: 0 }; // for documentation: RFC 5737
const BYTE = Uint8Array.of(1);

if (process.argv.length > 2) {
  console.error('usage: npm run example -- errors-by-name');
  process.exit(2);
}

try {
  using silent = new Socket();
  silent.bind(HERE); // it has the port, and does not listen
  using listener = createServer(HERE);
  provoke(silent.getsockname(), listener);
  console.log(`\n${advise(silent.getsockname())}, ${advise(listener.getsockname())}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region provoke
function provoke(nobody: IpAddress, listener: Socket): void {
  show('connect where nobody listens', () => createConnection(nobody));
  show('bind a port that is taken', () => createServer(listener.getsockname()));
  show('bind an address of another machine', () => createServer(NOBODYS));

  using client = createConnection(listener.getsockname());
  using peer = listener.accept().socket;
  client.setBlocking(false);
  show('receive what is not there yet', () => client.recv(1));
  client.setTimeout(100);
  show('wait for a silent peer', () => client.recv(1));

  peer.setsockopt('SO_LINGER', 0); // close() resets the connection, as a crash may
  peer.close();
  show('receive from a peer that crashed', () => client.recv(1));
  show('send to it', () => client.send(BYTE));
  client.close();
  show('use a socket that is closed', () => client.send(BYTE));
}
// #endregion provoke

function show(what: string, call: () => unknown): void {
  try {
    call();
  } catch (error) {
    const code = error instanceof SystemError ? `, errno ${error.errno}` : '';
    console.log(`${what}${code}\n  ${String(error)}`);
  }
}

// #region by-class
/** What to tell the user. */
function advise(address: IpAddress): string {
  try {
    createConnection(address, { timeoutMs: 2000 }).close();
    return 'it is up';
  } catch (error) {
    if (error instanceof ConnectionRefusedError) return 'its program does not run';
    if (error instanceof TimeoutError || error instanceof UnreachableError) return 'it is away';
    throw error; // what nobody expected is not hidden
  }
}
// #endregion by-class
