/**
 * LengthFormat: how a number that says a length is written.
 *
 * ```
 *   u8 ... u64        1 to 8 bytes, the most significant first
 *   u8le ... u64le    the least significant first
 *   varint            seven bits to a byte, the least significant first; the top bit says that more follow (LEB128)
 *   ascii1 ... 15     so many digits, filled up with zeros; spaces around them are read, too
 *   netstring         digits and ':', and ',' behind the content          (D. J. Bernstein: Netstrings)
 *   octet-counting    digits without a leading zero, and a space          (RFC 6587, 3.4.1)
 * ```
 *
 * A number above 2^53 - 1 is read as Infinity: no frame is so long, and which number it was makes no difference.
 */
import { UNKNOWN } from '../cutting/cutter.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import { countDigits, writeDigits } from '../text/digits.ts';

type Bits = 8 | 16 | 24 | 32 | 40 | 48 | 56 | 64;
type Digits = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15;

/** A way to write a length; its file has the list. */
export type LengthFormat =
  `u${Bits}` | `u${Bits}le` | 'varint' | `ascii${Digits}` | 'netstring' | 'octet-counting';

/** Reads and writes lengths in one format. */
export interface LengthField {
  /** How many bytes a length takes; of a format in which that varies, those of the length that was read last. */
  readonly width: number;
  readonly isFixed: boolean;
  /** The least and the greatest length that can be written. */
  readonly least: number;
  readonly most: number;
  /** The byte that stands behind the content; UNKNOWN when there is none. */
  readonly closing: number;

  /**
   * The length at `at`; UNKNOWN when more bytes are needed.
   *
   * @throws FrameFault with code `length-invalid`
   */
  read(bytes: Uint8Array, at: number, end: number): number;

  /** How many bytes `length` takes. */
  widthOf(length: number): number;

  /** Writes `length` to `target[at..at + width)`. */
  write(length: number, target: Uint8Array, at: number, width: number): void;
}

/**
 * A field for lengths in `format`.
 *
 * @throws RangeError when there is no such format.
 */
export function createLengthField(format: LengthFormat): LengthField {
  if (format === 'varint') return new VarintLength();
  if (format === 'netstring')
    return new DigitsLength({ end: ':', closing: ',', least: 0, what: 'a netstring' });
  if (format === 'octet-counting')
    return new DigitsLength({ end: ' ', closing: '', least: 1, what: 'a count of octets' });
  const [, ascii] = /^ascii([1-9]|1[0-5])$/.exec(format) ?? [];
  if (ascii !== undefined) return new AsciiLength(Number(ascii));
  const [, bits, le] = /^u(8|16|24|32|40|48|56|64)(le)?$/.exec(format) ?? [];
  if (bits !== undefined) return new BinaryLength(Number(bits) / 8, le === undefined);
  throw new RangeError(
    `read lengths as '${format as string}': choose u8, u16, u24, u32, u40, u48, u56 or u64, the same with le, ` +
      `varint, ascii1 to ascii15, netstring or octet-counting`,
  );
}

/** The most bytes of a varint: what 64 bits take. */
const MAX_VARINT = 10;

/** The most digits of a length: all of them are safe integers. */
const MAX_DIGITS = 15;

const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;

class BinaryLength implements LengthField {
  readonly width: number;
  readonly isFixed = true;
  readonly least = 0;
  readonly most: number;
  readonly closing = UNKNOWN;
  readonly #isBigEndian: boolean;

  constructor(width: number, isBigEndian: boolean) {
    this.width = width;
    this.#isBigEndian = isBigEndian;
    this.most = Math.min(2 ** (8 * width) - 1, Number.MAX_SAFE_INTEGER);
  }

  read(bytes: Uint8Array, at: number, end: number): number {
    const { width } = this;
    if (end - at < width) return UNKNOWN;
    let length = 0;
    if (this.#isBigEndian) {
      for (let index = at; index < at + width; index++) length = length * 256 + (bytes[index] ?? 0);
    } else {
      for (let index = at + width - 1; index >= at; index--)
        length = length * 256 + (bytes[index] ?? 0);
    }
    return length <= Number.MAX_SAFE_INTEGER ? length : Infinity;
  }

  widthOf(): number {
    return this.width;
  }

  write(length: number, target: Uint8Array, at: number): void {
    const { width } = this;
    let rest = length;
    for (let index = 0; index < width; index++) {
      target[this.#isBigEndian ? at + width - 1 - index : at + index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
}

class VarintLength implements LengthField {
  width = 1;
  readonly isFixed = false;
  readonly least = 0;
  readonly most = Number.MAX_SAFE_INTEGER;
  readonly closing = UNKNOWN;

  read(bytes: Uint8Array, at: number, end: number): number {
    let length = 0;
    let scale = 1;
    for (let index = at; index < end; index++) {
      const byte = bytes[index] ?? 0;
      length += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) {
        this.width = index + 1 - at;
        return length <= Number.MAX_SAFE_INTEGER ? length : Infinity;
      }
      if (index + 1 - at === MAX_VARINT) {
        throw lengthInvalid(`a varint: more than ${MAX_VARINT} bytes say that more follow`);
      }
    }
    return UNKNOWN;
  }

  widthOf(length: number): number {
    let width = 1;
    for (let rest = length; rest >= 128; rest = Math.floor(rest / 128)) width++;
    return width;
  }

  write(length: number, target: Uint8Array, at: number, width: number): void {
    let rest = length;
    for (let index = 0; index < width; index++) {
      target[at + index] = (rest % 128) + (index < width - 1 ? 0x80 : 0);
      rest = Math.floor(rest / 128);
    }
  }
}

/** A fixed number of digits. Python programs write `str(n).zfill(5)`, and some `f"{n:<10}"`. */
class AsciiLength implements LengthField {
  readonly width: number;
  readonly isFixed = true;
  readonly least = 0;
  readonly most: number;
  readonly closing = UNKNOWN;

  constructor(width: number) {
    this.width = width;
    this.most = 10 ** width - 1;
  }

  read(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < this.width) return UNKNOWN;
    let from = at;
    let to = at + this.width;
    while (from < to && bytes[from] === SPACE) from++;
    while (to > from && bytes[to - 1] === SPACE) to--;
    if (from === to) throw lengthInvalid(`${this.width} digits: all of them are spaces`);
    let length = 0;
    for (let index = from; index < to; index++) {
      length = length * 10 + digitOf(bytes[index] ?? 0, `${this.width} digits`);
    }
    return length;
  }

  widthOf(): number {
    return this.width;
  }

  write(length: number, target: Uint8Array, at: number, width: number): void {
    target.fill(ZERO, at, at + width);
    writeDigits(length, target, at + width);
  }
}

interface DigitsFormat {
  /** What stands behind the digits. */
  readonly end: string;
  /** What stands behind the content; nothing when empty. */
  readonly closing: string;
  readonly least: number;
  readonly what: string;
}

/** As many digits as it takes, and a byte behind them. */
class DigitsLength implements LengthField {
  width = 2;
  readonly isFixed = false;
  readonly least: number;
  readonly most = 10 ** MAX_DIGITS - 1;
  readonly closing: number;
  readonly #end: number;
  readonly #what: string;

  constructor({ end, closing, least, what }: DigitsFormat) {
    this.#end = end.charCodeAt(0);
    this.closing = closing === '' ? UNKNOWN : closing.charCodeAt(0);
    this.least = least;
    this.#what = what;
  }

  read(bytes: Uint8Array, at: number, end: number): number {
    let length = 0;
    for (let index = at; index < end; index++) {
      const byte = bytes[index] ?? 0;
      if (byte === this.#end && index > at) {
        this.width = index + 1 - at;
        return length;
      }
      length = length * 10 + digitOf(byte, this.#what);
      if (bytes[at] === ZERO && (index > at || this.least > 0)) {
        throw lengthInvalid(`${this.#what}: it begins with a zero`);
      }
      if (index - at === MAX_DIGITS) {
        throw lengthInvalid(`${this.#what}: it has more than ${MAX_DIGITS} digits`);
      }
    }
    return UNKNOWN;
  }

  widthOf(length: number): number {
    return countDigits(length) + 1;
  }

  write(length: number, target: Uint8Array, at: number, width: number): void {
    writeDigits(length, target, at + width - 1);
    target[at + width - 1] = this.#end;
  }
}

function digitOf(byte: number, what: string): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  const shown = byte > SPACE && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte ${byte}`;
  throw lengthInvalid(`${what}: ${shown} is no digit`);
}

function lengthInvalid(problem: string): FrameFault {
  return new FrameFault('length-invalid', `read a length as ${problem}`, { field: 'length' });
}
