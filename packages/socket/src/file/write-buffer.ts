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

  /** All that waits, as a copy. */
  take(): Uint8Array {
    const bytes = this.#store.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }
}
