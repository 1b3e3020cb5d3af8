/**
 * A wait that ends: for promises of others that have no time-out and cannot be aborted.
 */
import type { Clock } from '@wireline/socket/event-loop';

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
 */
export function withDeadline<T>(promise: Promise<T>, deadline: Deadline): Promise<T> {
  const { clock, timeoutMs, signal, onTimeout } = deadline;
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => settle(() => reject(onTimeout())));
    const onAbort = (): void => settle(() => reject(signal?.reason));
    signal?.addEventListener('abort', onAbort);
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );

    function settle(finish: () => void): void {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      finish();
    }
  });
}
