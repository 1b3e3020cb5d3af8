/** How connecting went, once the socket is writable. */
import type { AddressOf, Family } from '../address/address.ts';
import { ERRNO } from '../libc/errno.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import type { SocketDescriptor } from '../descriptor/socket-descriptor.ts';

/**
 * The error number of connecting, 0 for none; `WOULD_BLOCK` when it is not decided yet. The same call once more
 * answers that, as `SO_ERROR` does; unlike that, it leaves the socket as a connect that waited would have:
 * connected, so that the next one is EISCONN, or free for another attempt.
 */
export function finishConnect<F extends Family>(
  socket: SocketDescriptor<F>,
  address: AddressOf<F>,
): number | WouldBlock {
  const errno = socket.tryConnectEx(address);
  if (errno === ERRNO.EALREADY || errno === ERRNO.EINPROGRESS) return WOULD_BLOCK;
  return errno === ERRNO.EISCONN ? 0 : errno;
}
