/**
 * WriteBuffer: bytes that were written and not sent yet. It never holds more than its size.
 */

/** Bytes between the writer of a file and a socket. */
export class WriteBuffer {
  readonly #store: Uint8Array;
  #length = 0;

  /** @param size how many bytes it holds at most */
  constructor(size: number) {
    this.#store = new Uint8Array(size);
  }

  /** How many bytes wait to be sent. */
  get length(): number {
    return this.#length;
  }

  /** Keeps `bytes`, or answers false when there is no room for all of them. */
  tryAdd(bytes: Uint8Array): boolean {
    if (bytes.length > this.#store.length - this.#length) return false;
    this.#store.set(bytes, this.#length);
    this.#length += bytes.length;
    return true;
  }

  /** All that waits: a view, which holds until it is dropped. */
  get bytes(): Uint8Array {
    return this.#store.subarray(0, this.#length);
  }

  /** Forgets the first `count` bytes: they are sent. What was added meanwhile stays. */
  drop(count: number): void {
    this.#store.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}
