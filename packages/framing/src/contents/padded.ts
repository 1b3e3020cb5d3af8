/**
 * Padding: content in a space of fixed length, filled up with one byte.
 *
 * Padding is removed by looking at the bytes, so content that ends in the same byte would lose it: it is refused.
 */
import { LocalProtocolError } from '../errors.ts';
import type { Content } from './content.ts';

/** How short content is filled up. */
export interface PaddingOptions {
  /** One byte: a number, or a character of ASCII. Without it, content has to have the full length. */
  readonly padding?: string | number;
  /** Where it stands: behind the content (`end`) unless told. */
  readonly side?: 'start' | 'end';
  /** Leaves the padding where it is when frames are read. */
  readonly keepPadding?: boolean;
}

/**
 * Content that is filled up to `length` bytes.
 *
 * @throws RangeError when the padding is no single byte.
 */
export function padded<Value>(
  content: Content<Value>,
  length: number,
  options: PaddingOptions & { readonly padding: string | number },
): Content<Value> {
  return new PaddedContent(content, length, options);
}

class PaddedContent<Value> implements Content<Value> {
  readonly keepsBytes: boolean;
  readonly #content: Content<Value>;
  readonly #length: number;
  readonly #padding: number;
  readonly #atStart: boolean;
  readonly #keep: boolean;

  constructor(
    content: Content<Value>,
    length: number,
    { padding, side = 'end', keepPadding = false }: PaddingOptions & { padding: string | number },
  ) {
    this.#content = content;
    this.#length = length;
    this.#padding = byteOf(padding);
    if (side !== 'start' && side !== 'end') {
      throw new RangeError(`pad frames at '${side as string}': choose start or end`);
    }
    this.#atStart = side === 'start';
    this.#keep = keepPadding;
    this.keepsBytes = content.keepsBytes;
  }

  read(bytes: Uint8Array, start: number, end: number, owned: boolean): Value {
    let from = start;
    let to = end;
    if (!this.#keep && this.#atStart) {
      while (from < to && bytes[from] === this.#padding) from++;
    } else if (!this.#keep) {
      while (to > from && bytes[to - 1] === this.#padding) to--;
    }
    return this.#content.read(bytes, from, to, owned);
  }

  lengthOf(value: Value): number {
    const length = this.#content.lengthOf(value);
    if (length <= this.#length) return this.#length;
    throw new LocalProtocolError(
      'frame-too-large',
      `write ${length} bytes into a frame: all have ${this.#length}; shorten it, or make frames longer`,
    );
  }

  write(value: Value, target: Uint8Array, at: number, length: number): void {
    const written = this.#content.lengthOf(value);
    const from = this.#atStart ? at + length - written : at;
    target.fill(this.#padding, at, at + length);
    this.#content.write(value, target, from, written);
    const edge = this.#atStart ? from : from + written - 1;
    if (this.#keep || written === 0 || target[edge] !== this.#padding) return;
    const place = this.#atStart ? 'begins' : 'ends';
    throw new LocalProtocolError(
      'frame-invalid',
      `write a frame that ${place} with the padding byte ${this.#padding}: it would be removed with the padding; choose another padding`,
    );
  }
}

function byteOf(padding: string | number): number {
  const byte = typeof padding === 'number' ? padding : padding.charCodeAt(0);
  const isOne = typeof padding === 'number' || padding.length === 1;
  if (isOne && Number.isInteger(byte) && byte >= 0 && byte <= (isText(padding) ? 0x7f : 0xff)) {
    return byte;
  }
  throw new RangeError(
    `pad frames with ${JSON.stringify(padding)}: give one character of ASCII, or a byte`,
  );
}

function isText(padding: string | number): padding is string {
  return typeof padding === 'string';
}
