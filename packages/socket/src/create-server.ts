/** A listening socket in one call. */
import { isAddress, type Address, type Endpoint } from './address.ts';
import type { CreateServerOptions } from './create-options.ts';
import { openLibc } from './libc/library.ts';
import { warnOfLoopbackName } from './loopback-name.ts';
import { resolveWaiting } from './resolve.ts';
import type { SocketDescriptor } from './socket-descriptor.ts';
import { Socket } from './socket.ts';

/**
 * A socket that is bound to `where` and listens: an empty host means all interfaces, port 0 lets the kernel
 * choose. A server that was just stopped does not stand in the way (SO_REUSEADDR), and `::` hears IPv4, too.
 *
 * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
 *
 * @example
 * ```ts
 * using server = createServer({ host: '127.0.0.1', port: 0 });
 * const { socket, address } = server.accept();
 * ```
 */
export function createServer(where: Address | Endpoint, options: CreateServerOptions = {}): Socket {
  const [address] = isAddress('bind', where)
    ? [where]
    : resolveWaiting(openLibc(), where.host, where.port, options);
  warnOfLoopbackName(where.host, address);
  const socket = new Socket({ family: address.family });
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

/** All interfaces, by either name. */
function isIpv6Wildcard({ family, host }: Address): boolean {
  return family === 'inet6' && (host === '::' || host === '');
}

/** Sets what has to be set before `bind`. */
export function prepareToListen(
  socket: SocketDescriptor,
  address: Address,
  options: CreateServerOptions,
): void {
  socket.setsockopt('SO_REUSEADDR', true);
  if (options.reusePort === true) socket.setsockopt('SO_REUSEPORT', true);
  // All interfaces means those of IPv4, too, whatever the system's default is.
  if (isIpv6Wildcard(address)) socket.setsockopt('IPV6_V6ONLY', false);
}
