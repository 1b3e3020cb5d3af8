/**
 * Handing a descriptor over to a stream: which sockets can be, and how it leaves the one that had it.
 *
 * Whatever is wrong is found before the descriptor moves: who gets an error still has his socket.
 */
import type { Family } from '../address/address.ts';
import type { SocketControls } from '../descriptor/socket-controls.ts';
import type { SocketType } from '../descriptor/socket-type.ts';
import { SocketClosedError } from '../errors.ts';

/** A socket that a stream can be made of: `Socket` of either face, or a `SocketDescriptor`. */
export interface StreamSource extends Pick<SocketControls, 'getsockopt'> {
  readonly family: Family;
  readonly type: SocketType;
  readonly closed: boolean;
  /** Gives the descriptor away; see `SocketDescriptor.detach`. */
  detach(): number;
}

/**
 * Takes the descriptor out of `socket`, which is as good as closed then.
 *
 * @throws TypeError when it carries messages, or listens; SocketClosedError when it is closed already.
 */
export function takeDescriptor(attempt: string, socket: StreamSource): number {
  if (socket.closed) throw new SocketClosedError(attempt);
  if (socket.type !== 'stream') {
    throw new TypeError(
      `${attempt}: a ${socket.type} socket carries messages, which a stream would run together; use one of type stream`,
    );
  }
  if (socket.getsockopt('SO_ACCEPTCONN')) {
    throw new TypeError(
      `${attempt}: the socket listens; accept, and make a stream of each connection, or have Node accept: net.Server.listen({ fd: socket.detach() })`,
    );
  }
  return socket.detach();
}
