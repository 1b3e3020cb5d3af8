/** Examples under test: started as users start them, but without npm in between; and what talks to them. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Program, type Outcome } from '../support/program.ts';

/** Starts an example. */
export function start(name: string, ...args: readonly string[]): Program {
  return Program.run(process.execPath, 'scripts/example.mjs', name, ...args);
}

/** Runs an example to its end. */
export async function run(name: string, ...args: readonly string[]): Promise<Outcome> {
  await using program = start(name, ...args);
  return await program.exited();
}

/** A server of Node's, and its port. */
export interface Peer extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
}

/** Starts a server of Node's that gives each connection to `serve`. */
export async function listen(
  serve: (socket: Socket) => void,
  host: string = '127.0.0.1',
): Promise<Peer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {}); // the example may be killed
    serve(socket);
  });
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo; // it listens at an address, not at a path
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  };
  return { server, port, [Symbol.asyncDispose]: close };
}

/** A port at which nothing listens: it was somebody's until now. */
export async function freePort(): Promise<number> {
  await using peer = await listen(() => {});
  return peer.port;
}

/** Connects with Node, sends `bytes` and the end, and resolves to all that comes back. */
export async function exchange(host: string, port: number, bytes: Uint8Array): Promise<Buffer> {
  const socket = connect({ host, port, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

/** Whether this machine has IPv6. */
export const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
