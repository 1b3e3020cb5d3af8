/** A listening socket in one call, awaited: the name of the host may have to be looked up. */
import type { Family, IpFamily, Where } from '../address/address.ts';
import type { CreateServerOptions } from '../connecting/create-options.ts';
import { prepareToListen } from '../listening/prepare-to-listen.ts';
import { warnOfLoopbackName } from '../address/loopback-name.ts';
import { lookUp } from './look-up.ts';
import type { WaitOptions } from './options.ts';
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
 * await using server = await createServer({ host: '127.0.0.1', port: 0 });
 * const { socket, address } = await server.accept();
 * ```
 */
export function createServer(
  where: Where<IpFamily>,
  options?: CreateServerOptions & WaitOptions,
): Promise<Socket>;
export function createServer(
  where: Where<'unix'>,
  options?: CreateServerOptions & WaitOptions,
): Promise<Socket<'unix'>>;
export function createServer(
  where: Where,
  options?: CreateServerOptions & WaitOptions,
): Promise<Socket<Family>>;
export async function createServer(
  where: Where,
  options: CreateServerOptions & WaitOptions = {},
): Promise<Socket<Family>> {
  const [address] = await lookUp(where, { attempt: 'bind', ...options });
  warnOfLoopbackName(where, address);
  const socket = new Socket<Family>({ family: address.family });
  try {
    prepareToListen(socket, address, options);
    await socket.bind(address);
    socket.listen(options.backlog);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
