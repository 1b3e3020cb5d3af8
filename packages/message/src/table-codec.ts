/**
 * A codec for the older encodings, whose tables come from iconv-lite and whose strictness is our own.
 *
 * iconv-lite puts U+FFFD where bytes are invalid and `?` where a character cannot be written, and in some
 * encodings either is a character in its own right. So it is never given a whole text. This codec cuts
 * the bytes into characters itself, asks iconv-lite for one character at a time, and remembers the
 * answer. One character either has a meaning or has none:
 *
 * - reading: the answer must be exactly one code point and not U+FFFD;
 * - writing: the bytes that iconv-lite proposes must read back as the same character.
 *
 * Where the tables differ from Python's, the row in `legacy-tables.ts` says so: `refused` ranges have no
 * meaning, `replaced` entries have another one.
 */
import iconv from 'iconv-lite';
import { CharacterError, type TextCodec } from './text-codec.ts';

/** How long a character is, told by its first two bytes. The second is -1 at the end of the content. */
export type CharacterLength = (first: number, second: number) => 1 | 2 | 3 | 4;

/** One older encoding. */
export interface LegacyTable {
  /** The table's name in iconv-lite. */
  readonly table: string;
  readonly lengthOf: CharacterLength;
  /** The least second byte of a pair, where that is more than the table of iconv-lite asks for. */
  readonly leastTrail?: number;
  /** Codes that Python's codec does not have, one or first and last, in hex: `80 8740-879c`. */
  readonly refused?: string;
  /** Code and code point, where Python's codec has another one, in hex: `a1c1=301c`. */
  readonly replaced?: string;
}

/** More characters than any table but GB 18030 has; beyond it nothing more is remembered. */
const MAX_REMEMBERED = 0x10000;

/** Four bytes: GB 18030. */
const LONGEST_CHARACTER = 4;

const NO_CHARACTER = '';
const NO_BYTES = new Uint8Array(0);

/** Makes a codec of a table. `name` is for errors. */
export function tableCodec(name: string, legacy: LegacyTable): TextCodec {
  const { table, lengthOf, leastTrail = 0 } = legacy;
  const refused = hexPairs(legacy.refused, '-');
  const replaced = hexPairs(legacy.replaced, '=').map(
    ([code, point]) => [code, String.fromCodePoint(point)] as const,
  );
  const characters = new Map<number, string>(replaced);
  const codes = new Map<string, Uint8Array>();

  /** The character that a code stands for. */
  function characterOf(code: number): string {
    const known = characters.get(code);
    if (known !== undefined) return known;
    const isRefused =
      (code > 0xff && code % 0x100 < leastTrail) ||
      refused.some(([first, last]) => code >= first && code <= last);
    const character = isRefused ? NO_CHARACTER : oneCharacter(iconv.decode(bytesOf(code), table));
    if (characters.size < MAX_REMEMBERED) characters.set(code, character);
    return character;
  }

  /** The bytes that a character is written as; none if it cannot be. */
  function codeOf(character: string): Uint8Array {
    const known = codes.get(character);
    if (known !== undefined) return known;
    const bytes = findCode(character);
    if (codes.size < MAX_REMEMBERED) codes.set(character, bytes);
    return bytes;
  }

  function findCode(character: string): Uint8Array {
    const proposal = Uint8Array.from(iconv.encode(character, table));
    if (characterOf(codeAt(proposal, 0, proposal.length)) === character) return proposal;
    const replacement = replaced.find((entry) => entry[1] === character);
    return replacement === undefined ? NO_BYTES : bytesOf(replacement[0]);
  }

  return {
    decode: (bytes) => {
      let text = '';
      for (let at = 0; at < bytes.length;) {
        const length = lengthOf(bytes[at] ?? -1, bytes[at + 1] ?? -1);
        const whole = at + length <= bytes.length;
        const character = whole ? characterOf(codeAt(bytes, at, length)) : NO_CHARACTER;
        if (character === NO_CHARACTER) {
          throw new CharacterError(`the bytes at ${at} are no character of ${name}`);
        }
        text += character;
        at += length;
      }
      return text;
    },
    encode: (text) => {
      const bytes = new Uint8Array(text.length * LONGEST_CHARACTER);
      let length = 0;
      let at = 0;
      for (const character of text) {
        const code = codeOf(character);
        if (code.length === 0) {
          throw new CharacterError(`the character at ${at} does not exist in ${name}`);
        }
        bytes.set(code, length);
        length += code.length;
        at += character.length;
      }
      return bytes.subarray(0, length);
    },
  };
}

/** Reads `1-2 3` as [[1, 2], [3, 3]], in hex. */
function hexPairs(list: string | undefined, separator: string): (readonly [number, number])[] {
  const items = list === undefined ? [] : list.split(' ');
  return items.map((item) => {
    const [first = '', last = first] = item.split(separator);
    return [parseInt(first, 16), parseInt(last, 16)] as const;
  });
}

function oneCharacter(text: string): string {
  const point = text.codePointAt(0) ?? 0xfffd;
  return point !== 0xfffd && text.length === String.fromCodePoint(point).length
    ? text
    : NO_CHARACTER;
}

/** The bytes of one character as a number, first byte highest; the inverse of {@link bytesOf}. */
function codeAt(bytes: Uint8Array, at: number, length: number): number {
  let code = 0;
  for (let index = at; index < at + length; index++) code = code * 0x100 + (bytes[index] ?? 0);
  return code;
}

function bytesOf(code: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = code; rest > 0; rest = Math.floor(rest / 0x100)) bytes.unshift(rest % 0x100);
  return Uint8Array.from(bytes.length === 0 ? [0] : bytes);
}
