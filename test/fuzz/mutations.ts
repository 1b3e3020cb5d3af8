/**
 * Mutations: the ways in which a frame is broken, or strained, as a table by name.
 *
 * A frame is built in stages, and each mutation belongs to one:
 *
 * ```
 *   text -> content -> members -> header-text -> header -> frame
 * ```
 *
 * `text` is the JSON text of the content and `content` its bytes; `members` are the header's keys and
 * values as JSON source; `header-text` and `header` are the header as text and as bytes; `frame` is all of
 * it. The content's length and the header's are taken after the stages before them, so a mutation of the
 * content leaves the framing intact and one of the frame does not.
 *
 * Two numbers say all that a mutation needs, `at` and `value`, so that fast-check draws and shrinks them
 * cheaply. Each mutation takes what it gets, modulo what there is.
 */
import { hexPairs, insertBytes, joinBytes, overwriteBytes } from './bytes.ts';
import {
  BAD_LITERALS,
  BAD_UTF8,
  CONTENT_KEYS,
  CONTENT_VALUES,
  EXTENSION_KEYS,
  LENGTH_SPELLINGS,
  MARKS,
  NO_OBJECTS,
  OTHER_PROTOCOLS,
  pick,
  TEXT_FRAGMENTS,
} from './vocabulary.ts';

/** A key of a header and its value, both as JSON source. */
export type Member = readonly [key: string, value: string];

/** Where and with what. */
export interface Knobs {
  /** Where, counted in whatever the stage is made of. */
  readonly at: number;
  /** With what: an index in a list, a byte, a number of bytes. */
  readonly value: number;
}

interface Change<Stage extends string, Material> {
  readonly stage: Stage;
  /** What it does, for whoever reads a counter-example. */
  readonly says: (knobs: Knobs) => string;
  readonly change: (material: Material, knobs: Knobs) => Material;
}

/** One way to break a frame. */
export type Mutation =
  | Change<'text' | 'header-text', string>
  | Change<'content' | 'header' | 'frame', Uint8Array>
  | Change<'members', readonly Member[]>;

/** Depths of nesting around the limit of 64, and far beyond it. */
const DEPTHS = [1, 62, 63, 64, 65, 66, 300, 1500];

/** Lengths around those where buffers and shortcuts change their ways. */
const STRETCHES = [1, 30, 130, 700, 3900, 9000, 70_000];

/** What `H` can be said to be instead. */
const HEADER_LENGTHS: readonly (readonly [name: string, lie: (length: number) => number])[] = [
  ['one more', (length) => length + 1],
  ['one less', (length) => length - 1],
  ['0', () => 0],
  ['1', () => 1],
  ['4096', () => 4096],
  ['4097', () => 4097],
  ['65535', () => 0xffff],
  ['its bytes swapped', (length) => (length >> 8) | ((length & 0xff) << 8)],
];

/** What a header can be instead of an object: the text of one, wrapped, or something else. */
const NO_HEADERS: readonly (readonly [name: string, form: (text: string, at: number) => string])[] =
  [
    ['in an array', (text) => `[${text}]`],
    ['as a string', (text) => JSON.stringify(text)],
    ['twice', (text) => text + text],
    ['replaced', (_, at) => pick(NO_OBJECTS, at)],
  ];

/** All mutations by name. */
export const MUTATIONS = {
  // The content's text.
  'insert-in-text': {
    stage: 'text',
    says: ({ value }) => `content: ${show(pick(TEXT_FRAGMENTS, value))} inserted`,
    change: insertFragment,
  },
  'overwrite-in-text': {
    stage: 'text',
    says: ({ value }) => `content: ${show(pick(TEXT_FRAGMENTS, value))} written over what is there`,
    change: overwriteFragment,
  },
  'literal-in-text': {
    stage: 'text',
    says: ({ value }) => `content: a value is ${show(pick(BAD_LITERALS, value))}`,
    change: (text, { at, value }) =>
      addMember(text, `"${pick(CONTENT_KEYS, at)}": ${pick(BAD_LITERALS, value)}`),
  },
  'repeat-key-in-text': {
    stage: 'text',
    says: ({ at }) => `content: the key ${show(pick(CONTENT_KEYS, at))} twice`,
    change: (text, { at, value }) => {
      const key = JSON.stringify(pick(CONTENT_KEYS, at));
      const [first, second] = [pick(BAD_LITERALS, value), pick(CONTENT_VALUES, value)];
      return addMember(text, `${key}: ${first}, ${key}: ${second}`);
    },
  },
  'nest-text': {
    stage: 'text',
    says: ({ value }) => `content: nested ${pick(DEPTHS, value)} levels deep`,
    change: (text, { at, value }) => addMember(text, `"n": ${nested(pick(DEPTHS, value), at)}`),
  },
  'no-object': {
    stage: 'text',
    says: ({ value }) => `content: ${show(pick(NO_OBJECTS, value))} in the place of an object`,
    change: (_, { value }) => pick(NO_OBJECTS, value),
  },
  'cut-text': {
    stage: 'text',
    says: () => 'content: cut off',
    change: (text, { at }) => text.slice(0, at % (text.length + 1)),
  },
  'stretch-text': {
    stage: 'text',
    says: ({ value }) => `content: a string of ${pick(STRETCHES, value)} characters added`,
    change: (text, { at, value }) => {
      const character = pick(['x', ' ', '[', '\\"', '\u00e9', '\\\\'], at);
      return addMember(text, `"s": "${character.repeat(pick(STRETCHES, value))}"`);
    },
  },

  // The content's bytes.
  'bad-utf8-in-content': {
    stage: 'content',
    says: ({ value }) => `content: the bytes ${hexPairs(pick(BAD_UTF8, value))} inserted`,
    change: (bytes, { at, value }) => insertBytes(bytes, at, pick(BAD_UTF8, value)),
  },
  'mark-on-content': {
    stage: 'content',
    says: ({ value }) => `content: the byte order mark ${hexPairs(pick(MARKS, value))} in front`,
    change: (bytes, { value }) => insertBytes(bytes, 0, pick(MARKS, value)),
  },
  'byte-in-content': {
    stage: 'content',
    says: ({ value }) => `content: a byte becomes ${hexPairs([value])}`,
    change: (bytes, { at, value }) => overwriteBytes(bytes, at, [value]),
  },
  'cut-content': {
    stage: 'content',
    says: ({ value }) => `content: ${value % 8} bytes missing at the end, and its length knows`,
    change: (bytes, { value }) => bytes.subarray(0, Math.max(0, bytes.length - (value % 8))),
  },

  // The header's members.
  'drop-key': {
    stage: 'members',
    says: () => 'header: a member left out',
    change: (members, { at }) => members.toSpliced(at % members.length, 1),
  },
  'repeat-key': {
    stage: 'members',
    says: ({ value }) => `header: a key twice, once with the value ${show(literalOf(value))}`,
    change: (members, { at, value }) => {
      const [key] = pick(members, at);
      return members.toSpliced((at + value) % (members.length + 1), 0, [key, literalOf(value)]);
    },
  },
  'rename-key': {
    stage: 'members',
    says: () => 'header: a key spelled another way',
    change: (members, { at, value }) =>
      replaceMember(members, at, ([key, text]) => [respell(key, value), text]),
  },
  'escape-value': {
    stage: 'members',
    says: () => 'header: an escape in a value',
    change: (members, { at, value }) =>
      replaceMember(members, at, ([key, text]) => [key, escapeOne(text, value)]),
  },
  'retype-value': {
    stage: 'members',
    says: ({ value }) => `header: a value is ${show(pick(BAD_LITERALS, value))}`,
    change: (members, { at, value }) =>
      replaceMember(members, at, ([key]) => [key, pick(BAD_LITERALS, value)]),
  },
  'respell-length': {
    stage: 'members',
    says: ({ value }) =>
      `header: content-length spelled as 7 would be by ${show(pick(LENGTH_SPELLINGS, value)(7))}`,
    change: (members, { value }) =>
      members.map(([key, text]) =>
        key === '"content-length"'
          ? [key, pick(LENGTH_SPELLINGS, value)(Number(text))]
          : [key, text],
      ),
  },
  'add-extension': {
    stage: 'members',
    says: ({ at, value }) =>
      `header: the extension ${show(pick(EXTENSION_KEYS, at))} is ${show(literalOf(value))}`,
    change: (members, { at, value }) => [
      ...members,
      [JSON.stringify(pick(EXTENSION_KEYS, at)), literalOf(value)],
    ],
  },
  'nest-extension': {
    stage: 'members',
    says: ({ value }) => `header: an extension nested ${pick(DEPTHS, value)} levels deep`,
    change: (members, { at, value }) => [...members, ['"n"', nested(pick(DEPTHS, value), at)]],
  },
  'stretch-header': {
    stage: 'members',
    says: ({ value }) => `header: an extension of ${pick(STRETCHES, value) % 4096} characters`,
    change: (members, { value }) => [
      ...members,
      ['"s"', `"${'x'.repeat(pick(STRETCHES, value) % 4096)}"`],
    ],
  },

  // The header's text and bytes.
  'insert-in-header': {
    stage: 'header-text',
    says: ({ value }) => `header: ${show(pick(TEXT_FRAGMENTS, value))} inserted`,
    change: insertFragment,
  },
  'overwrite-in-header': {
    stage: 'header-text',
    says: ({ value }) => `header: ${show(pick(TEXT_FRAGMENTS, value))} written over what is there`,
    change: overwriteFragment,
  },
  'header-no-object': {
    stage: 'header-text',
    says: ({ value }) => `header: ${pick(NO_HEADERS, value)[0]}`,
    change: (text, { at, value }) => pick(NO_HEADERS, value)[1](text, at),
  },
  'bad-utf8-in-header': {
    stage: 'header',
    says: ({ value }) => `header: the bytes ${hexPairs(pick(BAD_UTF8, value))} inserted`,
    change: (bytes, { at, value }) => insertBytes(bytes, at, pick(BAD_UTF8, value)),
  },
  'mark-on-header': {
    stage: 'header',
    says: ({ value }) => `header: the byte order mark ${hexPairs(pick(MARKS, value))} in front`,
    change: (bytes, { value }) => insertBytes(bytes, 0, pick(MARKS, value)),
  },

  // The whole frame.
  'header-length': {
    stage: 'frame',
    says: ({ value }) => `frame: H is ${pick(HEADER_LENGTHS, value)[0]}`,
    change: (bytes, { value }) => {
      const length = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      const [, lieAbout] = pick(HEADER_LENGTHS, value);
      const lie = lieAbout(length) & 0xffff;
      return overwriteBytes(bytes, 0, [lie >> 8, lie & 0xff]);
    },
  },
  'flip-bit': {
    stage: 'frame',
    says: ({ value }) => `frame: bit ${value % 8} of a byte flipped`,
    change: (bytes, { at, value }) => {
      const index = at % Math.max(1, bytes.length);
      return overwriteBytes(bytes, index, [(bytes[index] ?? 0) ^ (1 << (value % 8))]);
    },
  },
  'insert-byte': {
    stage: 'frame',
    says: ({ value }) => `frame: the byte ${hexPairs([value])} inserted`,
    change: (bytes, { at, value }) => insertBytes(bytes, at, [value]),
  },
  'delete-bytes': {
    stage: 'frame',
    says: ({ value }) => `frame: ${1 + (value % 4)} bytes deleted`,
    change: (bytes, { at, value }) => {
      const index = at % (bytes.length + 1);
      return joinBytes([bytes.subarray(0, index), bytes.subarray(index + 1 + (value % 4))]);
    },
  },
  'repeat-bytes': {
    stage: 'frame',
    says: ({ value }) => `frame: ${1 + value} bytes repeated`,
    change: (bytes, { at, value }) => {
      const index = at % (bytes.length + 1);
      return insertBytes(bytes, index, bytes.subarray(index, index + 1 + value));
    },
  },
  'cut-tail': {
    stage: 'frame',
    says: ({ value }) => `frame: ${1 + value} bytes missing at the end; what follows is spliced on`,
    change: (bytes, { value }) => bytes.subarray(0, Math.max(0, bytes.length - 1 - value)),
  },
  'cut-front': {
    stage: 'frame',
    says: ({ value }) => `frame: ${1 + (value % 4)} bytes missing at the beginning`,
    change: (bytes, { value }) => bytes.subarray(1 + (value % 4)),
  },
  'other-protocol': {
    stage: 'frame',
    says: ({ value }) => `frame: ${show(pick(OTHER_PROTOCOLS, value))} in front`,
    change: (bytes, { value }) =>
      insertBytes(bytes, 0, Buffer.from(pick(OTHER_PROTOCOLS, value), 'latin1')),
  },
} as const satisfies Readonly<Record<string, Mutation>>; // the keys are the type below

/** The name of a mutation. */
export type MutationName = keyof typeof MUTATIONS;

/** One mutation, drawn. */
export interface Damage extends Knobs {
  readonly name: MutationName;
}

// Object.keys loses the type of the keys; the object is a constant of this file.
const NAMES = Object.keys(MUTATIONS) as readonly MutationName[];

/** The mutations of the content: they leave the framing intact. */
export const CONTENT_MUTATIONS = NAMES.filter((name) => isOfContent(MUTATIONS[name]));
/** The other ones. */
export const FRAME_MUTATIONS = NAMES.filter((name) => !isOfContent(MUTATIONS[name]));

function isOfContent({ stage }: Mutation): boolean {
  return stage === 'text' || stage === 'content';
}

/** Long ones are cut: a description is one line. */
function show(text: string): string {
  return text.length > 40 ? `${JSON.stringify(text.slice(0, 40))}...` : JSON.stringify(text);
}

function insertFragment(text: string, { at, value }: Knobs): string {
  const index = at % (text.length + 1);
  return text.slice(0, index) + pick(TEXT_FRAGMENTS, value) + text.slice(index);
}

function overwriteFragment(text: string, { at, value }: Knobs): string {
  const index = at % (text.length + 1);
  return text.slice(0, index) + pick(TEXT_FRAGMENTS, value) + text.slice(index + 1);
}

/** Adds a member to the text of an object, before its closing brace. */
function addMember(text: string, member: string): string {
  const end = text.lastIndexOf('}');
  if (end === -1) return `{${member}}`;
  const before = text.slice(0, end);
  return `${before}${before.trimEnd().endsWith('{') ? '' : ', '}${member}${text.slice(end)}`;
}

/** `depth` levels of objects, of arrays, or of both in turn. The outermost object of the text is one more. */
function nested(depth: number, form: number): string {
  const opening = pick(['[', '{"a":', '[{"a":'], form);
  const closing = pick([']', '}', '}]'], form);
  const count = opening.startsWith('[{') ? Math.ceil(depth / 2) : depth;
  return `${opening.repeat(count)}1${closing.repeat(count)}`;
}

function literalOf(value: number): string {
  return pick([...BAD_LITERALS, ...CONTENT_VALUES.slice(0, 12)], value);
}

function replaceMember(
  members: readonly Member[],
  at: number,
  replace: (member: Member) => Member,
): readonly Member[] {
  return members.with(at % members.length, replace(pick(members, at)));
}

/** A key that looks the same, is nearly the same, or is the same by another spelling. */
function respell(key: string, value: number): string {
  const inner = key.slice(1, -1);
  const spellings = [
    escapeOne(key, value >> 3),
    `"${inner.toUpperCase()}"`,
    `"${inner} "`,
    `"${inner}\\u0000"`,
    `"${inner.slice(1)}"`,
    `"\ufeff${inner}"`,
    `"${inner.replace('-', '\u2010')}"`,
    inner,
  ];
  return pick(spellings, value);
}

/** One character of a string literal as `\uXXXX`; a literal of another type as it was. */
function escapeOne(literal: string, value: number): string {
  if (!literal.startsWith('"') || literal.length < 3 || literal.includes('\\')) return literal;
  const at = 1 + (value % (literal.length - 2));
  const code = literal.charCodeAt(at).toString(16).padStart(4, '0');
  return `${literal.slice(0, at)}\\u${code}${literal.slice(at + 1)}`;
}
