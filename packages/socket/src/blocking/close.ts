/** Closing what is a number only. */
import { checkDescriptor } from '../descriptor/adopt.ts';
import { systemError } from '../errors.ts';
import { openLibc } from '../libc/library.ts';

/**
 * Closes a bare descriptor: one that `recvFds` gave, or `detach`. Sockets close themselves. See close(2).
 *
 * In a worker this is the way, and not `fs.closeSync`: what is open there is closed when the worker ends, and only
 * who is told that a number is free does not close it for somebody else.
 *
 * @throws BadDescriptorError when it is not open; RangeError when it is no descriptor.
 *
 * @example
 * ```ts
 * const { fds } = socket.recvFds(1, 4);
 * for (const fd of fds) close(fd);
 * ```
 */
export function close(fd: number): void {
  checkDescriptor(fd);
  const libc = openLibc();
  // Whatever else it answers, the descriptor is gone: close(2) says that it must not be repeated.
  if (libc.close(fd) < 0) throw systemError('close', libc.errno(), `descriptor ${fd}`);
}
