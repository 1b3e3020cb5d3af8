/** Two connected sockets in one call. */
import { openPair, type SocketpairOptions } from '../descriptor/open-pair.ts';
import { Socket } from './socket.ts';

/**
 * Two Unix sockets without a name, connected to each other; both must be closed. What one sends the other receives.
 * See socketpair(2).
 *
 * @throws ResourceExhaustedError when no descriptors are left; TypeError for an unknown type.
 *
 * @example
 * ```ts
 * const [one, other] = socketpair();
 * one.sendAll(new TextEncoder().encode('hello'));
 * console.log(other.recv(5));
 * one.close();
 * other.close();
 * ```
 */
export function socketpair(
  options: SocketpairOptions = {},
): [one: Socket<'unix'>, other: Socket<'unix'>] {
  return openPair(options, (descriptor) => new Socket(descriptor));
}
