/**
 * Literal: bytes that are to be found again elsewhere, compared eight at a time.
 *
 * ```
 *   {"content-length":         18 bytes
 *   |------|------|            eight from each multiple of eight
 *             |------|         the last eight, over bytes that were compared already
 *
 *   "value"                    7 bytes
 *   |--|                       of fewer than eight, the first four
 *      |--|                    and the last four
 * ```
 *
 * That takes a third of the time that byte by byte takes. Eight bytes are two `getInt32`, which every
 * engine has in a register, not one `getBigInt64`, for which Node 20 allocates.
 */

const WORD = 4;

/** So many bytes are compared at once. */
const STRIDE = 2 * WORD;

const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

/** Bytes to compare with. */
export class Literal {
  /** How many bytes it has. */
  readonly length: number;
  /** Two words for each stride, the last one overlapping. */
  readonly #words: Int32Array;
  /** Where the last stride starts; its second word ends with the literal. */
  readonly #lastStride: number;
  /** The bytes themselves, where they are fewer than a word. */
  readonly #bytes: Uint8Array;

  /** @param bytes may be a view: they are copied */
  constructor(bytes: Uint8Array) {
    const isTiny = bytes.length < WORD;
    this.length = bytes.length;
    this.#lastStride = Math.max(0, bytes.length - STRIDE);
    this.#words = isTiny ? NO_WORDS : wordsOf(bytes, this.#lastStride);
    this.#bytes = isTiny ? bytes.slice() : NO_BYTES;
  }

  /** Whether `memory[at..end)` begins with these bytes. */
  standsAt(memory: DataView, at: number, end: number): boolean {
    if (at + this.length > end) return false;
    const words = this.#words;
    const last = words.length - 2;
    if (last < 0) return standAt(this.#bytes, memory, at);
    let place = at;
    for (let index = 0; index < last; index += 2) {
      if (words[index] !== memory.getInt32(place, true)) return false;
      if (words[index + 1] !== memory.getInt32(place + WORD, true)) return false;
      place += STRIDE;
    }
    if (words[last] !== memory.getInt32(at + this.#lastStride, true)) return false;
    return words[last + 1] === memory.getInt32(at + this.length - WORD, true);
  }
}

function standAt(bytes: Uint8Array, memory: DataView, at: number): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== memory.getUint8(at + index)) return false;
  }
  return true;
}

function wordsOf(bytes: Uint8Array, lastStride: number): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words: number[] = [];
  for (let place = 0; place < lastStride; place += STRIDE) {
    words.push(view.getInt32(place, true), view.getInt32(place + WORD, true));
  }
  words.push(view.getInt32(lastStride, true), view.getInt32(bytes.length - WORD, true));
  return Int32Array.from(words);
}
