/**
 * Cancels: the ids of requests that were cancelled on one connection, until their final answers come.
 *
 * Every cancel is to be answered, with whatever the answer has become. So where one is due and nothing comes that
 * anybody wants, nor any of those answers, for as long as its patience lasts, the peer is gone.
 */
import type { Clock, Timer } from '@wireline/socket/event-loop';

/**
 * 30 s without a message, although a cancel is to be answered: the peer is gone, as one that takes nothing for
 * so long. It bounds how long ids stay in use, and a line that fell silent is found out.
 */
const CANCEL_PATIENCE_MS = 30_000;

/** One connection's. */
export class Cancels {
  readonly #clock: Clock;
  readonly #onUnheard: (problem: string) => void;
  readonly #ids = new Set<number>();
  #patience: Timer | undefined;

  /** @param onUnheard is told that the peer hears no cancel */
  constructor(clock: Clock, onUnheard: (problem: string) => void) {
    this.#clock = clock;
    this.#onUnheard = onUnheard;
  }

  /** How many ids are in use yet. */
  get size(): number {
    return this.#ids.size;
  }

  /** Whether the request of that id was cancelled, and its final answer is due. */
  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /** A cancel was sent. */
  add(id: number): void {
    this.#ids.add(id);
    this.#patience ??= this.#clock.after(CANCEL_PATIENCE_MS, () => {
      this.#onUnheard(
        `nothing came for ${CANCEL_PATIENCE_MS} ms, although the answer to a cancel is due`,
      );
    });
  }

  /** The final answer to a request that was cancelled has come. */
  answered(id: number): void {
    this.#ids.delete(id);
    if (this.#ids.size === 0) this.#endPatience();
    else this.heard();
  }

  /** The peer is there. Parts that nobody wants are no sign of it: they may have been on their way. */
  heard(): void {
    this.#patience?.restart();
  }

  /** Forgets all. */
  clear(): void {
    this.#ids.clear();
    this.#endPatience();
  }

  #endPatience(): void {
    this.#patience?.cancel();
    this.#patience = undefined;
  }
}
