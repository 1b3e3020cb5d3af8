/**
 * ProcessHold: keeps the process alive while somebody waits and no socket does.
 *
 * Timers of a clock let the process end: as a rule what they guard keeps it alive. Between two attempts to connect
 * there is nothing to guard, and still somebody waits. With a clock of a test nothing real is held.
 */
import { systemClock, type Clock } from '@wireline/socket/event-loop';

/** The longest interval of Node's, 24.8 days: it never rings, it only is there. */
const NEVER_MS = 2 ** 31 - 1;

/** One holder's. */
export class ProcessHold {
  readonly #isReal: boolean;
  #alive: NodeJS.Timeout | undefined;

  /** @param clock what the waiting is measured with */
  constructor(clock: Clock) {
    this.#isReal = clock === systemClock;
  }

  /** Keeps the process alive until {@link release}. */
  take(): void {
    if (this.#isReal) this.#alive ??= setInterval(() => {}, NEVER_MS);
  }

  /** Lets the process end. */
  release(): void {
    clearInterval(this.#alive);
    this.#alive = undefined;
  }
}
