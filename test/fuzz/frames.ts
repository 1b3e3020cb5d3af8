/**
 * Frames: from the few numbers that fast-check draws to bytes on the wire.
 *
 * A recipe holds small numbers only, indices into the lists of `vocabulary.ts`, so drawing and shrinking
 * are cheap, and a recipe of zeros is the plainest frame. Frames of one conversation share header styles:
 * their headers differ in numbers alone, as those of a real peer do, which is what the header recogniser
 * lives on.
 */
import { joinBytes } from './bytes.ts';
import { MUTATIONS, type Damage, type Member } from './mutations.ts';
import {
  CHANGING_NUMBER,
  CONTENT_KEYS,
  CONTENT_TYPES,
  CONTENT_VALUES,
  ENCODINGS,
  EXTENSION_KEYS,
  EXTENSION_VALUES,
  OTHER_PROTOCOLS,
  pick,
  REQUIRED_KEYS,
  SPACINGS,
} from './vocabulary.ts';

/** What the headers of several frames have in common. */
export interface Style {
  readonly byteorder: number;
  readonly type: number;
  readonly encoding: number;
  readonly spacing: number;
  /** How far the required keys are rotated, and whether they are reversed. */
  readonly order: number;
  /** How the length is written: one of {@link QUIRKS}. */
  readonly quirk: number;
  readonly extensions: readonly (readonly [key: number, value: number])[];
}

/** A message that is whole before it is damaged. */
export interface MessageRecipe {
  readonly style: number;
  /** What stands for the changing numbers among the extensions. */
  readonly id: number;
  /** Keys and values of the JSON content. */
  readonly content: readonly (readonly [key: number, value: number])[];
  readonly damages: readonly Damage[];
}

/** Bytes that never were a message: the beginning of another protocol, and anything. */
export interface JunkRecipe {
  readonly protocol: number | undefined;
  readonly junk: Uint8Array;
}

/** What one frame is made from. */
export type FrameRecipe = MessageRecipe | JunkRecipe;

/** The key of the length, and the same key with an escape. */
const LENGTH_KEY = '"content-length"';
const ESCAPED_LENGTH_KEY = '"content\\u002dlength"';

/**
 * Ways to write the length that are valid, since the last of equal keys counts, and that a reader in a
 * hurry gets wrong. `decoy` is a number that does not count.
 */
export const QUIRKS: readonly ((members: readonly Member[], decoy: string) => readonly Member[])[] =
  [
    (members) => members,
    (members, decoy) => [[LENGTH_KEY, decoy], ...members],
    (members) => members.map(escapeLengthKey),
    (members, decoy) => [[LENGTH_KEY, decoy], ...members.map(escapeLengthKey)],
    (members, decoy) => [[ESCAPED_LENGTH_KEY, decoy], ...members],
  ];

/** The bytes of one frame. */
export function buildFrame(recipe: FrameRecipe, styles: readonly Style[]): Uint8Array {
  if ('junk' in recipe) {
    const { protocol, junk } = recipe;
    if (protocol === undefined) return junk;
    return joinBytes([Buffer.from(pick(OTHER_PROTOCOLS, protocol), 'latin1'), junk]);
  }
  const { damages } = recipe;
  const style = pick(styles, recipe.style);
  const [type, charset] = pick(CONTENT_TYPES, style.type);
  const encoding = pick(ENCODINGS, style.encoding);
  const text = changeText('text', contentText(recipe), damages);
  const encoded = encodeText(text, charset ?? encoding, style.byteorder);
  const content = changeBytes('content', encoded, damages);
  let members = membersOf(style, type, encoding, { id: recipe.id, contentLength: content.length });
  for (const damage of damages) {
    const mutation = MUTATIONS[damage.name];
    if (mutation.stage === 'members' && members.length > 0) {
      members = mutation.change(members, damage);
    }
  }
  const headerText = changeText('header-text', textOf(members, style), damages);
  const header = changeBytes('header', Buffer.from(headerText), damages);
  // A header too long for its two bytes says its length modulo 2^16, as a careless sender would.
  const length = Uint8Array.of((header.length >> 8) & 0xff, header.length & 0xff);
  return changeBytes('frame', joinBytes([length, header, content]), damages);
}

/** What a frame is, in words, for whoever reads a counter-example. */
export function describeFrame(recipe: FrameRecipe, styles: readonly Style[]): string {
  if ('junk' in recipe) return recipe.protocol === undefined ? 'junk' : 'another protocol';
  const style = pick(styles, recipe.style);
  const [type] = pick(CONTENT_TYPES, style.type);
  const what = `${JSON.stringify(type)} in ${JSON.stringify(pick(ENCODINGS, style.encoding))}`;
  const notes = recipe.damages.map(
    (damage) => `${damage.name} (${MUTATIONS[damage.name].says(damage)})`,
  );
  return notes.length === 0 ? `${what}, undamaged` : `${what}; ${notes.join('; ')}`;
}

function contentText({ content }: MessageRecipe): string {
  const members = content.map(
    ([key, value]) => `${JSON.stringify(pick(CONTENT_KEYS, key))}: ${pick(CONTENT_VALUES, value)}`,
  );
  return `{${members.join(', ')}}`;
}

function membersOf(
  style: Style,
  type: string,
  encoding: string,
  numbers: { readonly id: number; readonly contentLength: number },
): readonly Member[] {
  const values = [
    JSON.stringify(pick(['little', 'big'], style.byteorder)),
    JSON.stringify(type),
    JSON.stringify(encoding),
    String(numbers.contentLength),
  ];
  const required = REQUIRED_KEYS.map((key, index): Member => [`"${key}"`, values[index] ?? '']);
  const { order } = style;
  const turned = required.map((_, index) => pick(required, index + order));
  const members = order % 8 < 4 ? turned : turned.reverse();
  for (const [key, value] of style.extensions) {
    const literal = pick(EXTENSION_VALUES, value);
    // Mostly behind the required keys, as usual; the order of two keys is the drawn one.
    const index = (order >> 3) % 4 === 1 ? key % members.length : members.length;
    members.splice(index, 0, [
      JSON.stringify(pick(EXTENSION_KEYS, key)),
      literal.replace(CHANGING_NUMBER, String(numbers.id)),
    ]);
  }
  return pick(QUIRKS, style.quirk)(members, String(numbers.id));
}

function escapeLengthKey([key, value]: Member): Member {
  return [key === LENGTH_KEY ? ESCAPED_LENGTH_KEY : key, value];
}

function textOf(members: readonly Member[], { spacing }: Style): string {
  const [comma, colon, start, end] = pick(SPACINGS, spacing);
  return `{${start}${members.map(([key, value]) => `${key}${colon}${value}`).join(comma)}${end}}`;
}

function changeText(
  stage: 'text' | 'header-text',
  text: string,
  damages: readonly Damage[],
): string {
  let changed = text;
  for (const damage of damages) {
    const mutation = MUTATIONS[damage.name];
    if (
      (mutation.stage === 'text' || mutation.stage === 'header-text') &&
      mutation.stage === stage
    ) {
      changed = mutation.change(changed, damage);
    }
  }
  return changed;
}

function changeBytes(
  stage: 'content' | 'header' | 'frame',
  bytes: Uint8Array,
  damages: readonly Damage[],
): Uint8Array {
  let changed = bytes;
  for (const damage of damages) {
    const mutation = MUTATIONS[damage.name];
    const isBytes =
      mutation.stage === 'content' || mutation.stage === 'header' || mutation.stage === 'frame';
    if (isBytes && mutation.stage === stage) changed = mutation.change(changed, damage);
  }
  return changed;
}

/** Text in an encoding that Node has by itself; in any other one as UTF-8, which is right for ASCII. */
function encodeText(text: string, encoding: string, byteorder: number): Uint8Array {
  switch (encoding) {
    case 'latin-1':
    case 'cp1252':
      return Buffer.from(text, 'latin1');
    case 'utf-16-le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16-be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'utf-16':
      return byteorder % 2 === 0
        ? Buffer.from(text, 'utf16le')
        : Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'utf-32':
      return encodeUtf32(byteorder % 2 === 0 ? text : `\ufeff${text}`, byteorder % 2 === 0);
    case 'utf-32-le':
      return encodeUtf32(text, true);
    case 'utf-32-be':
      return encodeUtf32(text, false);
    default:
      return Buffer.from(text);
  }
}

function encodeUtf32(text: string, littleEndian: boolean): Uint8Array {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const bytes = new Uint8Array(points.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, point] of points.entries()) view.setUint32(index * 4, point, littleEndian);
  return bytes;
}
