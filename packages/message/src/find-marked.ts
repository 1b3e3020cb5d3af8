/**
 * Looks for the bytes that end a run of ordinary text, four bytes at a time.
 *
 * Ordinary is what most text consists of: printable ASCII without quote and backslash. Four such bytes are
 * passed over at once; of any others the caller's table says which ones are looked for.
 */

/** What is passed over at once. */
const WORD = 4;

/** The top bit of each byte of a word. */
const TOP_BITS = 0x80808080;

const CONTROL_END = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const ONES = 0x01010101;

/**
 * Finds the first byte of `memory[from..end)` that is marked; `end` when there is none.
 *
 * @param marks a table of 256: not 0 for a byte that is looked for; no ordinary byte may be marked
 */
export function findMarked(memory: DataView, from: number, end: number, marks: Uint8Array): number {
  const lastWord = end - WORD;
  let at = from;
  while (at <= lastWord) {
    if (!isOrdinary(memory.getInt32(at, true))) {
      const found = findInBytes(memory, at, at + WORD, marks);
      if (found < at + WORD) return found;
    }
    at += WORD;
  }
  return findInBytes(memory, at, end, marks);
}

function findInBytes(memory: DataView, from: number, end: number, marks: Uint8Array): number {
  for (let at = from; at < end; at++) {
    if (marks[memory.getUint8(at)] !== 0) return at;
  }
  return end;
}

/**
 * Whether all four bytes are ordinary. Of bytes below 0x80, taking 0x20 away sets the top bit of those
 * that are smaller, and taking 1 away that of a 0, which a quote or backslash becomes by exclusive or. What
 * is borrowed on the way may set the bit of the next byte too: those four are only looked at more closely.
 */
function isOrdinary(word: number): boolean {
  const below = word - CONTROL_END;
  const quotes = (word ^ QUOTES) - ONES;
  const backslashes = (word ^ BACKSLASHES) - ONES;
  return ((word | below | quotes | backslashes) & TOP_BITS) === 0;
}
