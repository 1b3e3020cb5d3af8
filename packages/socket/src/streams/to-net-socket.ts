/**
 * toNetSocket: the descriptor moves to Node, which reads and writes it from then on as fast as its own.
 */
import { Socket as NetSocket } from 'node:net';
import { openLibc } from '../libc/library.ts';
import { takeDescriptor, type StreamSource } from './hand-over.ts';

/** Options of {@link toNetSocket}. */
export interface NetSocketOptions {
  /**
   * Whether the stream can still be written once the peer has sent its last byte. False unless told, as in
   * `node:net`: it ends by itself then.
   */
  readonly allowHalfOpen?: boolean;
  /** What was received already: it is read first. */
  readonly head?: Uint8Array;
}

/**
 * A `net.Socket` over the descriptor of `socket`: for `node:http`, `node:tls`, and whatever else takes Node's
 * sockets, at Node's full speed. Options that were set stay set.
 *
 * The descriptor moves: `socket` is as good as closed afterwards, and Node closes the descriptor. Calls of the
 * awaited face that wait on it fail with `SocketClosedError`. Options, TCP_INFO and queue depths are there
 * as before, through `attach`.
 *
 * A server of `node:http` that is given connections without listening watches none of its time-outs, and cannot
 * close its connections: `server.emit('listening')`, once and before, has it do both.
 *
 * @throws TypeError for a socket that carries messages, or listens; SocketClosedError. It keeps its descriptor then.
 *
 * @example
 * ```ts
 * const { socket } = await listener.accept();
 * httpServer.emit('connection', toNetSocket(socket));
 * ```
 */
export function toNetSocket(socket: StreamSource, options: NetSocketOptions = {}): NetSocket {
  const { allowHalfOpen = false, head } = options;
  const fd = takeDescriptor('toNetSocket', socket);
  let stream: NetSocket;
  try {
    stream = new NetSocket({ fd, readable: true, writable: true, allowHalfOpen });
  } catch (error) {
    openLibc().close(fd); // nobody has it
    throw error;
  }
  if (head !== undefined && head.length > 0) stream.unshift(head);
  return stream;
}
