/**
 * Framings: from the few numbers that fast-check draws to a description of a protocol, one in the other.
 *
 * A recipe of zeros is the plainest of its kind. What cannot be combined is left out here, so that every recipe is a
 * framing.
 */
import {
  delimited,
  fixedLength,
  FrameFault,
  headed,
  lengthPrefixed,
  text,
  typeByte,
  untilClose,
  type BodyFraming,
  type ComposableFraming,
  type Content,
  type Delimiter,
  type LengthFormat,
  type Overlong,
} from '@wireline/framing';
import { pick } from './vocabulary.ts';

/** What all recipes have. */
interface Common {
  readonly maxLength: number;
  readonly overlong: Overlong;
  readonly content: 'bytes' | 'text' | 'replaced';
}

/** Frames of one length. */
export interface FixedRecipe extends Common {
  readonly kind: 'fixed';
  readonly length: number;
  readonly padding: number | undefined;
  readonly side: 'start' | 'end';
  readonly keepPadding: boolean;
}

/** Frames between delimiters. */
export interface DelimitedRecipe extends Common {
  readonly kind: 'delimited';
  /** Which of {@link DELIMITERS}. */
  readonly delimiters: number;
  readonly keepDelimiter: boolean;
  readonly unterminated: 'fail' | 'frame';
}

/** Frames behind a length. */
export interface LengthRecipe extends Common {
  readonly kind: 'length';
  /** Which of {@link FORMATS}. */
  readonly format: number;
  readonly offset: number;
  readonly adjustment: number;
  /** Undefined: as the framing has it. Of a length of no fixed size anything else is 0. */
  readonly strip: number | undefined;
}

/** One frame. */
export interface UntilCloseRecipe extends Common {
  readonly kind: 'until-close';
}

/** Frames with a type: the types are 0, 1 and so on. */
export interface TypeRecipe extends Common {
  readonly kind: 'type';
  readonly entries: readonly (number | FramingRecipe)[];
}

/** Frames with a head, whose first byte says which body it has. */
export interface HeadedRecipe extends Common {
  readonly kind: 'headed';
  readonly head: FramingRecipe;
  readonly bodies: readonly (number | FramingRecipe)[];
}

/** What a framing is made from. */
export type FramingRecipe =
  FixedRecipe | DelimitedRecipe | LengthRecipe | UntilCloseRecipe | TypeRecipe | HeadedRecipe;

/** Sets of delimiters; short ones, so that any bytes have some. */
export const DELIMITERS: readonly (readonly Delimiter[])[] = [
  ['\n'],
  ['\n', '\r\n'],
  ['\r\n', '\n'],
  ['##'],
  ['#*#'],
  ['a', '##', '\n'],
  [Uint8Array.of(0xff, 0), Uint8Array.of(0)],
  ['aaab'],
  ['é'],
];

/** Formats of lengths. */
export const FORMATS: readonly LengthFormat[] = [
  'u8',
  'u16',
  'u16le',
  'u24',
  'u32',
  'u64le',
  'varint',
  'ascii1',
  'ascii3',
  'netstring',
  'octet-counting',
];

/** How many bytes a length takes; undefined where that varies. */
export const WIDTHS: Readonly<Partial<Record<LengthFormat, number>>> = {
  u8: 1,
  u16: 2,
  u16le: 2,
  u24: 3,
  u32: 4,
  u64le: 8,
  ascii1: 1,
  ascii3: 3,
};

/** The first byte of a head without sense, in two ways. */
const HEAD_REFUSED = 0xff;
const HEAD_WITHOUT_LENGTH = 0x31;

/** A framing, and what it is made of. */
export interface Built {
  readonly recipe: FramingRecipe;
  readonly framing: ComposableFraming<unknown>;
  /** Those of bodies or types, in the order of the recipe. */
  readonly parts: readonly (number | Built)[];
  readonly head?: Built;
  /** Which of the parts the body of a head is. */
  readonly partOf: (head: unknown) => number;
}

/** The framing of a recipe. */
export function buildFraming(recipe: FramingRecipe): Built {
  const { maxLength, overlong } = recipe;
  const limits = { maxLength, overlong };
  const alone = (framing: ComposableFraming<unknown>): Built => {
    return { recipe, framing, parts: [], partOf: () => 0 };
  };
  const content = contentOf(recipe);
  switch (recipe.kind) {
    case 'fixed': {
      const { length, padding, side, keepPadding } = recipe;
      const filled = padding === undefined ? {} : { padding, side, keepPadding };
      const value = content.content;
      return alone(
        value === undefined
          ? fixedLength(length, filled)
          : fixedLength(length, { ...filled, content: value }),
      );
    }
    case 'delimited': {
      const { keepDelimiter, unterminated } = recipe;
      const options = { ...limits, ...content, keepDelimiter, unterminated };
      return alone(delimited(pick(DELIMITERS, recipe.delimiters), options));
    }
    case 'length':
      return alone(
        lengthPrefixed(pick(FORMATS, recipe.format), {
          ...limits,
          ...content,
          ...lengthOptions(recipe),
        }),
      );
    case 'until-close':
      return alone(untilClose({ ...limits, ...content }));
    case 'type': {
      const parts = recipe.entries.map(buildPart);
      const table = Object.fromEntries(parts.map((part, type) => [type, bodyOf(part)]));
      return { recipe, framing: typeByte(table, limits), parts, partOf: () => 0 };
    }
    case 'headed': {
      const head = buildFraming(recipe.head);
      const parts = recipe.bodies.map(buildPart);
      const partOf = (value: unknown) => firstByte(value) % Math.max(parts.length, 1);
      const choose = (value: unknown): BodyFraming<unknown> => {
        const byte = firstByte(value);
        if (byte === HEAD_REFUSED)
          throw new FrameFault('type-unknown', 'read a head: nobody wants it');
        const part = parts[partOf(value)];
        return byte === HEAD_WITHOUT_LENGTH ? NaN : part === undefined ? 0 : bodyOf(part);
      };
      return { recipe, framing: headed(head.framing, choose, limits), parts, head, partOf };
    }
  }
}

/** Where the length stands, and what is dropped. */
export function lengthOptions({ format, offset, adjustment, strip }: LengthRecipe) {
  const width = WIDTHS[pick(FORMATS, format)];
  if (width === undefined)
    return { offset, adjustment, ...(strip === undefined ? {} : { strip: 0 }) };
  if (strip === undefined) return { offset, adjustment };
  return { offset, adjustment, strip, header: new Uint8Array(strip).fill(0x68) };
}

function buildPart(part: number | FramingRecipe): number | Built {
  return typeof part === 'number' ? part : buildFraming(part);
}

function bodyOf(part: number | Built): BodyFraming<unknown> {
  return typeof part === 'number' ? part : part.framing;
}

function contentOf({
  content,
}: Common): { readonly content: Content<unknown> } | { readonly content?: never } {
  if (content === 'bytes') return {};
  // A framing of any frames is given what it was made for: its own.
  return {
    content: text({
      invalid: content === 'text' ? 'fail' : 'replace',
    }) as unknown as Content<unknown>,
  };
}

function firstByte(head: unknown): number {
  if (typeof head === 'string') return head.length === 0 ? 0 : head.charCodeAt(0) & 0xff;
  if (head instanceof Uint8Array) return head[0] ?? 0;
  return 0;
}
