/**
 * `@wireline/socket/promises`: the sockets of `@wireline/socket`, awaited.
 *
 * The same names. What can wait returns a promise and takes a signal; any number of sockets wait at the same
 * time, in this thread's event loop. Errors, options and addresses are those of `@wireline/socket`.
 *
 * @example
 * ```ts
 * await using server = await createServer({ host: '127.0.0.1', port: 65432 });
 * for (;;) {
 *   const { socket } = await server.accept();
 *   void echo(socket);
 * }
 *
 * async function echo(connection: Socket): Promise<void> {
 *   await using socket = connection;
 *   for await (const chunk of socket) await socket.sendAll(chunk);
 * }
 * ```
 */
export type { CreateServerOptions } from '../connecting/create-options.ts';
export type { ReadLimit, SocketFileOptions } from '../file/options.ts';
export type { SocketpairOptions } from '../descriptor/open-pair.ts';
export { getHostname } from '../address/hostname.ts';
export { createConnection, type CreateConnectionOptions } from './create-connection.ts';
export { createServer } from './create-server.ts';
export { fromFd } from './from-fd.ts';
export { getaddrinfo, type AddressInfoOptions } from './getaddrinfo.ts';
export { getnameinfo } from './getnameinfo.ts';
export type { AwaitedLookup } from './look-up.ts';
export type {
  ChunksOptions,
  ReceiveIntoOptions,
  ReceiveMessageOptions,
  ReceiveOptions,
  SendAllOptions,
  SendOptions,
  SocketOptions,
  WaitOptions,
} from './options.ts';
export { Socket } from './socket.ts';
export { socketpair } from './socketpair.ts';
export { SocketFile, type AwaitedStream, type FileOptions } from './socket-file.ts';
