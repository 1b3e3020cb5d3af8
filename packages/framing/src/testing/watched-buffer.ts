/**
 * WatchedBuffer: a receive buffer that a decoder cannot turn round in for ever.
 *
 * It counts what one `decode` call asks of it, since a synchronous loop can be stopped only from inside.
 * A loop that asks nothing of the buffer is beyond it, and the test runner cannot stop that one either.
 */
import { ReceiveBuffer } from '../receive-buffer.ts';
import { Fault } from './fault.ts';

/** Questions per unread byte: a decoder that asks for `length` a few times a byte is slow, not stuck. */
const QUESTIONS_PER_BYTE = 16;
const QUESTIONS_AT_LEAST = 1000;

/** A receive buffer that counts the questions of one `decode` call. */
export class WatchedBuffer extends ReceiveBuffer {
  #questionsLeft = Infinity;

  /** Runs one call of a decoder. The questions allowed depend on what is unread. */
  watched<Result>(action: (buffer: this) => Result): Result {
    this.#questionsLeft = QUESTIONS_AT_LEAST + QUESTIONS_PER_BYTE * (this.end - this.start);
    try {
      return action(this);
    } finally {
      this.#questionsLeft = Infinity;
    }
  }

  override get length(): number {
    this.#count();
    return super.length;
  }

  override consume(count: number): void {
    this.#count();
    super.consume(count);
  }

  override take(count: number): Uint8Array {
    this.#count();
    return super.take(count);
  }

  #count(): void {
    this.#questionsLeft--;
    if (this.#questionsLeft >= 0) return;
    throw new Fault({
      expected: 'decode to return or throw',
      received: `a loop: it went on asking the buffer, which has ${this.end - this.start} bytes unread`,
      hint: 'Return NEED_DATA when the bytes at hand are not enough: no more come during the call.',
    });
  }
}
