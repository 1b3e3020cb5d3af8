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
  /**
   * Calls `callback` once after `ms` milliseconds; never, when that is Infinity.
   *
   * @throws RangeError when `ms` is negative or no number.
   */
  after(ms: number, callback: () => void): Timer;
}

/** What Node's timers can hold, in milliseconds: 24.8 days. A longer wait is cut to that. */
const LONGEST_WAIT = 2 ** 31 - 1;

const NEVER: Timer = { restart: () => {}, cancel: () => {} };

/** The machine's own clock, through Node's timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    if (typeof ms !== 'number' || !(ms >= 0))
      throw new RangeError(`wait ${ms} ms: expected a number of at least 0`);
    if (ms === Infinity) return NEVER;
    const timeout = setTimeout(callback, Math.min(ms, LONGEST_WAIT)).unref();
    return {
      restart: () => timeout.refresh(),
      cancel: () => clearTimeout(timeout),
    };
  },
};
