/**
 * fixedLength: all frames have the same length, and short content is filled up.
 *
 * ```
 *   | h e l l o # # # # # | b y e # # # # # # # |
 *     content   padding
 * ```
 */
import { UNKNOWN, type CutPlan, type Cutter } from '../cutting/cutter.ts';
import { CutFraming } from '../cutting/cut-framing.ts';
import { PlainCutter } from '../cutting/plain-cutter.ts';
import { bytes as bytesContent } from '../contents/bytes.ts';
import type { Content } from '../contents/content.ts';
import { padded, type PaddingOptions } from '../contents/padded.ts';
import { LocalProtocolError } from '../errors.ts';
import type { ComposableFraming } from '../framing.ts';

/** Options of {@link fixedLength}. */
export type FixedLengthOptions = PaddingOptions;

/** Options of {@link fixedLength} for content other than bytes. */
export interface FixedLengthContentOptions<Value> extends FixedLengthOptions {
  /** What the bytes stand for. */
  readonly content: Content<Value>;
}

/**
 * Frames of `length` bytes each. Without padding the content has exactly so many; with padding it may have fewer, and
 * the padding is removed again. As pieces, frames keep their padding.
 *
 * @throws RangeError when `length` is no whole number above 0, or the padding no single byte.
 * @example
 * ```ts
 * const framing = fixedLength(10, { padding: '#', content: text() });
 * encodeFrame(framing, 'hello'); // the bytes of 'hello#####'
 * ```
 */
export function fixedLength(
  length: number,
  options?: FixedLengthOptions,
): ComposableFraming<Uint8Array>;
export function fixedLength<Value>(
  length: number,
  options: FixedLengthContentOptions<Value>,
): ComposableFraming<Value>;
export function fixedLength(
  length: number,
  options: FixedLengthOptions & { readonly content?: Content<unknown> } = {},
): ComposableFraming<unknown> {
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new RangeError(`frames of ${length} bytes: give a whole number above 0`);
  }
  const content = options.content ?? bytesContent();
  const { padding } = options;
  return new CutFraming(
    padding === undefined
      ? new FixedLengthPlan(content, length)
      : new FixedLengthPlan(padded(content, length, { ...options, padding }), length),
  );
}

/** How frames of one length are found and written. */
export class FixedLengthPlan<Value> implements CutPlan<Value> {
  readonly maxLength: number;
  readonly overlong = 'fail';
  readonly #content: Content<Value>;

  constructor(content: Content<Value>, length: number) {
    this.#content = content;
    this.maxLength = length;
  }

  createCutter(): Cutter<Value> {
    return new FixedLengthCutter(this.#content, this.maxLength);
  }

  endsStream(): boolean {
    return false;
  }

  lengthOf(frame: Value): number {
    const length = this.#content.lengthOf(frame);
    if (length === this.maxLength) return length;
    throw new LocalProtocolError(
      length > this.maxLength ? 'frame-too-large' : 'frame-invalid',
      `write a frame of ${length} bytes: all have ${this.maxLength}; option padding fills short ones up`,
    );
  }

  write(frame: Value, target: Uint8Array, at: number, length: number): void {
    this.#content.write(frame, target, at, length);
  }
}

class FixedLengthCutter<Value> extends PlainCutter<Value> {
  readonly #content: Content<Value>;

  constructor(content: Content<Value>, length: number) {
    super(length, content.keepsBytes);
    this.#content = content;
  }

  override measure(_bytes: Uint8Array, start: number, end: number): number {
    // As long as nothing is there, nothing has begun.
    return end > start ? this.limit : UNKNOWN;
  }

  override read(bytes: Uint8Array, start: number, end: number, owned: boolean): Value {
    return this.#content.read(bytes, start, end, owned);
  }
}
