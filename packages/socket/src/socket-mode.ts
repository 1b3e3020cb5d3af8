/** Blocking, non-blocking, timed: what both faces of a socket make of a call that would have to wait. */
import type { Family } from './address/address.ts';
import { systemError, type SystemError } from './errors.ts';
import { ERRNO } from './libc/errno.ts';
import type { SocketType } from './descriptor/socket-type.ts';

/**
 * Checks a time-out in milliseconds; `null` for ever, 0 for not at all.
 *
 * @throws RangeError when it is negative or no number.
 */
export function checkTimeout(ms: number | null): number | null {
  if (ms === null || (typeof ms === 'number' && ms >= 0)) return ms === Infinity ? null : ms;
  throw new RangeError(`setTimeout ${ms} ms: expected a number of at least 0, or null for ever`);
}

/**
 * How long a sender rests whose socket is writable and yet cannot send: short beside what a receiver's queue takes to
 * drain, long beside the microseconds of an attempt.
 */
export const SEND_REST_MS = 5;

/**
 * Whether being writable may mean nothing: the kernel looks at the sender's buffer only, and the queue of the Unix
 * datagram socket that it sends to may be full. Who waits for that would be woken for ever.
 */
export function isWritableInVain({
  family,
  type,
}: {
  readonly family: Family;
  readonly type: SocketType;
}): boolean {
  return family === 'unix' && type === 'dgram';
}

/** Whether an error number of connect says that the attempt goes on: this one, or an earlier one. */
export function isUnderWay(errno: number): boolean {
  return errno === ERRNO.EINPROGRESS || errno === ERRNO.EALREADY || errno === ERRNO.EINTR;
}

/** What a call throws that may not wait and would have to: a `BlockingIOError`. */
export function wouldBlock(attempt: string): SystemError {
  return systemError(attempt, ERRNO.EAGAIN);
}

/** What a call throws whose time is over: a `TimeoutError`. */
export function timedOut(attempt: string, ms: number | null, address?: string): SystemError {
  return systemError(
    attempt,
    ERRNO.ETIMEDOUT,
    address,
    `nothing happened within ${ms} ms; setTimeout says how long to wait`,
  );
}
