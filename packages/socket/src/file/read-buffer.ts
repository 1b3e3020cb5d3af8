/**
 * ReadBuffer: bytes that came and were not asked for yet.
 *
 * ```
 *   store  |  taken  |  waiting  |  space  |
 *          0       start        end      length
 * ```
 *
 * It grows by doubling while somebody wants more than it holds, and goes back to its first size when it is
 * empty. Whoever asks sets the limit. No byte is searched twice for the same line end.
 */

const LINE_FEED = 0x0a;

/** Bytes between a socket and the reader of a file. */
export class ReadBuffer {
  readonly #size: number;
  #store: Uint8Array;
  #start = 0;
  #end = 0;
  /** Up to here there is no line end. */
  #searched = 0;

  /** @param size its first and usual size in bytes */
  constructor(size: number) {
    this.#size = size;
    this.#store = new Uint8Array(size);
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Memory to receive into: at least one byte. */
  space(): Uint8Array {
    if (this.#end === this.#store.length) this.#makeRoom();
    return this.#store.subarray(this.#end);
  }

  /** Says that `count` bytes were received into the beginning of {@link space}. */
  filled(count: number): void {
    this.#end += count;
  }

  /** Up to `count` of the bytes that wait, as a copy. */
  take(count: number): Uint8Array {
    const end = Math.min(this.#start + count, this.#end);
    const bytes = this.#store.slice(this.#start, end);
    this.#start = end;
    this.#searched = Math.max(this.#searched, end);
    if (this.length === 0) this.#reset();
    return bytes;
  }

  /** The next line with its line feed, or nothing when there is none within `limit` bytes (yet). */
  maybeTakeLine(limit: number): Uint8Array | undefined {
    const end = Math.min(this.#end, this.#start + limit);
    const at = this.#store.subarray(0, end).indexOf(LINE_FEED, this.#searched);
    if (at !== -1) return this.take(at + 1 - this.#start);
    this.#searched = Math.max(this.#searched, end);
    return undefined;
  }

  #makeRoom(): void {
    const waiting = this.#store.subarray(this.#start, this.#end);
    // At least half is free afterwards, so that no byte is moved often.
    const isHalfFree = waiting.length * 2 <= this.#store.length;
    const store = isHalfFree ? this.#store : new Uint8Array(this.#store.length * 2);
    store.set(waiting);
    this.#searched -= this.#start;
    this.#start = 0;
    this.#end = waiting.length;
    this.#store = store;
  }

  #reset(): void {
    this.#start = 0;
    this.#end = 0;
    this.#searched = 0;
    if (this.#store.length > this.#size) this.#store = new Uint8Array(this.#size);
  }
}
