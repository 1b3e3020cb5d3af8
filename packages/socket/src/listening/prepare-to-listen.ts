/** What has to be done before a server binds. */
import type { Address, Family } from '../address/address.ts';
import type { CreateServerOptions } from '../connecting/create-options.ts';
import type { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { openLibc } from '../libc/library.ts';
import { removeLeftBehind } from './left-behind.ts';

/**
 * Does what has to be done before `bind`, so that a server that was just stopped does not stand in the way:
 * `createServer` does it by itself, whoever binds a {@link SocketDescriptor} calls it.
 */
export function prepareToListen(
  socket: SocketDescriptor<Family>,
  address: Address,
  options: CreateServerOptions = {},
): void {
  if (address.family === 'unix') {
    removeLeftBehind(openLibc(), address);
    return;
  }
  socket.setsockopt('SO_REUSEADDR', true);
  if (options.reusePort === true) socket.setsockopt('SO_REUSEPORT', true);
  // All interfaces means those of IPv4, too, whatever the system's default is.
  if (isIpv6Wildcard(address)) socket.setsockopt('IPV6_V6ONLY', false);
}

/** All interfaces, by either name. */
function isIpv6Wildcard(address: Address): boolean {
  return address.family === 'inet6' && (address.host === '::' || address.host === '');
}
