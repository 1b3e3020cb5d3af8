/** A listening socket in one call. */
import {
  isAddress,
  withoutLookUp,
  type Family,
  type IpFamily,
  type Where,
} from '../address/address.ts';
import type { CreateServerOptions } from '../connecting/create-options.ts';
import { openLibc } from '../libc/library.ts';
import { warnOfLoopbackName } from '../address/loopback-name.ts';
import { prepareToListen } from '../listening/prepare-to-listen.ts';
import { resolveWaiting } from '../names/resolve.ts';
import { Socket } from './socket.ts';

/**
 * A socket that is bound to `where` and listens: an empty host means all interfaces, port 0 lets the kernel
 * choose. A server that was just stopped does not stand in the way (SO_REUSEADDR, or the file of its Unix socket, which
 * is removed when nobody listens there), and `::` hears IPv4, too.
 *
 * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
 *
 * @example
 * ```ts
 * using server = createServer({ host: '127.0.0.1', port: 0 });
 * const { socket, address } = server.accept();
 * ```
 */
export function createServer(where: Where<IpFamily>, options?: CreateServerOptions): Socket;
export function createServer(where: Where<'unix'>, options?: CreateServerOptions): Socket<'unix'>;
export function createServer(where: Where, options?: CreateServerOptions): Socket<Family>;
export function createServer(where: Where, options: CreateServerOptions = {}): Socket<Family> {
  const place = withoutLookUp('bind', where);
  const address = isAddress(place)
    ? place
    : resolveWaiting(openLibc(), place.host, place.port, options)[0];
  warnOfLoopbackName(where, address);
  const socket = new Socket<Family>({ family: address.family });
  try {
    prepareToListen(socket, address, options);
    socket.bind(address);
    socket.listen(options.backlog);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
