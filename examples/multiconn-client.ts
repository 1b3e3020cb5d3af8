/**
 * Many connections at once to an echo server, in one thread with one selector.
 *
 *   npm run example -- multiconn-server 127.0.0.1 65432          in one terminal
 *   npm run example -- multiconn-client 127.0.0.1 65432          two connections, in another one
 *   npm run example -- multiconn-client 127.0.0.1 65432 10000    ten thousand
 *
 * Each sends two messages and waits for as many bytes to come back. It prints `starting connection 1`, `sending`,
 * `received` and `closing` with the bytes counted (of more than 20 connections nothing but the last line), and in
 * the end `10000 connections sent 490000 bytes and received as many in 1.2 s`. All stay open until the last one has
 * what it waits for. If one fails, a line says why, and the exit code is 1.
 *
 * Connecting is only begun, too: `connectEx` returns EINPROGRESS. That the socket is writable says that it is
 * decided, and SO_ERROR how.
 */
// #region multiconn-client
import { ERRNO, formatEndpoint, resolve, Socket, systemError, WOULD_BLOCK } from '@wireline/socket';
import type { IpAddress } from '@wireline/socket';
import { DefaultSelector, EVENT_READ, EVENT_WRITE } from '@wireline/socket/selectors';

const MESSAGES = ['This is the first message.', 'And this is the second.'];
const SIZE = MESSAGES.join('').length; // in bytes, too: it is ASCII
const MOST_WAITING = 100; // for an answer: the backlog of a server may be no more than 128
const MOST_PRINTED = 20;
const PATIENCE_MS = 10_000; // when nothing comes for so long, nothing will

interface Connection {
  readonly id: number;
  unsent: readonly Uint8Array[]; // messages; of the first one what has not gone yet
  isDecided: boolean; // whether connecting is
  received: number; // how many bytes
}

const selector = new DefaultSelector<Connection, Socket>();
const finished = new Map<Socket, Connection>();
const buffer = new Uint8Array(4096);

// #endregion multiconn-client
const [host = '', port = '', n = '2', ...more] = process.argv.slice(2);
const server = { host, port: Number(port) };
const count = Number(n);
const isUsed = host !== '' && server.port >= 1 && server.port <= 65535 && /^[1-9]\d*$/.test(n);
if (!isUsed || more.length > 0) {
  console.error('usage: npm run example -- multiconn-client HOST PORT [N]');
  process.exit(2);
}
const print = count > MOST_PRINTED ? () => {} : console.log;

try {
  const began = performance.now();
  await run();
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  const bytes = count * SIZE;
  console.log(`${count} connections sent ${bytes} bytes and received as many in ${seconds} s`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region multiconn-client
async function run(): Promise<void> {
  const [address] = await resolve(server.host, server.port);
  for (let started = 0; finished.size < count;) {
    while (started < count && selector.size < MOST_WAITING) start(++started, address);
    const ready = selector.select(PATIENCE_MS);
    if (ready.length === 0) throw new Error(`receive: nothing came for ${PATIENCE_MS / 1000} s`);
    for (const { key, events } of ready) serve(key.fileObject, key.data, events);
  }
  for (const [socket, { id, received }] of finished) {
    print(`closing connection ${id}: ${received} bytes came back`);
    socket.close();
  }
}

// #region start
function start(id: number, address: IpAddress): void {
  print(`starting connection ${id} to ${formatEndpoint(server)}`);
  const socket = new Socket({ family: address.family });
  socket.setBlocking(false);
  check(socket.connectEx(address));
  const unsent = MESSAGES.map((text) => new TextEncoder().encode(text));
  selector.register(socket, 'read-write', { id, unsent, isDecided: false, received: 0 });
}

/** Throws when connecting has failed. */
function check(errno: number): void {
  if (errno === 0 || errno === ERRNO.EINPROGRESS) return;
  throw systemError('connect', errno, formatEndpoint(server));
}
// #endregion start

function serve(socket: Socket, connection: Connection, events: number): void {
  if (!connection.isDecided) check(socket.getsockopt('SO_ERROR'));
  connection.isDecided = true;
  if ((events & EVENT_WRITE) !== 0) send(socket, connection);
  if ((events & EVENT_READ) !== 0) receive(socket, connection);
}

function send(socket: Socket, connection: Connection): void {
  const [message = buffer.subarray(0, 0), ...others] = connection.unsent;
  const count = socket.trySend(message);
  if (count === WOULD_BLOCK) return;
  print(`sending ${count} bytes over connection ${connection.id}`);
  connection.unsent = count < message.length ? [message.subarray(count), ...others] : others;
  if (connection.unsent.length === 0) selector.modify(socket, 'read');
}

function receive(socket: Socket, connection: Connection): void {
  const count = socket.tryRecvInto(buffer);
  if (count === WOULD_BLOCK) return;
  connection.received += count;
  print(`received ${count} bytes over connection ${connection.id}`);
  if (count === 0) throw new Error(`receive: the server closed after ${connection.received} bytes`);
  if (connection.received >= SIZE) {
    selector.unregister(socket);
    finished.set(socket, connection); // and stays open
  }
}
// #endregion multiconn-client
