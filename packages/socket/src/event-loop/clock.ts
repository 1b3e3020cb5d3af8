/**
 * Clock: where everything that waits gets its time from, so that tests can move it by hand.
 */

/** A running timer. */
export interface Timer {
  /** Starts the wait anew with the same length. */
  restart(): void;
  /** Stops it for good: a cancelled timer is not restarted. */
  cancel(): void;
}

/** Time and timers. Timers do not keep the process alive: what they guard does. */
export interface Clock {
  /** Milliseconds since some moment, never going back. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds. */
  after(ms: number, callback: () => void): Timer;
}

/** The clock on the wall, through Node's timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timeout = setTimeout(callback, ms).unref();
    return {
      restart: () => timeout.refresh(),
      cancel: () => clearTimeout(timeout),
    };
  },
};
