/**
 * A chat: sockets and the keyboard in the three lists of `select`, with a time-out.
 *
 *   npm run example -- select-server 127.0.0.1 65432        in one terminal: what is typed there goes to everybody
 *   nc 127.0.0.1 65432                                      in two others: what one says, the others see
 *   npm run example -- select-server 127.0.0.1 65432 5      says so when nothing has happened for 5 seconds (30)
 *
 * It prints `127.0.0.1:50000 is here`, what each says, and who leaves. The third list tells of a byte of
 * urgent data (`MSG_OOB`). Ctrl-D ends the keyboard's part, Ctrl-C the server, with exit code 0.
 *
 * The lists are made anew for each call, and each call looks at all that is in them: right for a handful. For
 * thousands there are selectors, see `multiconn-server`.
 */
import { readSync } from 'node:fs';
import {
  BlockingIOError,
  createServer,
  formatAddress,
  InterruptedError,
  WOULD_BLOCK,
  type Socket,
} from '@wireline/socket';
import { select } from '@wireline/socket/selectors';

const KEYBOARD = 0; // a descriptor like any other
const MOST_CLIENTS = 100; // others wait until one leaves
const MOST_UNSENT = 1024 * 1024; // bytes for a client that does not read; then it is given up

interface Client {
  readonly name: string;
  unsent: Uint8Array;
}

const [host = '127.0.0.1', port = '65432', seconds = '30', ...more] = process.argv.slice(2);
if (more.length > 0 || !(Number(port) >= 0 && Number(port) <= 65535) || !(Number(seconds) > 0)) {
  console.error('usage: npm run example -- select-server [HOST] [PORT] [SECONDS]');
  process.exit(2);
}

const clients = new Map<Socket, Client>();
const buffer = new Uint8Array(65_536);
let isTyping = true;
process.on('SIGINT', () => {}); // a signal that has a handler ends `select` with InterruptedError
try {
  using server = createServer({ host, port: Number(port) });
  console.log(`listening on ${formatAddress(server.getsockname())}`);
  server.setBlocking(false);
  for (;;) chat(server);
} catch (error) {
  if (!(error instanceof InterruptedError)) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

// #region select-server
/** Waits once, and does what there is to do. */
function chat(server: Socket): void {
  const sockets = [...clients.keys()];
  const readers = [...sockets, ...(isTyping ? [KEYBOARD] : [])];
  if (sockets.length < MOST_CLIENTS) readers.push(server);
  const writers = sockets.filter((socket) => clients.get(socket)?.unsent.length);

  const [readable, writable, urgent] = select(readers, writers, sockets, Number(seconds) * 1000);
  for (const socket of urgent) attend(socket, hear);
  for (const what of readable) {
    if (typeof what === 'number') type();
    else if (what === server) welcome(server);
    else attend(what, listen);
  }
  for (const socket of writable) attend(socket, send);
  if (readable.length + writable.length + urgent.length > 0) return;
  console.log(`nothing happened for ${seconds} s; clients: ${clients.size}`);
}
// #endregion select-server

function welcome(server: Socket): void {
  try {
    const { socket, address } = server.accept();
    const name = formatAddress(address);
    clients.set(socket, { name, unsent: new Uint8Array(0) });
    console.log(`${name} is here`);
  } catch (error) {
    if (!(error instanceof BlockingIOError)) throw error; // readiness is a hint
  }
}

function type(): void {
  const bytes = buffer.subarray(0, readSync(KEYBOARD, buffer));
  isTyping = bytes.length > 0;
  tell(bytes);
}

/** Does it for a client, if it has not left; whose trouble is not that of the others. */
function attend(socket: Socket, work: (socket: Socket, client: Client) => void): void {
  const client = clients.get(socket);
  if (client === undefined) return;
  try {
    work(socket, client);
  } catch (error) {
    leave(socket, client, String(error));
  }
}

function listen(socket: Socket, client: Client): void {
  const count = socket.tryRecvInto(buffer);
  if (count === WOULD_BLOCK) return;
  if (count === 0) return leave(socket, client, 'said goodbye');
  const bytes = buffer.subarray(0, count);
  console.log(`${client.name}: ${show(bytes)}`);
  tell(bytes, socket);
}

function hear(socket: Socket, { name }: Client): void {
  console.log(`${name} urgently: ${show(socket.recv(1, { flags: 'MSG_OOB' }))}`);
}

function send(socket: Socket, client: Client): void {
  const count = socket.trySend(client.unsent);
  if (count !== WOULD_BLOCK) client.unsent = client.unsent.subarray(count);
}

/** Keeps `bytes` for everybody but `speaker`. They are sent when there is room. */
function tell(bytes: Uint8Array, speaker?: Socket): void {
  for (const [socket, client] of clients) {
    if (socket === speaker) continue;
    client.unsent = Buffer.concat([client.unsent, bytes]);
    if (client.unsent.length > MOST_UNSENT) leave(socket, client, 'does not listen');
  }
}

function leave(socket: Socket, { name }: Client, why: string): void {
  console.log(`${name} is gone: ${why}`);
  clients.delete(socket);
  socket.close();
}

/** The beginning as text, without anything that confuses a terminal. */
function show(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes.subarray(0, 60)));
}
