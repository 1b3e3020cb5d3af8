/**
 * A wait that ends: for promises of others that have no time-out and cannot be aborted.
 */
import { whenAborted } from './abort-listeners.ts';
import type { Clock, Timer } from './clock.ts';

const NOT_STARTED: Timer = { restart: () => {}, cancel: () => {} };

/** When to stop waiting. */
export interface Deadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Makes the error of the time-out. */
  readonly onTimeout: () => Error;
}

/**
 * Waits for `promise`, but no longer than the deadline or the signal allows. What the promise does later
 * is nobody's business any more.
 *
 * @throws the error of `onTimeout`, the reason of the signal, or RangeError for a time that is none.
 */
export function withDeadline<T>(promise: Promise<T>, deadline: Deadline): Promise<T> {
  const { clock, timeoutMs, signal, onTimeout } = deadline;
  return new Promise((resolve, reject) => {
    let timer = NOT_STARTED;
    let ignoreSignal = (): void => {};

    function settle(finish: () => void): void {
      timer.cancel();
      ignoreSignal();
      finish();
    }

    // First of all, so that the promise is never left unhandled.
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    timer = clock.after(timeoutMs, () => settle(() => reject(onTimeout())));
    if (signal === undefined) return;
    ignoreSignal = whenAborted(signal, () => settle(() => reject(signal.reason)));
  });
}
