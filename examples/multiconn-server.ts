/**
 * Echoes to many connections at once, in one thread with a selector.
 *
 *   npm run example -- multiconn-server 127.0.0.1 65432       in one terminal
 *   npm run example -- multiconn-client 127.0.0.1 65432 10    in another one: ten connections at once
 *   nc 127.0.0.1 65432                                        in a third; type lines, Ctrl-C ends it
 *
 * It prints `accepted connection from 127.0.0.1:50000`, `echoing 18 bytes to` it, `closing connection to` it and how
 * many bytes it got; not of more than 20 connections at a time, for there may be thousands. Ctrl-C ends it, with
 * exit code 0 and the totals. Port 0 is a free one, and the host `''` all interfaces.
 *
 * No call waits but `select`. What is to be known of a connection between two of its events is the data of its key.
 * So one that is slow or silent costs no more than that; but a long computation would hold up everybody: for those
 * there are `threaded-server` and `process-server`.
 */
// #region multiconn-server
import {
  createServer,
  formatAddress,
  InterruptedError,
  ResourceExhaustedError,
  WOULD_BLOCK,
  type Socket,
} from '@wireline/socket';
import { DefaultSelector, EVENT_READ, EVENT_WRITE } from '@wireline/socket/selectors';

interface Connection {
  readonly peer: string;
  readonly isPrinted: boolean;
  outgoing: Uint8Array; // what came and has not gone back yet
  echoed: number; // how many bytes have gone back
}

const PRINTED = 20;
const selector = new DefaultSelector<Connection | undefined, Socket>();
const buffer = new Uint8Array(65_536);
const resting: Socket[] = []; // the listener, while there is no descriptor for another connection
const total = { connections: 0, most: 0, bytes: 0 };

// #endregion multiconn-server
const [host = '127.0.0.1', port = '65432', ...more] = process.argv.slice(2);
if (more.length > 0 || !(Number(port) >= 0 && Number(port) <= 65535)) {
  console.error('usage: npm run example -- multiconn-server [HOST] [PORT]');
  process.exit(2);
}

// #region multiconn-server
process.on('SIGINT', () => {}); // a signal that has a handler ends `select` with InterruptedError
try {
  using listener = createServer({ host, port: Number(port) });
  console.log(`listening on ${formatAddress(listener.getsockname())}`);
  // #region loop
  selector.register(listener, 'read'); // the only key without data
  for (;;) {
    for (const { key, events } of selector.select()) {
      if (key.data === undefined) accept(listener);
      else serve(key.fileObject, key.data, events);
    }
  }
  // #endregion loop
} catch (error) {
  if (error instanceof InterruptedError) {
    const { bytes, connections, most } = total;
    console.log(`echoed ${bytes} bytes to ${connections} connections, at most ${most} at a time`);
  } else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

function accept(listener: Socket): void {
  try {
    const accepted = listener.tryAccept();
    if (accepted === WOULD_BLOCK) return; // readiness is a hint
    const peer = formatAddress(accepted.address);
    const isPrinted = selector.size <= PRINTED;
    const connection = { peer, isPrinted, outgoing: new Uint8Array(0), echoed: 0 };
    selector.register(accepted.socket, 'read', connection);
    total.connections++;
    total.most = Math.max(total.most, selector.size - 1); // the listener is one, too
    if (isPrinted) console.log(`accepted connection from ${peer}`);
  } catch (error) {
    console.log(`accept: ${String(error)}`); // the trouble of one is not that of the others
    if (!(error instanceof ResourceExhaustedError)) return;
    // The connection waits for a descriptor. Until one is closed, its readiness is of no use.
    if (selector.size === 1) throw error;
    resting.push(selector.unregister(listener).fileObject);
  }
}

function serve(socket: Socket, connection: Connection, events: number): void {
  try {
    if ((events & EVENT_READ) !== 0) receive(socket, connection);
    if ((events & EVENT_WRITE) !== 0) send(socket, connection);
  } catch (error) {
    close(socket, connection, String(error));
  }
}

// #region exchange
function receive(socket: Socket, connection: Connection): void {
  const count = socket.tryRecvInto(buffer);
  if (count === WOULD_BLOCK) return;
  if (count === 0) return close(socket, connection, `${connection.echoed} bytes`);
  if (connection.isPrinted) console.log(`echoing ${count} bytes to ${connection.peer}`);
  connection.outgoing = buffer.slice(0, count);
  // Nothing more is read before this is sent: who does not take the echo is not listened to.
  selector.modify(socket, 'write');
}

function send(socket: Socket, connection: Connection): void {
  const count = socket.trySend(connection.outgoing);
  if (count === WOULD_BLOCK) return;
  connection.outgoing = connection.outgoing.subarray(count);
  connection.echoed += count;
  total.bytes += count;
  if (connection.outgoing.length === 0) selector.modify(socket, 'read');
}
// #endregion exchange

function close(socket: Socket, { peer, isPrinted }: Connection, why: string): void {
  if (isPrinted) console.log(`closing connection to ${peer}: ${why}`);
  selector.unregister(socket); // before it is closed
  socket.close();
  for (const listener of resting.splice(0)) selector.register(listener, 'read');
}
// #endregion multiconn-server
