/**
 * Literal: bytes that are to be found again elsewhere, compared eight at a time.
 *
 * ```
 *   {"content-length":         18 bytes
 *   |------|------|            eight from each multiple of eight
 *             |------|         the last eight, over bytes that were compared already
 * ```
 *
 * That takes a third of the time that byte by byte takes. Eight bytes are two `getInt32`, which every
 * engine has in a register, not one `getBigInt64`, for which Node 20 allocates.
 */

/** So many bytes are compared at once. */
const STRIDE = 8;

const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

/** Bytes to compare with. */
export class Literal {
  /** How many bytes it has. */
  readonly length: number;
  /** Two words for each stride, the overlapping one last. */
  readonly #words: Int32Array;
  /** The bytes themselves, where they are fewer than a stride. */
  readonly #bytes: Uint8Array;

  /** @param bytes may be a view: they are copied */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    const isShort = bytes.length < STRIDE;
    this.#words = isShort ? NO_WORDS : wordsOf(bytes);
    this.#bytes = isShort ? bytes.slice() : NO_BYTES;
  }

  /** Whether `memory[at..end)` begins with these bytes. */
  standsAt(memory: DataView, at: number, end: number): boolean {
    if (at + this.length > end) return false;
    const words = this.#words;
    const last = words.length - 2;
    if (last < 0) return this.#shortStandsAt(memory, at);
    let place = at;
    for (let index = 0; index < last; index += 2) {
      if (!isStride(words, index, memory, place)) return false;
      place += STRIDE;
    }
    return isStride(words, last, memory, at + this.length - STRIDE);
  }

  #shortStandsAt(memory: DataView, at: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < bytes.length; index++) {
      if (bytes[index] !== memory.getUint8(at + index)) return false;
    }
    return true;
  }
}

function isStride(words: Int32Array, index: number, memory: DataView, at: number): boolean {
  return (
    words[index] === memory.getInt32(at, true) && words[index + 1] === memory.getInt32(at + 4, true)
  );
}

function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const strides = Math.ceil(bytes.length / STRIDE);
  const words = new Int32Array(strides * 2);
  for (let stride = 0; stride < strides; stride++) {
    const place = Math.min(stride * STRIDE, bytes.length - STRIDE);
    words[stride * 2] = view.getInt32(place, true);
    words[stride * 2 + 1] = view.getInt32(place + 4, true);
  }
  return words;
}
