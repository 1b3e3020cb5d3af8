/**
 * FlatJsonReader: reads the content of small messages without a text of it, and without a parser.
 *
 * Most content is one object of words, numbers and flags, with keys that were seen before:
 *
 * ```
 *   {"action": "search", "value": "morpheus"}
 *    |------|  |------|  |-----|  |--------|
 *     known     string    known    string      and white space where JSON allows it
 * ```
 *
 * Such content is read straight from the bytes. Anything else is "not recognised", and the parser decides:
 * other keys, nesting, escapes, fractions, exponents, whatever is wrong.
 *
 * Why that is the same as parsing. What is recognised is a part of JSON's grammar, in which
 *
 * - the keys are those of a learned shape, in its order (`object-shapes.ts`), and the object is a copy of
 *   one with these properties, so that no prototype is asked when they are filled in;
 * - a string has no backslash and no control character, and is ASCII or decoded by the same strict decoder
 *   as a whole text would be: quotes are ASCII, so UTF-8 that is valid between them is valid among them;
 * - a number has no leading zero, no fraction, no exponent and at most 15 digits, so that it is exact;
 * - the closing brace is the last byte.
 *
 * Nothing in it is nested, too large or too deep, so the rules of `json.ts` hold too.
 *
 * Short words are kept and given out again (`word-cache.ts`), since some of them come in every message.
 *
 * One reader may serve the decoders of many connections. When nothing was recognised for a while, it
 * looks at every 16th content only, so that peers who send something else pay next to nothing for it.
 */
import { findMarked } from './find-marked.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { ObjectShapes, type ObjectShape } from './object-shapes.ts';
import { MAX_SHORT_TEXT } from '@wireline/framing/text';
import { viewOf } from './view-of.ts';
import { WordCache } from './word-cache.ts';

/** 256: longer text beyond ASCII is read faster by the platform's decoder and parser, tried on Node 24. */
export const MAX_FLAT_LENGTH = 256;

/** 2^53-1 has 16 digits. */
const MAX_DIGITS = 15;

/** So many contents in a row are not recognised; then only every 16th is looked at. */
const PATIENCE = 16;
const LOOK_EVERY = 16;

/** A value that is not recognised. */
const NOT_FLAT = Symbol('NOT_FLAT');
type NotFlat = typeof NOT_FLAT;

/** Bytes that cannot stand in a string as they are. */
const ENDS_TEXT = new Uint8Array(0x100).fill(1, 0, 0x20);
ENDS_TEXT[0x22 /* " */] = 1;
ENDS_TEXT[0x5c /* \ */] = 1;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const words = new WordCache();

/** Where the value ends that was read last; kept here so that reading one allocates nothing else. */
let valueEnd = 0;

/** Reads flat objects whose keys it knows. */
export class FlatJsonReader {
  readonly #shapes = new ObjectShapes();
  /** The shape recognised last: the first guess. */
  #recent: ObjectShape | undefined;
  /** How many contents in a row were not recognised. */
  #unknown = 0;

  /** The object in `bytes[start..end)`, if it is recognised: the same as parsing it would give. */
  maybeRead(bytes: Uint8Array, start: number, end: number): JsonObject | undefined {
    if (!this.#isPatient() || bytes[start] !== 0x7b /* { */) return undefined;
    const memory = viewOf(bytes);
    let shape = this.#recent;
    let object: Record<string, JsonValue> | undefined;
    let at = start + 1;
    for (let count = 0; ; count++) {
      at = skipSpace(bytes, at);
      if (shape?.quoted[count]?.standsAt(memory, at, end) !== true) {
        const other = this.#shapes.find(shape, count, memory, at, end);
        if (other === undefined) return undefined;
        object = copyBlank(other, object, count);
        shape = other;
      }
      object ??= { ...shape.blank };
      // The shape was found by its key here.
      const key = shape.keys[count] ?? '';
      at = skipSpace(bytes, at + key.length + 2);
      if (bytes[at] !== 0x3a /* : */) return undefined;
      const value = maybeValue(memory, bytes, skipSpace(bytes, at + 1), end);
      if (value === NOT_FLAT) return undefined;
      object[key] = value;
      at = skipSpace(bytes, valueEnd);
      const next = bytes[at++];
      if (next === 0x2c /* , */) continue;
      if (next !== 0x7d /* } */ || at !== end) return undefined;
      return this.#finish(shape, object, count + 1);
    }
  }

  /** Remembers the keys of content that was not recognised, and turned out to be `value`. */
  learn(value: JsonObject): void {
    if (this.#isPatient() && isFlat(value)) this.#shapes.learn(value);
    this.#unknown += 1;
  }

  #finish(
    shape: ObjectShape,
    object: Record<string, JsonValue>,
    count: number,
  ): JsonObject | undefined {
    let whole = object;
    if (count !== shape.keys.length) {
      const shorter = this.#shapes.findShorter(shape, count);
      if (shorter === undefined) return undefined;
      whole = copyBlank(shorter, object, count);
      shape = shorter;
    }
    this.#recent = shape;
    this.#unknown = 0;
    return whole;
  }

  #isPatient(): boolean {
    return this.#unknown <= PATIENCE || this.#unknown % LOOK_EVERY === 0;
  }
}

/** A blank object of a shape, with the first `count` values of another whose first keys are the same. */
function copyBlank(
  { keys, blank }: ObjectShape,
  from: JsonObject | undefined,
  count: number,
): Record<string, JsonValue> {
  const object: Record<string, JsonValue> = { ...blank };
  for (let index = 0; index < count; index++) {
    const key = keys[index] ?? '';
    object[key] = from?.[key] ?? null;
  }
  return object;
}

function isFlat(value: JsonObject): boolean {
  return Object.values(value).every((item) => typeof item !== 'object' || item === null);
}

/** The value that starts at `at`; {@link valueEnd} says where it ends. */
function maybeValue(
  memory: DataView,
  bytes: Uint8Array,
  at: number,
  end: number,
): JsonValue | NotFlat {
  switch (bytes[at]) {
    case 0x22 /* " */:
      return maybeString(memory, bytes, at + 1, end);
    case 0x2d /* - */: {
      const value = maybeInteger(bytes, at + 1, end);
      return value === NOT_FLAT ? NOT_FLAT : -value;
    }
    case 0x74 /* t */:
      return maybeWord(bytes, at, 'true') ? true : NOT_FLAT;
    case 0x66 /* f */:
      return maybeWord(bytes, at, 'false') ? false : NOT_FLAT;
    case 0x6e /* n */:
      return maybeWord(bytes, at, 'null') ? null : NOT_FLAT;
    default:
      return maybeInteger(bytes, at, end);
  }
}

function maybeString(
  memory: DataView,
  bytes: Uint8Array,
  start: number,
  end: number,
): string | NotFlat {
  const shortEnd = Math.min(start + MAX_SHORT_TEXT + 1, end);
  let seen = 0;
  let at = start;
  for (; at < shortEnd; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x22 /* " */) {
      valueEnd = at + 1;
      if (seen < 0x80) return words.read(memory, bytes, start, at - start);
      return maybeUtf8(bytes.subarray(start, at));
    }
    if (byte < 0x20 || byte === 0x5c /* \ */) return NOT_FLAT;
    seen |= byte;
  }
  at = findMarked(memory, at, end, ENDS_TEXT);
  if (bytes[at] !== 0x22 /* " */) return NOT_FLAT;
  valueEnd = at + 1;
  return maybeUtf8(bytes.subarray(start, at));
}

function maybeUtf8(bytes: Uint8Array): string | NotFlat {
  try {
    return utf8.decode(bytes);
  } catch {
    return NOT_FLAT;
  }
}

function maybeInteger(bytes: Uint8Array, start: number, end: number): number | NotFlat {
  let value = 0;
  let at = start;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const count = at - start;
  if (count === 0 || count > MAX_DIGITS) return NOT_FLAT;
  if (count > 1 && bytes[start] === 0x30 /* 0 */) return NOT_FLAT;
  valueEnd = at;
  return value;
}

function maybeWord(bytes: Uint8Array, at: number, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    if (bytes[at + index] !== word.charCodeAt(index)) return false;
  }
  valueEnd = at + word.length;
  return true;
}

/** JSON's white space: space, tab, line feed, carriage return. */
function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  return at;
}
