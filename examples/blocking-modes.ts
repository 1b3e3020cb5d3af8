/**
 * What a call does when nothing is there: wait, refuse to, or wait for a while.
 *
 *   npm run example -- blocking-modes
 *
 * To be seen: `BlockingIOError` of a socket that may not wait, `TimeoutError` of one that may wait 100 ms, connecting
 * that is only begun (EINPROGRESS) and ends well or badly, and the awaited face, which waits while the rest of the
 * program goes on. A socket that is told nothing waits for ever: that is the one mode that is not shown.
 */
import { createServer, errnoName, Socket, type IpAddress } from '@wireline/socket';
import * as promises from '@wireline/socket/promises';
import { select } from '@wireline/socket/selectors';

if (process.argv.length > 2) {
  console.error('usage: npm run example -- blocking-modes');
  process.exit(2);
}

try {
  showModes();
  showConnecting();
  await showAwaited();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region modes
function showModes(): void {
  using listener = createServer({ host: '127.0.0.1', port: 0 });
  listener.setBlocking(false);
  attempt(() => listener.accept()); // nobody has connected

  using socket = new Socket();
  socket.connect(listener.getsockname());
  socket.setBlocking(false);
  attempt(() => socket.recv(1)); // the peer has sent nothing

  socket.setTimeout(100);
  attempt(() => socket.recv(1));
}

function attempt(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    console.log(String(error));
  }
}
// #endregion modes

// #region connecting
function showConnecting(): void {
  using listener = createServer({ host: '127.0.0.1', port: 0 });
  connectSlowly('somebody listens', listener.getsockname());

  using silent = new Socket();
  silent.bind({ host: '127.0.0.1', port: 0 }); // it has the port, and does not listen
  connectSlowly('nobody listens', silent.getsockname());
}

function connectSlowly(what: string, address: IpAddress): void {
  using socket = new Socket();
  socket.setBlocking(false);
  const begun = socket.connectEx(address); // a number instead of an error; 0 is success
  select([], [socket], [], 5000); // writable: it is decided
  const decided = socket.getsockopt('SO_ERROR');
  console.log(`${what}: connectEx ${nameOf(begun)}, SO_ERROR ${nameOf(decided)}`);
}

function nameOf(errno: number): string {
  return errno === 0 ? '0' : `${errno} (${errnoName(errno)})`;
}
// #endregion connecting

// #region awaited
async function showAwaited(): Promise<void> {
  const [here, there] = promises.socketpair();
  await using sender = here;
  await using receiver = there;
  const received = receiver.recv(100); // waits, and does not block
  console.log('awaited: recv is waiting, and this line is printed all the same');
  await sender.sendAll(new TextEncoder().encode('hello'));
  console.log(`awaited: received ${new TextDecoder().decode(await received)}`);
}
// #endregion awaited
