/**
 * CountedBuffer: a receive buffer whose memory counts how often a decoder reads it.
 */
import { ReadCounter } from './counted-bytes.ts';
import { WatchedBuffer } from './watched-buffer.ts';

/** A receive buffer that shows guarded memory during a call of the decoder. */
export class CountedBuffer extends WatchedBuffer {
  readonly #counter: ReadCounter;
  /** The real memory while the guarded one is shown. */
  #real: Uint8Array | undefined;

  /** @param onRead told how many bytes are read, as they are */
  constructor(onRead: (count: number) => void) {
    super({ maxLength: Infinity });
    this.#counter = new ReadCounter(onRead);
  }

  /** Runs `action`, a whole run of a decoder, with a `TextDecoder` that takes counted memory. */
  counting<Result>(action: () => Result): Result {
    return this.#counter.counting(action);
  }

  override watched<Result>(action: (buffer: this) => Result): Result {
    this.#show();
    try {
      return super.watched(action);
    } finally {
      this.#hide();
    }
  }

  /** Bytes that are taken out are not counted: each is taken once. */
  override take(count: number): Uint8Array {
    const shown = this.#real !== undefined;
    this.#hide();
    try {
      return super.take(count);
    } finally {
      if (shown) this.#show();
    }
  }

  #show(): void {
    this.#real = this.bytes;
    this.bytes = this.#counter.guard(this.bytes);
  }

  #hide(): void {
    // A decoder that called `clear` has left other memory here.
    if (this.#real !== undefined && this.bytes === this.#counter.guard(this.#real)) {
      this.bytes = this.#real;
    }
    this.#real = undefined;
  }
}
