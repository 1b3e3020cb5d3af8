/**
 * The one wrapper around system calls.
 *
 * - Would-block is a value, {@link WOULD_BLOCK}: on a non-blocking socket it is news, not a failure.
 * - EINTR is retried: no call here waits, so a signal can only have come in between.
 * - Every other failure is thrown as the `SystemError` of its number, with the call's name and address.
 *
 * The error number is read at once after the call, before anything else can make one.
 */
import { systemError } from '../errors.ts';
import { ERRNO } from './errno.ts';
import type { Libc } from './libc.ts';

/** What a call answers that would have to wait: try again when the socket is ready. */
export const WOULD_BLOCK: unique symbol = Symbol('WOULD_BLOCK');
/** The type of {@link WOULD_BLOCK}. */
export type WouldBlock = typeof WOULD_BLOCK;

/**
 * Makes a call that can find nothing to do: `recv`, `send`, `accept4`.
 *
 * @throws SystemError for every failure but would-block and an interruption.
 */
export function tryCall(libc: Libc, name: string, call: () => number): number | WouldBlock {
  const result = call();
  return result >= 0 ? result : tryAgain(libc, name, call);
}

/**
 * What becomes of a call that was just made and failed. For the two calls of every message, which make the
 * first attempt themselves: without a function, and without a name for it.
 */
export function tryAgain(libc: Libc, name: string, call: () => number): number | WouldBlock {
  for (;;) {
    const errno = libc.errno();
    if (errno === ERRNO.EAGAIN) return WOULD_BLOCK;
    if (errno !== ERRNO.EINTR) throw systemError(name, errno);
    const result = call();
    if (result >= 0) return result;
  }
}

/**
 * Makes a call that never waits.
 *
 * @param address what the call was about, as the error message names it
 * @throws SystemError for every failure but an interruption.
 */
export function mustCall(libc: Libc, name: string, call: () => number, address?: string): number {
  for (;;) {
    const result = call();
    if (result >= 0) return result;
    const errno = libc.errno();
    if (errno !== ERRNO.EINTR) throw systemError(name, errno, address);
  }
}
