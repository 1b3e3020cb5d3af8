/** IdleTimer: says when nothing has happened for a while. Once said, it is silent until something happens. */
import type { Clock, Timer } from '../event-loop/clock.ts';

/** A timer that each sign of life puts off. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  #timer: Timer | undefined;
  #ms: number | undefined;

  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  /** How long nothing may happen, in milliseconds; `undefined` for ever. */
  get ms(): number | undefined {
    return this.#ms;
  }

  /**
   * Waits for `ms` milliseconds of silence from now on; 0 for never.
   *
   * @throws RangeError when `ms` is negative or no number.
   */
  set(ms: number): void {
    const timer = ms === 0 ? undefined : this.#clock.after(ms, this.#onIdle);
    this.stop();
    this.#timer = timer;
    this.#ms = ms === 0 ? undefined : ms;
  }

  /** Something has happened. */
  touch(): void {
    this.#timer?.restart();
  }

  /** Waits no more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
