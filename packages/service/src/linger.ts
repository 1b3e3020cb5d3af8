/**
 * Linger: the bounds of a lingering close, in which what a peer still sends is thrown away until it has
 * finished too. See `lingering` in `state.ts`.
 */
import type { Clock, Timer } from '@wireline/socket/event-loop';

/** 1 MiB: discarded while lingering; enough for what was on its way, too little to be kept busy with. */
const LINGER_BYTES = 1024 * 1024;

/** 2 s: several round trips on a bad line. */
const LINGER_MS = 2_000;

/** One lingering close. */
export class Linger {
  readonly #timer: Timer;
  #bytes = 0;

  /** @param onOver called when it has taken too long */
  constructor(clock: Clock, onOver: () => void) {
    this.#timer = clock.after(LINGER_MS, onOver);
  }

  /** Counts what was thrown away; returns whether it is over: 0 bytes are the end of the stream. */
  discarded(count: number): boolean {
    this.#bytes += count;
    return count === 0 || this.#bytes > LINGER_BYTES;
  }

  cancel(): void {
    this.#timer.cancel();
  }
}
