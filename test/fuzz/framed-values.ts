/**
 * Frames for a framing: what it can write, and now and then what it cannot. All of one follows from one number.
 */
import { DELIMITERS, lengthOptions, type Built } from './framing-recipes.ts';
import { joinBytes } from './bytes.ts';
import { pick } from './vocabulary.ts';

/** Bytes that mean something to some framing, and letters. */
const BYTES = [
  0x61, 0x62, 0x63, 0x61, 0x62, 0, 1, 2, 0x0a, 0x0d, 0x23, 0x2a, 0x2c, 0x30, 0x3a, 0x80, 0xc3, 0xa9,
  0xff,
];
const CHARACTERS = [
  'a',
  'b',
  'c',
  'a',
  'b',
  'é',
  '€',
  '🐶',
  '1',
  '0',
  '\n',
  '\r',
  '#',
  '*',
  '\ufeff',
  '\ufffd',
  '\ud800',
];

/** Lengths: mostly short ones. */
const LENGTHS = [0, 1, 2, 3, 5, 8, 13, 40, 130, 300];

/** Draws whole numbers below a bound, the same ones from the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed + 1;
  }

  /** A whole number below `sides`. */
  roll(sides: number): number {
    // xorshift, 32 bits (G. Marsaglia: Xorshift RNGs, 2003)
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % sides;
  }
}

/** A frame for `built`. */
export function frameFor(built: Built, dice: Dice): unknown {
  const { recipe, parts, head } = built;
  switch (recipe.kind) {
    case 'fixed': {
      const isExact = recipe.padding === undefined && dice.roll(8) > 0;
      return contentFor(
        recipe.content,
        dice,
        isExact ? recipe.length : dice.roll(recipe.length + 1),
      );
    }
    case 'delimited': {
      const content = contentFor(recipe.content, dice);
      if (!recipe.keepDelimiter || dice.roll(8) === 0) return content;
      return withDelimiter(content, pick(pick(DELIMITERS, recipe.delimiters), dice.roll(4)));
    }
    case 'length': {
      const { offset, strip = offset > 0 ? 0 : undefined } = lengthOptions(recipe);
      if (strip !== 0 || recipe.content !== 'bytes' || dice.roll(8) === 0)
        return contentFor(recipe.content, dice);
      // Whole frames: with a length of one byte or digit, which the encoder replaces where it has a fixed size.
      const inside = bytesFor(dice, dice.roll(9));
      const length = Math.max(inside.length - recipe.adjustment, 0);
      const spelled = pick(
        [[length & 0x7f], [0x30 + (length % 10), 0x3a], [0x30 + (length % 10), 0x20]],
        dice.roll(3),
      );
      const closing = dice.roll(2) === 0 ? [] : [0x2c];
      return joinBytes([
        bytesFor(dice, offset),
        Uint8Array.from(spelled),
        inside,
        Uint8Array.from(closing),
      ]);
    }
    case 'until-close':
      return contentFor(recipe.content, dice);
    case 'type': {
      // One in nine is a type that nobody knows.
      const type = dice.roll(parts.length * 9) === 0 ? parts.length : dice.roll(parts.length);
      return { type, content: partFor(parts[type], dice) };
    }
    case 'headed': {
      const first = head === undefined ? undefined : frameFor(head, dice);
      return { head: first, body: partFor(parts[built.partOf(first)], dice) };
    }
  }
}

function partFor(part: number | Built | undefined, dice: Dice): unknown {
  if (typeof part === 'object') return frameFor(part, dice);
  return bytesFor(dice, dice.roll(12) === 0 ? dice.roll(10) : (part ?? 0));
}

function contentFor(content: 'bytes' | 'text' | 'replaced', dice: Dice, exact?: number): unknown {
  const length = exact ?? pick(LENGTHS, dice.roll(LENGTHS.length));
  return content === 'bytes' ? bytesFor(dice, length) : textFor(dice, length);
}

function bytesFor(dice: Dice, length: number): Uint8Array {
  // Half of them are of letters alone: the others are refused by most framings.
  const sides = dice.roll(2) === 0 ? 5 : BYTES.length;
  return Uint8Array.from({ length }, () => pick(BYTES, dice.roll(sides)));
}

function textFor(dice: Dice, length: number): string {
  const sides = pick([5, 10, CHARACTERS.length], dice.roll(3));
  return Array.from({ length }, () => pick(CHARACTERS, dice.roll(sides))).join('');
}

function withDelimiter(content: unknown, delimiter: string | Uint8Array): unknown {
  const bytes = typeof delimiter === 'string' ? Buffer.from(delimiter) : delimiter;
  if (content instanceof Uint8Array) return joinBytes([content, bytes]);
  return `${String(content)}${Buffer.from(bytes).toString()}`;
}
