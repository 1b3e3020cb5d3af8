/**
 * A clock that stands still until the test moves it.
 */
import type { Clock, Timer } from '../event-loop/clock.ts';

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

  after(ms: number, callback: () => void): Timer {
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
