/**
 * A clock that stands still until the test moves it.
 */
import type { Clock, Timer } from '../event-loop/clock.ts';

/** As with the machine's own clock: an infinite wait is no timer at all. */
const NEVER: Timer = { restart: () => {}, cancel: () => {} };

/**
 * Time by hand.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * clock.after(100, () => console.log('rang'));
 * clock.advance(99); // nothing
 * clock.advance(1); // rang
 * ```
 */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; readonly ring: () => void }>();

  now(): number {
    return this.#now;
  }

  /** How many timers are running: a test can see that none was left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer rings; `undefined` when none runs. */
  get next(): number | undefined {
    let next: number | undefined;
    for (const { at } of this.#timers) if (next === undefined || at < next) next = at;
    return next;
  }

  after(ms: number, callback: () => void): Timer {
    if (typeof ms !== 'number' || !(ms >= 0))
      throw new RangeError(`wait ${ms} ms: expected a number of at least 0`);
    if (ms === Infinity) return NEVER;
    const timer = { at: this.#now + ms, ring: callback };
    let cancelled = false;
    this.#timers.add(timer);
    return {
      restart: () => {
        if (cancelled) return;
        timer.at = this.#now + ms;
        this.#timers.add(timer);
      },
      cancel: () => {
        cancelled = true;
        this.#timers.delete(timer);
      },
    };
  }

  /** Lets `ms` milliseconds pass; what is due rings in the order of its time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.ring();
    }
    this.#now = end;
  }
}
