/**
 * Passing descriptors over a Unix socket: what `sendFds` and `recvFds` of both faces share.
 *
 * The rule: descriptors that come belong to whoever asked for them, or they are closed. When more came than were
 * asked for, all are closed, since half of a gift is no gift; what did not fit the kernel has thrown away.
 *
 * The room for them is shared: a socket with SO_PASSCRED gets the sender's credentials first.
 */
import {
  CREDENTIALS_LENGTH,
  descriptorsLength,
  descriptorsOf,
  type ControlMessage,
  type DescriptorsMessage,
} from './control-message.ts';
import { DescriptorsLostError } from '../errors.ts';
import { controlLength, controlSpace } from '../libc/control-messages.ts';
import type { Libc } from '../libc/libc.ts';
import type { ReceivedFlag } from './message-flags.ts';

/** Bytes, and descriptors that came with them. */
export interface ReceivedDescriptors {
  /** The caller's own. */
  readonly bytes: Uint8Array;
  /** New, close-on-exec, and the caller's to close. */
  readonly fds: readonly number[];
}

/** What `sendMsg` is to send. */
export function descriptorsMessage(
  bytes: Uint8Array,
  fds: readonly number[],
): { readonly parts: readonly Uint8Array[]; readonly control: readonly [DescriptorsMessage] } {
  return { parts: [bytes], control: [{ type: 'SCM_RIGHTS', fds }] };
}

/**
 * How much room for control messages `maxFds` descriptors take, behind credentials.
 *
 * @throws RangeError when it is more than a message carries, or no number.
 */
export function roomFor(maxFds: number): number {
  return controlSpace(CREDENTIALS_LENGTH) + controlLength(descriptorsLength(maxFds));
}

/**
 * What `recvFds` gives of a message that came.
 *
 * @throws DescriptorsLostError when some were lost; none is left open then.
 */
export function takeDescriptors(
  libc: Libc,
  message: {
    readonly bytes: Uint8Array;
    readonly control: readonly ControlMessage[];
    readonly flags: readonly ReceivedFlag[];
  },
  maxFds: number,
): ReceivedDescriptors {
  const { bytes, flags } = message;
  const fds = descriptorsOf(message.control);
  // Without credentials there is room for more than were asked for.
  if (fds.length <= maxFds && !flags.includes('MSG_CTRUNC')) return { bytes, fds };
  for (const fd of fds) libc.close(fd);
  throw new DescriptorsLostError(maxFds, bytes);
}
