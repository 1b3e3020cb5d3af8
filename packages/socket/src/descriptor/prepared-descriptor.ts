/** What the descriptor of a socket is made from. */
import type { Family } from '../address/address.ts';
import { adopt } from './adopt.ts';
import type { SocketOptions } from '../call-options.ts';
import { openLibc } from '../libc/library.ts';
import type { SocketDescriptorOptions } from './owned-descriptor.ts';

/** One that comes from elsewhere is asked what it is, and prepared. */
export function preparedDescriptor<F extends Family>(
  options: SocketOptions<F>,
): SocketDescriptorOptions<F> {
  const { fd, family, type } = options;
  if (fd === undefined || (family !== undefined && type !== undefined)) return options;
  const libc = options.libc ?? openLibc();
  const kind = adopt(libc, fd);
  // Whoever gives a descriptor says by the type argument what it may be.
  return { libc, fd, type: kind.type, family: kind.family as F };
}
