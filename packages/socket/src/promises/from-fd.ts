/** Sockets over descriptors that stay somebody else's, awaited. */
import { overDuplicate } from '../descriptor/adopt.ts';
import { openLibc } from '../libc/library.ts';
import type { Family } from '../address/address.ts';
import type { SocketOptions } from './options.ts';
import { Socket } from './socket.ts';

/**
 * A socket over a duplicate of `fd`, which stays its owner's. See dup(2). `new Socket({ fd })` takes `fd`
 * itself. Either way the socket is non-blocking from then on, for its owner, too: the kernel keeps that with
 * the socket, not with the number.
 *
 * @throws BadDescriptorError when it is no open socket; UnsupportedError when it is one of another kind.
 */
export function fromFd(fd: number, options: Pick<SocketOptions, 'libc'> = {}): Socket<Family> {
  const libc = options.libc ?? openLibc();
  return overDuplicate(libc, fd, (copy) => new Socket<Family>({ fd: copy, libc }));
}
