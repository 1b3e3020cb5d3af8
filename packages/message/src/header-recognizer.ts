/**
 * HeaderRecognizer: reads the headers of a conversation without parsing JSON again and again.
 *
 * The headers that a peer sends differ in a few numbers only. So a header that was parsed in full is
 * remembered as a shape, its bytes with holes where those numbers stood:
 *
 * ```
 *   {"byteorder": "little", ... "content-length": 41, "message-id": 7}
 *   |------------ literal ----------------------|##|-- literal ----|#|literal
 * ```
 *
 * The next header is compared with the shape. Where the literals are equal and the holes hold plain
 * numbers, the parser would find the same strings and those numbers, so they are filled in and nothing is
 * parsed. In all other cases the answer is "not recognised", and the parser decides.
 *
 * Why that is the same as parsing. A shape is learned only from a header that
 *
 * - parsed without an error, so that its literals are valid JSON in valid UTF-8;
 * - has exactly one `{`, no `[` and no backslash: nothing is nested, and a quote always opens or closes a
 *   string, so a key's bytes with their quotes are that key or that whole string value;
 * - contains `"content-length"` exactly once, and the other keys with holes at most once: whatever follows
 *   them is the one value that counts.
 *
 * A number in a hole has no leading zero, no sign, no fraction and no exponent, and is at most 2^53-1, so
 * that its digits and its value determine each other. What follows a hole in the shape is a comma, a
 * brace or white space, so the digits cannot go on.
 *
 * One recogniser may serve the decoders of many connections. A peer that sends ever new shapes makes all
 * of them parse, which is slower and does no other harm. Learning such shapes is pointless too, so it is
 * given up for a while when shape after shape was learned and none recognised.
 */
import { createHeader, type Header } from './header.ts';
import type { JsonValue } from './json.ts';
import { Literal } from './literal.ts';
import { viewOf } from './view-of.ts';

/** Requests, answers, and both with binary content: what one connection, or one kind of client, uses. */
const DEFAULT_MAX_SHAPES = 4;

/** So many shapes are learned without one being recognised; then only every 64th unknown header is. */
const PATIENCE = 16;
const LEARN_EVERY = 64;

/** 64: the lengths of small messages lie about that far apart. A power of two, for a mask. */
const MAX_EARLIER = 64;

/** 2^53-1 has 16 digits; 16 digits are always exact enough to be compared with it. */
const MAX_DIGITS = 16;

/** The keys whose numbers change from message to message. The first one must be there. */
const HOLE_KEYS = ['content-length', 'message-id', 'in-reply-to', 'deadline-ms'].map((key) => ({
  key,
  quoted: asciiBytes(`"${key}"`),
}));

/** Options of {@link HeaderRecognizer}. */
export interface HeaderRecognizerOptions {
  /** How many shapes to remember, the most recently used first. 4 unless told; 0 switches it off. */
  readonly maxShapes?: number;
}

interface Hole {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** Literal, hole, literal, hole, ..., literal. */
interface Shape {
  /** One more than there are holes. */
  readonly literals: readonly Literal[];
  /** The key of each hole. */
  readonly keys: readonly string[];
  /** The last header of this shape. */
  header: Header;
  /** What stood in its holes. */
  readonly numbers: number[];
  /** Where the length is the only hole: earlier headers, each at the remainder of its length. */
  readonly earlier: (Header | undefined)[];
}

/** A cache of header shapes. */
export class HeaderRecognizer {
  readonly maxShapes: number;
  /** Most recently used first. */
  readonly #shapes: Shape[] = [];
  /** How many unknown headers came since one was recognised. */
  #unknown = 0;

  constructor(options: HeaderRecognizerOptions = {}) {
    this.maxShapes = options.maxShapes ?? DEFAULT_MAX_SHAPES;
  }

  /** The header in `bytes[start..end)`, if it has a known shape: the same as parsing it would give. */
  recognize(bytes: Uint8Array, start: number, end: number): Header | undefined {
    const shapes = this.#shapes;
    const view = viewOf(bytes);
    for (let index = 0; index < shapes.length; index++) {
      const shape = shapes[index];
      if (shape === undefined) break;
      const header = matchShape(shape, view, start, end);
      if (header === undefined) continue;
      this.#unknown = 0;
      if (index > 0) this.#moveToFront(index, shape);
      return header;
    }
    return undefined;
  }

  /** Remembers the shape of a header that was parsed from `bytes[start..end)`, if it is simple enough. */
  learn(bytes: Uint8Array, start: number, end: number, header: Header): void {
    this.#unknown += 1;
    if (this.maxShapes === 0) return;
    if (this.#unknown > PATIENCE && this.#unknown % LEARN_EVERY !== 0) return;
    const shape = maybeShape(bytes.subarray(start, end), header);
    if (shape === undefined) return;
    this.#shapes.unshift(shape);
    if (this.#shapes.length > this.maxShapes) this.#shapes.pop();
  }

  #moveToFront(index: number, shape: Shape): void {
    this.#shapes.splice(index, 1);
    this.#shapes.unshift(shape);
  }
}

/** What the holes of the header being compared hold; kept here so that comparing allocates nothing. */
const found: number[] = HOLE_KEYS.map(() => 0);

function matchShape(shape: Shape, view: DataView, start: number, end: number): Header | undefined {
  const { literals, numbers } = shape;
  const last = literals.length - 1;
  let at = start;
  let same = true;
  for (let index = 0; index <= last; index++) {
    const literal = literals[index];
    if (literal?.standsAt(view, at, end) !== true) return undefined;
    at += literal.length;
    if (index === last) break;
    const digits = at;
    let value = 0;
    for (; at < end; at++) {
      const digit = view.getUint8(at) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === digits || !isCanonical(view.getUint8(digits), at - digits, value)) return undefined;
    found[index] = value;
    if (value !== numbers[index]) same = false;
  }
  if (at !== end) return undefined;
  return same ? shape.header : refill(shape);
}

/** The shape's header with the numbers in `found`. */
function refill(shape: Shape): Header {
  const { numbers } = shape;
  for (let index = 0; index < numbers.length; index++) numbers[index] = found[index] ?? 0;
  shape.header = numbers.length === 1 ? withLength(shape) : withNumbers(shape);
  return shape.header;
}

/** A header that differs in its length from the others of its shape. Most lengths come again. */
function withLength({ numbers, header, earlier }: Shape): Header {
  const contentLength = numbers[0] ?? 0;
  const place = contentLength & (MAX_EARLIER - 1);
  const known = earlier[place];
  if (known?.contentLength === contentLength) return known;
  const { byteorder, contentType, contentEncoding, extensions } = header;
  const made = createHeader(byteorder, contentType, contentEncoding, contentLength, extensions);
  earlier[place] = made;
  return made;
}

/** A header made anew with a shape's numbers. */
function withNumbers({ keys, numbers, header }: Shape): Header {
  const { byteorder, contentType, contentEncoding } = header;
  let { contentLength } = header;
  // Only keys with holes are assigned, so there is no `__proto__` among them.
  const extensions: Record<string, JsonValue> = { ...header.extensions };
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? '';
    const value = numbers[index] ?? 0;
    if (key === 'content-length') contentLength = value;
    else extensions[key] = value;
  }
  return createHeader(byteorder, contentType, contentEncoding, contentLength, extensions);
}

function maybeShape(raw: Uint8Array, header: Header): Shape | undefined {
  if (!isFlat(raw)) return undefined;
  const holes = maybeHoles(raw);
  // Without the quoted key the parser found it in another spelling, which only an escape can be.
  if (holes?.some(({ key }) => key === 'content-length') !== true) return undefined;
  const edges = [0, ...holes.flatMap((hole) => [hole.start, hole.end]), raw.length];
  const literals = holes.map(
    (_, index) => new Literal(raw.subarray(edges[index * 2], edges[index * 2 + 1])),
  );
  literals.push(new Literal(raw.subarray(edges.at(-2), edges.at(-1))));
  return {
    literals,
    keys: holes.map((hole) => hole.key),
    header,
    numbers: holes.map((hole) => numberIn(raw, hole.start, hole.end)),
    earlier: holes.length === 1 ? Array.from({ length: MAX_EARLIER }) : [],
  };
}

/** The holes in their order; undefined when a key comes twice, or no plain number follows it. */
function maybeHoles(raw: Uint8Array): Hole[] | undefined {
  const holes: Hole[] = [];
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] !== 0x22 /* " */) continue;
    for (const { key, quoted } of HOLE_KEYS) {
      if (!startsWith(raw, at, quoted)) continue;
      const hole = maybeHole(raw, key, at + quoted.length);
      if (hole === undefined || holes.some((other) => other.key === key)) return undefined;
      holes.push(hole);
    }
  }
  return holes;
}

/** One `{`, no `[`, no backslash. */
function isFlat(raw: Uint8Array): boolean {
  let braces = 0;
  for (const byte of raw) {
    if (byte === 0x5b /* [ */ || byte === 0x5c /* \ */) return false;
    if (byte === 0x7b /* { */ && ++braces > 1) return false;
  }
  return true;
}

/** The digits after a key's closing quote, if a colon and a plain number follow. */
function maybeHole(raw: Uint8Array, key: string, from: number): Hole | undefined {
  let start = skipSpace(raw, from);
  if (raw[start] !== 0x3a /* : */) return undefined;
  start = skipSpace(raw, start + 1);
  let end = start;
  while (isDigit(raw[end])) end++;
  if (!isCanonical(raw[start], end - start, numberIn(raw, start, end))) return undefined;
  const next = raw[end];
  const ends = next === 0x2c /* , */ || next === 0x7d; /* } */
  return ends || skipSpace(raw, end) > end ? { key, start, end } : undefined;
}

/** Whether digits, of which these are the first and the count, are the one way to write the safe integer `value`. */
function isCanonical(first: number | undefined, count: number, value: number): boolean {
  if (count === 0 || count > MAX_DIGITS || value > Number.MAX_SAFE_INTEGER) return false;
  return count === 1 || first !== 0x30;
}

function numberIn(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + (bytes[at] ?? 0) - 0x30;
  return value;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** JSON's white space: space, tab, line feed, carriage return. */
function skipSpace(raw: Uint8Array, from: number): number {
  let at = from;
  while (raw[at] === 0x20 || raw[at] === 0x09 || raw[at] === 0x0a || raw[at] === 0x0d) at++;
  return at;
}

function startsWith(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) {
    if (bytes[at + index] !== wanted[index]) return false;
  }
  return true;
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
