/** A wait that a signal ends: for promises of others that cannot be aborted. */
import { systemClock } from '../event-loop/clock.ts';
import { withDeadline } from '../event-loop/with-deadline.ts';

/**
 * Waits for `promise`, but no longer than the signal allows. What the promise does later is nobody's business any
 * more.
 *
 * @throws the reason of the signal.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return withDeadline(promise, {
    clock: systemClock,
    timeoutMs: Infinity,
    signal,
    onTimeout: () => new Error('wait for ever: it is over'),
  });
}
