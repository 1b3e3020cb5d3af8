/**
 * What `createConnection` throws when no address answered: the class that says why, where there is one reason.
 *
 * A program that catches `ConnectionRefusedError` has to catch it for `localhost`, too, whether that stands for one
 * address or for two. So:
 *
 * - No address was tried: a `TimeoutError`, because the look-up of the name took all of the time.
 * - One address: the very error of its attempt.
 * - The time was over: a `TimeoutError`, whatever attempts failed before.
 * - All attempts failed with the same error: that one, for all of them. Those that could not leave this machine,
 *   because it has no address or no route of that family, say nothing about the peer and are passed over, unless
 *   all are such.
 * - Otherwise: the `ConnectionFailedError`, which in the two cases before is the `cause`.
 *
 * The message tells every attempt.
 */
import { systemError, type SystemError } from '../errors.ts';
import { describeAttempts, type ConnectionFailedError } from '../errors/connection-failed-error.ts';
import { explain } from '../errors/explanations.ts';
import { ERRNO, errnoName } from '../libc/errno.ts';
import { lookUpTooLong } from '../names/name-errors.ts';

/** No way out of this machine: no route, no local address, no such family. */
const NO_WAY_OUT: ReadonlySet<number> = new Set([
  ERRNO.ENETUNREACH,
  ERRNO.EADDRNOTAVAIL,
  ERRNO.EAFNOSUPPORT,
]);

/** The error to throw for what `failed` tells. `target` is what was to be connected to, `localhost:80`. */
export function connectFailure(failed: ConnectionFailedError, target: string): Error {
  const { attempts, errors } = failed;
  if (attempts.length === 0) return lookUpTooLong('connect', target);
  const [only] = errors;
  if (attempts.length === 1 && only !== undefined) return only;
  const reason = attempts.findLast(({ outcome }) => outcome === 'timed-out')?.error ?? same(errors);
  if (reason === undefined) return failed;
  const { syscall, errno, code } = reason;
  const explanation = `${explain(syscall, errnoName(errno))}; ${describeAttempts(attempts, code)}`;
  const error = systemError(syscall, errno, target, explanation);
  // As `new Error` does it with its option: not among the facts.
  return Object.defineProperty(error, 'cause', { value: failed, writable: true });
}

/** The error that all have, but those that could not leave this machine. */
function same(errors: readonly SystemError[]): SystemError | undefined {
  const left = errors.filter(({ errno }) => !NO_WAY_OUT.has(errno));
  const [first, ...others] = left.length === 0 ? errors : left;
  return others.every(({ errno }) => errno === first?.errno) ? first : undefined;
}
