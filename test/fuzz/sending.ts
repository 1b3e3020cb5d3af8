/**
 * Sendings: what one run of the subject `messages` is made from, drawn, built and described.
 *
 * A sending is several messages to one buffer, of values that can be written and some that cannot.
 *
 * Left out: integers beyond 2^53-1 as bigints. They are written as they are, and no reader takes them yet.
 */
import { inspect } from 'node:util';
import {
  binaryMessage,
  DEFAULT_LIMITS,
  jsonMessage,
  type Limits,
  type OutgoingExtensions,
  type OutgoingMessage,
} from '@wireline/message';
import fc from 'fast-check';
import { CONTENT_KEYS, CONTENT_TYPES, ENCODINGS, EXTENSION_KEYS, pick } from './vocabulary.ts';

/** A property of an object: its key and its value, by number. */
type Property = readonly [key: number, value: number];

/** One message to be sent, in small numbers. */
export interface OutgoingRecipe {
  readonly kind: 'json' | 'binary';
  readonly content: readonly Property[];
  readonly extensions: readonly Property[];
  /** Anything a string can hold, lone surrogates included. */
  readonly text: string;
  readonly encoding: number;
  readonly type: number;
  readonly length: number;
}

/** What one run is made from: several messages to one buffer. */
export interface Sending {
  /** Which of {@link LIMITS}. */
  readonly limits: number;
  /** Which of {@link BUFFER_LENGTHS}. */
  readonly bufferLength: number;
  readonly byteorder: 'little' | 'big';
  /** So many bytes wait before the first message, and half of them have been sent. */
  readonly waiting: number;
  readonly messages: readonly OutgoingRecipe[];
}

/** Room for all; for hardly one; for most. */
export const LIMITS: readonly Limits[] = [
  DEFAULT_LIMITS,
  { maxHeaderLength: 140, maxContentLength: 60 },
  { maxHeaderLength: 300, maxContentLength: 2000 },
];

/** Room for all; for some; for hardly one. */
export const BUFFER_LENGTHS = [64 * 1024 * 1024, 1000, 150];

/** What can be written. */
const GOOD_VALUES: readonly unknown[] = [
  0,
  1,
  -1,
  -0,
  1.5,
  1e21,
  -1e300,
  5e-324,
  2 ** 53 - 1,
  -(2 ** 53) + 1,
  7n,
  true,
  false,
  null,
  undefined,
  '',
  'x',
  '"\\\b\f\n\r\t\u0000\u001f\u007f\u2028',
  '\u00e9',
  '\u20ac',
  '\u{1f436}',
  '\ud800',
  'a\udc00b',
  '\ufeff\ufffd\uffff',
  'x'.repeat(41),
  '\u00e9'.repeat(4100),
  {},
  [],
  [[[1, { a: [] }]], '', null],
  { a: { b: undefined }, c: 1 },
  JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "7": 3, "": 4}'),
  Object.assign(Object.create(null), { a: 1 }),
  new Date(0),
  { toJSON: () => ({ b: 1 }) },
  { toJSON: (key: string) => key },
  new Map([[1, 2]]),
  nested(60),
];

/** What cannot. */
const BAD_VALUES: readonly unknown[] = [
  NaN,
  -Infinity,
  2 ** 53,
  -1e17,
  Symbol('x'),
  () => 1,
  [undefined],
  [NaN],
  { toJSON: () => Infinity },
  nested(65),
  cycle(),
];

const VALUES = [...GOOD_VALUES, ...BAD_VALUES];

/** Encodings that have every character. */
const COMPLETE = /^utf[-_](8|16|32)(-le|-be)?$/i;

/** Draws sendings. */
export function sendings(): fc.Arbitrary<Sending> {
  return fc.record({
    limits: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(LIMITS.length - 1)),
    bufferLength: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(2)),
    byteorder: fc.constantFrom('little', 'big'),
    waiting: fc.nat(50),
    messages: fc.array(outgoing(), { maxLength: 8 }),
  });
}

function outgoing(): fc.Arbitrary<OutgoingRecipe> {
  // Bad values are the last ones of the list: they are drawn now and then.
  const good = fc.nat(GOOD_VALUES.length - 1);
  const value = fc.oneof({ weight: 9, arbitrary: good }, fc.nat(VALUES.length - 1));
  const properties = (keys: readonly string[]) =>
    fc.array(fc.tuple(fc.nat(keys.length - 1), value), { maxLength: 4 });
  return fc.record({
    kind: fc.constantFrom('json', 'binary'),
    content: properties(CONTENT_KEYS),
    extensions: fc.oneof(
      { weight: 2, arbitrary: fc.constant<readonly Property[]>([]) },
      properties(EXTENSION_KEYS),
    ),
    text: fc.array(fc.nat(0xffff), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
    encoding: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(ENCODINGS.length - 1)),
    type: fc.nat(CONTENT_TYPES.length - 1),
    length: fc.nat(400),
  });
}

/** The message of a recipe. */
export function buildMessage(recipe: OutgoingRecipe): OutgoingMessage {
  const options = extensionsOf(recipe);
  if (recipe.kind === 'binary') {
    const [type] = pick(CONTENT_TYPES, recipe.type);
    const bytes = new Uint8Array(recipe.length).fill(recipe.length);
    return binaryMessage(bytes, `${type}${recipe.text}`, options);
  }
  const contentEncoding = pick(ENCODINGS, recipe.encoding);
  const content = objectOf(recipe.content, CONTENT_KEYS);
  if (recipe.text !== '') content[recipe.text] = recipe.text;
  return jsonMessage(content, { ...options, contentEncoding });
}

function extensionsOf({ extensions }: OutgoingRecipe): { extensions?: OutgoingExtensions } {
  return extensions.length === 0 ? {} : { extensions: objectOf(extensions, EXTENSION_KEYS) };
}

function objectOf(
  properties: readonly Property[],
  keys: readonly string[],
): Record<string, unknown> {
  // fromEntries makes own properties of all keys, `__proto__` among them.
  return Object.fromEntries(properties.map(([key, value]) => [pick(keys, key), VALUES[value]]));
}

/** Whether there is no reason to refuse a message, other than its length. */
export function isPlain({
  kind,
  content,
  extensions,
  encoding,
  type,
  text,
}: OutgoingRecipe): boolean {
  const isGood = ([, value]: Property) => value < GOOD_VALUES.length;
  // The long text fits in no header.
  const isShort = ([, value]: Property) => !isLong(VALUES[value]);
  if (!extensions.every((property) => isGood(property) && isShort(property))) return false;
  if (kind === 'binary') return !`${pick(CONTENT_TYPES, type)[0]}${text}`.startsWith('text/json');
  return content.every(isGood) && COMPLETE.test(pick(ENCODINGS, encoding));
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.length > 1000;
}

/** A sending in words. */
export function describeSending(sending: Sending): string {
  const { byteorder, waiting } = sending;
  const limits = pick(LIMITS, sending.limits);
  return [
    `limits: header ${limits.maxHeaderLength}, content ${limits.maxContentLength}; byteorder ${byteorder}; ` +
      `buffer of ${pick(BUFFER_LENGTHS, sending.bufferLength)} bytes with ${waiting} in it, half of them sent`,
    ...sending.messages.map(
      (recipe, at) => `message ${at + 1}: ${inspect(buildMessage(recipe), { depth: 6 })}`,
    ),
  ].join('\n');
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function cycle(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
