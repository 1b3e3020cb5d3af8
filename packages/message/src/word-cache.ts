/**
 * WordCache: short ASCII text from bytes, of which the words met last are kept.
 *
 * The name of an action, a flag, a unit come again and again. A word that is kept is found by its bytes and
 * given out as the same string: none is made, and a table in which it is looked up again knows it already.
 *
 * A word is told by its length and four pieces of four bytes, which overlap and leave none of its bytes out:
 *
 * ```
 *   search                     of up to 8 bytes the first and the last four
 *   |--|
 *     |--|
 *   invalid-action             of up to 16 those, and the four next to each of them
 *   |--|--|
 *         |--|--|
 * ```
 *
 * So where they are equal the words are. Each word has one place, which it takes from the one before: peers
 * with ever new words make others' words be made anew, and do no other harm.
 */
import { shortText } from '@wireline/framing/text';

/** 256 words take some 10 KiB; a conversation uses a few dozen. A power of two, for a mask. */
const PLACES = 256;

const PIECES = 4;

/** Shorter text is made as fast as it is found. */
const SHORTEST = 4;

/** 2^32 divided by the golden ratio: spreads what differs in a few bits over the upper ones (Knuth, 6.4). */
const SPREAD = 0x9e3779b1;

/** The words met last, each at its place. */
export class WordCache {
  readonly #words: string[] = Array.from({ length: PLACES }, () => '');
  readonly #pieces = new Int32Array(PLACES * PIECES);

  /**
   * The text of `bytes[at..at + length)`, which are ASCII and at most 16.
   *
   * @param memory a view of `bytes`
   */
  read(memory: DataView, bytes: Uint8Array, at: number, length: number): string {
    if (length < SHORTEST) return shortText(bytes, at, length);
    const end = at + length;
    const first = memory.getInt32(at, true);
    const last = memory.getInt32(end - 4, true);
    const second = length > 8 ? memory.getInt32(at + 4, true) : 0;
    const third = length > 8 ? memory.getInt32(end - 8, true) : 0;
    const mixed = Math.imul(first ^ (last << 3) ^ second ^ third ^ length, SPREAD);
    const place = mixed >>> 24;
    const base = place * PIECES;
    const pieces = this.#pieces;
    const known = this.#words[place] ?? '';
    if (
      known.length === length &&
      pieces[base] === first &&
      pieces[base + 1] === last &&
      pieces[base + 2] === second &&
      pieces[base + 3] === third
    ) {
      return known;
    }
    const word = shortText(bytes, at, length);
    this.#words[place] = word;
    pieces[base] = first;
    pieces[base + 1] = last;
    pieces[base + 2] = second;
    pieces[base + 3] = third;
    return word;
  }
}
