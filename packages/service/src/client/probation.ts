/**
 * Probation: the moment behind a first answer that proves nothing, in which an old server closes.
 *
 * Where it was we who slept, the server gets as much time again; and before anything is sent, the kernel is asked
 * once more whether the end has come.
 */
import type { Clock, Timer } from '@wireline/socket/event-loop';

/** 10 ms: what a busy server takes between its last send and its close; the line's delay plays no part. */
const PROBATION_MS = 10;

/** One connection's. */
export class Probation {
  readonly #clock: Clock;
  readonly #onPassed: () => void;
  #timer: Timer | undefined;

  /** @param onPassed is told that the time is over; it lasts until {@link end} none the less */
  constructor(clock: Clock, onPassed: () => void) {
    this.#clock = clock;
    this.#onPassed = onPassed;
  }

  /** Whether nothing may be sent for now. */
  get lasts(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins. Called once. */
  start(): void {
    const due = this.#clock.now() + PROBATION_MS;
    let sleptBefore = false;
    this.#timer = this.#clock.after(PROBATION_MS, () => {
      if (this.#clock.now() - due >= PROBATION_MS && !sleptBefore) {
        sleptBefore = true;
        this.#timer?.restart();
      } else {
        this.#onPassed();
      }
    });
  }

  /** Ends it, if it lasts. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
