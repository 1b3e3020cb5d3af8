/**
 * Delimiters: the search for the first of several ends of a frame.
 *
 * The first delimiter that is complete ends the frame, and of two that are complete with the same byte the longer one:
 * the shortest frame wins. So the answer does not depend on how the bytes were cut:
 *
 * ```
 *   delimiters "\r\n" and "\n"     a b \r \n     the frame is "ab": both end here, "\r\n" is longer
 *   delimiters "\r" and "\r\n"                  refused: "\r\n" could never be found
 * ```
 *
 * What is looked for is the last byte of a delimiter; only there is compared.
 */
import { copyBytes } from '../copy-bytes.ts';
import { findByte } from './find-byte.ts';

/** Longer ones are no delimiters. It bounds what is compared at each byte that looks like the last one. */
const MAX_DELIMITER = 256;
/** More are a table of something else. */
const MAX_DELIMITERS = 16;

const NO_DELIMITER: readonly number[] = [];
/** Instead of the place of a byte: the delimiter would begin before the frame does. */
const NO_ROOM = -2;

const utf8 = new TextEncoder();

/** A delimiter: text stands for its UTF-8. */
export type Delimiter = string | Uint8Array;

/** A set of delimiters, and the one that was found last. */
export class Delimiters {
  /** As they were given: the first is what is written. */
  readonly all: readonly Uint8Array[];
  /** The length of the longest. */
  readonly longest: number;
  /** The byte that all end with, or -1 when there are several. */
  readonly lastByte: number;
  /** The length of the delimiter that {@link find} found. */
  foundLength = 0;
  /**
   * The longest one first: of those that end with the same byte it leaves the frame shortest. As plain numbers, which
   * are compared sooner.
   */
  readonly longestFirst: readonly (readonly number[])[];
  /** Which bytes are the last of a delimiter. */
  readonly #isLast = new Uint8Array(256);

  /** @throws RangeError when there is none, or one that could never be found. */
  constructor(delimiters: Delimiter | readonly Delimiter[]) {
    const isOne = typeof delimiters === 'string' || delimiters instanceof Uint8Array;
    const given = isOne ? [delimiters] : delimiters;
    this.all = given.map((each) =>
      typeof each === 'string' ? utf8.encode(each) : copyBytes(each, 0, each.length),
    );
    checkDelimiters(this.all);
    const longestFirst = this.all.toSorted((left, right) => right.length - left.length);
    this.longestFirst = longestFirst.map((delimiter) => [...delimiter]);
    this.longest = longestFirst[0]?.length ?? 0;
    for (const delimiter of this.all) this.#isLast[delimiter.at(-1) ?? 0] = 1;
    const [only, ...others] = new Set(this.all.map((each) => each.at(-1) ?? 0));
    this.lastByte = others.length === 0 ? (only ?? -1) : -1;
  }

  /** The first one, which is what an encoder writes. */
  get first(): Uint8Array {
    return this.all[0] ?? new Uint8Array(0); // there is always one
  }

  /**
   * Looks for a delimiter that ends within `bytes[from..end)` and does not begin before `start`. Returns where it ends,
   * or -1.
   */
  find(bytes: Uint8Array, start: number, from: number, end: number): number {
    const { longestFirst, lastByte } = this;
    let at = from - 1;
    for (;;) {
      at =
        lastByte === -1
          ? this.findLast(bytes, at + 1, end)
          : findByte(bytes, lastByte, at + 1, end);
      if (at === -1) return -1;
      for (let index = 0; index < longestFirst.length; index++) {
        const delimiter = longestFirst[index] ?? NO_DELIMITER;
        const { length } = delimiter;
        const front = at + 1 - length;
        let back = front < start ? NO_ROOM : length - 1;
        while (back >= 0 && bytes[front + back] === delimiter[back]) back--;
        if (back !== -1) continue;
        this.foundLength = length;
        return at + 1;
      }
    }
  }

  /** Where the last byte of one of several delimiters is first, or -1. */
  findLast(bytes: Uint8Array, from: number, end: number): number {
    for (let index = from; index < end; index++) {
      if (this.#isLast[bytes[index] ?? 0] === 1) return index;
    }
    return -1;
  }
}

/** Bytes as an error shows them: as text where they are ASCII. */
export function showDelimiter(bytes: Uint8Array): string {
  return bytes.every((byte) => byte < 0x80)
    ? JSON.stringify(String.fromCharCode(...bytes))
    : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function endsWith(bytes: Uint8Array, end: number, delimiter: Uint8Array): boolean {
  const start = end - delimiter.length;
  for (let index = delimiter.length - 2; index >= 0; index--) {
    if (bytes[start + index] !== delimiter[index]) return false;
  }
  return bytes[end - 1] === delimiter[delimiter.length - 1];
}

function checkDelimiters(delimiters: readonly Uint8Array[]): void {
  const { length: count } = delimiters;
  if (count === 0 || count > MAX_DELIMITERS) {
    throw new RangeError(`cut at ${count} delimiters: give 1 to ${MAX_DELIMITERS}`);
  }
  for (const [index, delimiter] of delimiters.entries()) {
    const { length } = delimiter;
    if (length === 0 || length > MAX_DELIMITER) {
      throw new RangeError(`cut at a delimiter of ${length} bytes: give it 1 to ${MAX_DELIMITER}`);
    }
    for (const [otherIndex, other] of delimiters.entries()) {
      if (index === otherIndex || !hidesBehind(delimiter, other, index > otherIndex)) continue;
      throw new RangeError(
        `cut at ${showDelimiter(delimiter)} and ${showDelimiter(other)}: the first could never be found, ` +
          'the second is complete before it; leave one out',
      );
    }
  }
}

/** Whether `other` is always complete before `delimiter` is: it is a part of it, and not its end. */
function hidesBehind(delimiter: Uint8Array, other: Uint8Array, isLater: boolean): boolean {
  const lastStart = delimiter.length - other.length;
  for (let start = 0; start < lastStart; start++) {
    if (endsWith(delimiter, start + other.length, other)) return true;
  }
  // Twice the same one: the later is in vain.
  return lastStart === 0 && isLater && endsWith(delimiter, delimiter.length, other);
}
