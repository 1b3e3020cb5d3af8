/**
 * toDuplex: a native socket as a stream of Node's, its bytes still received and sent by the event loop here.
 */
import type { Family } from '../address/address.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { currentEventLoop } from '../event-loop/event-loop.ts';
import { openLibc } from '../libc/library.ts';
import type { SocketDuplexOptions } from './connection-stream.ts';
import { takeDescriptor, type StreamSource } from './hand-over.ts';
import { SocketDuplex } from './socket-duplex.ts';

/**
 * A `stream.Duplex` over the descriptor of `socket`: for `node:http`, `node:tls`, `pipeline`, and through
 * `Duplex.toWeb` for web streams. It has what these ask of a `net.Socket`: time-outs, addresses, counters.
 *
 * The descriptor moves: `socket` is as good as closed afterwards, and the stream closes the descriptor when it
 * is destroyed, or over in both directions. Calls of the awaited face that wait on it fail with
 * `SocketClosedError`. {@link toNetSocket} is the faster one; here the bytes go through the calls of this package.
 *
 * A server of `node:http` that is given connections without listening watches none of its time-outs, and cannot
 * close its connections: `server.emit('listening')`, once and before, has it do both.
 *
 * @throws TypeError for a socket that carries messages, or listens; RangeError for a high-water mark that is none;
 * SocketClosedError. The socket keeps its descriptor then.
 *
 * @example
 * ```ts
 * const socket = await createConnection({ host: 'localhost', port: 443 });
 * const secure = tls.connect({ socket: toDuplex(socket), servername: 'localhost' });
 * ```
 */
export function toDuplex(socket: StreamSource, options: SocketDuplexOptions = {}): SocketDuplex {
  const { family } = socket;
  const { libc = openLibc(), loop = currentEventLoop() } = options;
  const take = (): SocketDescriptor<Family> => {
    const fd = takeDescriptor('toDuplex', socket);
    return new SocketDescriptor<Family>({ family, fd, libc });
  };
  return new SocketDuplex(take, { ...options, libc, loop });
}
