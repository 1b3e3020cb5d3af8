/**
 * `@wireline/socket/streams`: native sockets for what Node people already have.
 *
 * Either function moves the descriptor: the socket that is given is as good as closed afterwards.
 *
 * - {@link toNetSocket}: to Node, which reads and writes it as fast as its own.
 * - {@link toDuplex}: to a stream whose bytes go through the calls of this package.
 *
 * @example
 * ```ts
 * const site = http.createServer((request, response) => response.end('hello'));
 * site.emit('listening'); // it does not, but watches its time-outs from here on
 * await using server = await createServer({ host: '127.0.0.1', port: 8000 });
 * for (;;) {
 *   const { socket } = await server.accept();
 *   site.emit('connection', toNetSocket(socket));
 * }
 * ```
 */
export type { SocketDuplexOptions, StreamAddress } from './connection-stream.ts';
export type { StreamSource } from './hand-over.ts';
export { SocketDuplex } from './socket-duplex.ts';
export { toDuplex } from './to-duplex.ts';
export { toNetSocket, type NetSocketOptions } from './to-net-socket.ts';
