/**
 * Trace: what happened last, line by line, with the time at which it did.
 *
 * It is bounded: a run of a million events keeps the newest.
 */
import type { Clock } from '@wireline/socket/event-loop';

/** The newest events of a network. */
export class Trace {
  readonly #clock: Clock;
  readonly #maxLength: number;
  /** A ring once it is full: `#next` is the oldest line. */
  readonly #lines: string[] = [];
  #next = 0;

  constructor(clock: Clock, maxLength: number) {
    this.#clock = clock;
    this.#maxLength = maxLength;
  }

  /** Adds an event. */
  note(event: string): void {
    this.#lines[this.#next] = `${this.#clock.now()} ms  ${event}`;
    this.#next = (this.#next + 1) % this.#maxLength;
  }

  /** The newest `count` lines, oldest first. */
  last(count: number): readonly string[] {
    const { length } = this.#lines;
    const inOrder =
      length < this.#maxLength
        ? this.#lines
        : [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)];
    return inOrder.slice(Math.max(0, length - count));
  }
}
