/** Blocking, non-blocking, timed: what both faces of a socket make of a call that would have to wait. */
import { systemError, type SystemError } from './errors.ts';
import { ERRNO } from './libc/errno.ts';

/**
 * Checks a time-out in milliseconds; `null` for ever, 0 for not at all.
 *
 * @throws RangeError when it is negative or no number.
 */
export function checkTimeout(ms: number | null): number | null {
  if (ms === null || (typeof ms === 'number' && ms >= 0)) return ms === Infinity ? null : ms;
  throw new RangeError(`setTimeout ${ms} ms: expected a number of at least 0, or null for ever`);
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
