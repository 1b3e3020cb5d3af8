/** Waiting, in the event loop, for a connect that is under way. */
import { formatAddress, type AddressOf, type Family } from '../address/address.ts';
import { SocketClosedError, systemError, type SystemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import { finishConnect } from '../connecting/finish-connect.ts';
import { WOULD_BLOCK } from '../libc/syscall.ts';
import type { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import type { EventLoop } from './event-loop.ts';

/** Who hears how connecting went, once. */
export interface ConnectHandler {
  /** With the error number, 0 for none. */
  onDecided(errno: number): void;
  /** Nobody will be told: the event loop was closed, or the wait interrupted. */
  onLost(error: SocketClosedError | SystemError): void;
}

/**
 * Tells `handler` once the kernel has decided.
 *
 * @returns a function that takes it back: before the socket is closed
 * @throws SystemError when the loop cannot watch the socket.
 */
export function whenConnected<F extends Family>(
  loop: EventLoop,
  { socket, address }: { readonly socket: SocketDescriptor<F>; readonly address: AddressOf<F> },
  handler: ConnectHandler,
): () => void {
  const registration = loop.register(socket.fileno(), 'write', {
    onReady() {
      const errno = finishConnect(socket, address);
      if (errno === WOULD_BLOCK) return;
      registration.unregister();
      handler.onDecided(errno);
    },
    onLoopClosed: () => handler.onLost(new SocketClosedError('connect')),
    onInterrupted: () => handler.onLost(interrupted(formatAddress(address))),
  });
  return () => registration.unregister();
}

function interrupted(address: string): SystemError {
  return systemError('connect', ERRNO.EINTR, address, 'interrupted, and given up');
}
