/** A listening socket in one call, awaited: the name of the host may have to be looked up. */
import type { Address, Endpoint } from '../address.ts';
import type { CreateServerOptions } from '../create-options.ts';
import { prepareToListen } from '../create-server.ts';
import { warnOfLoopbackName } from '../loopback-name.ts';
import { lookUp } from './look-up.ts';
import type { WaitOptions } from './options.ts';
import { Socket } from './socket.ts';

/**
 * A socket that is bound to `where` and listens: an empty host means all interfaces, port 0 lets the kernel
 * choose. A server that was just stopped does not stand in the way (SO_REUSEADDR), and `::` hears IPv4, too.
 *
 * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
 *
 * @example
 * ```ts
 * await using server = await createServer({ host: '127.0.0.1', port: 0 });
 * const { socket, address } = await server.accept();
 * ```
 */
export async function createServer(
  where: Address | Endpoint,
  options: CreateServerOptions & WaitOptions = {},
): Promise<Socket> {
  const [address] = await lookUp(where, { attempt: 'bind', ...options });
  warnOfLoopbackName(where.host, address);
  const socket = new Socket({ family: address.family });
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
