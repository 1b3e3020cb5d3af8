/**
 * lengthPrefixed: the length comes first.
 *
 * ```
 *   |<- offset ->|<- field ->|<------ length + adjustment ------>|
 *   | whatever   | length    | content                           |
 *   |<---- strip: dropped from the front ---->|
 * ```
 *
 * What the length counts is a matter of the protocol: only the content (`adjustment` 0), all of the frame (minus what
 * stands before the content), or the content without something that has a fixed size and stands behind the length
 * (plus that). The limit is compared with the whole frame, when all of that has been added up.
 */
import { UNKNOWN, type CutPlan, type Cutter } from '../cutting/cutter.ts';
import { CutFraming } from '../cutting/cut-framing.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import { PlainCutter } from '../cutting/plain-cutter.ts';
import { bytes as bytesContent } from '../contents/bytes.ts';
import type { Content } from '../contents/content.ts';
import { copyBytes } from '../copy-bytes.ts';
import { LocalProtocolError } from '../errors.ts';
import type { ComposableFraming } from '../framing.ts';
import {
  resolveMaxLength,
  resolveOverlong,
  type FramingOptions,
  type Overlong,
} from '../limits.ts';
import { createLengthField, type LengthField, type LengthFormat } from './length-format.ts';

/** Options of {@link lengthPrefixed}. */
export interface LengthPrefixedOptions extends FramingOptions {
  /** How many bytes stand before the length; 0 unless told. */
  readonly offset?: number;
  /** What is added to the length to get the number of bytes behind it; 0 unless told. */
  readonly adjustment?: number;
  /**
   * How many bytes to drop from the front of each frame. Unless told, the length when nothing stands before it, and
   * nothing otherwise: frames are whole then. Of a length that has no fixed size all is dropped, or nothing (0).
   */
  readonly strip?: number;
  /**
   * The bytes that are dropped, for the encoder, which writes the length into them. Needed to encode when more is
   * dropped than the length. What comes is not compared with it.
   */
  readonly header?: Uint8Array;
}

/** Options of {@link lengthPrefixed} for content other than bytes. */
export interface LengthPrefixedContentOptions<Value> extends LengthPrefixedOptions {
  /** What the bytes stand for that are not dropped. */
  readonly content: Content<Value>;
}

/**
 * Frames with their length in front. Where nothing is dropped, the encoder takes whole frames: a length of zero is filled
 * in, any other has to be right.
 *
 * @throws RangeError when the options make no frame.
 * @example
 * ```ts
 * lengthPrefixed('u32'); // four bytes, then so many bytes of content
 * lengthPrefixed('ascii5', { content: text() }); // 00005hello
 * lengthPrefixed('u32', { offset: 1, adjustment: -4 }); // a type, and a length that counts itself
 * ```
 */
export function lengthPrefixed(
  format: LengthFormat,
  options?: LengthPrefixedOptions,
): ComposableFraming<Uint8Array>;
export function lengthPrefixed<Value>(
  format: LengthFormat,
  options: LengthPrefixedContentOptions<Value>,
): ComposableFraming<Value>;
export function lengthPrefixed(
  format: LengthFormat,
  options: LengthPrefixedOptions & { readonly content?: Content<unknown> } = {},
): ComposableFraming<unknown> {
  const content = options.content ?? bytesContent();
  return new CutFraming(new LengthPrefixedPlan(content, format, options));
}

/** How frames with a length in front are found and written. */
class LengthPrefixedPlan<Value> implements CutPlan<Value> {
  readonly format: LengthFormat;
  readonly maxLength: number;
  readonly overlong: Overlong;
  readonly offset: number;
  readonly adjustment: number;
  /** How many bytes are dropped from the front; UNKNOWN stands for a length of no fixed size. */
  readonly strip: number;
  readonly #content: Content<Value>;
  readonly #header: Uint8Array | undefined;
  readonly #field: LengthField;

  constructor(content: Content<Value>, format: LengthFormat, options: LengthPrefixedOptions) {
    const { offset = 0, adjustment = 0, strip, header } = options;
    this.#content = content;
    this.#header = header && copyBytes(header, 0, header.length);
    this.#field = createLengthField(format);
    this.format = format;
    this.overlong = resolveOverlong(options);
    this.offset = offset;
    this.adjustment = adjustment;
    this.strip = resolveStrip(this.#field, offset, strip);
    this.maxLength = this.#resolveLimit(options);
    this.#check();
  }

  createCutter(): Cutter<Value> {
    return new LengthPrefixedCutter(this.#content, this);
  }

  endsStream(): boolean {
    return false;
  }

  lengthOf(frame: Value): number {
    const length = this.#content.lengthOf(frame);
    if (this.strip !== UNKNOWN) return this.strip + length;
    const closing = this.#field.closing === UNKNOWN ? 0 : 1;
    return this.#field.widthOf(length - this.adjustment) + length + closing;
  }

  write(frame: Value, target: Uint8Array, at: number, length: number): void {
    const { offset, strip } = this;
    const field = this.#field;
    const end = at + length;
    const closing = field.closing === UNKNOWN || strip === 0 ? 0 : 1;
    const contentLength = this.#content.lengthOf(frame);
    const contentStart = end - closing - contentLength;
    this.#writeHeader(target, at, contentStart);
    this.#content.write(frame, target, contentStart, contentLength);
    if (closing > 0) target[end - 1] = field.closing;
    if (!field.isFixed && strip === 0) {
      this.#checkWhole(target, at, end);
      return;
    }
    const width = field.isFixed ? field.width : contentStart - at;
    if (length < offset + width) {
      throw new LocalProtocolError(
        'frame-invalid',
        `write a frame of ${length} bytes: its length alone ends at ${offset + width}`,
      );
    }
    const value = length - closing - offset - width - this.adjustment;
    if (value < field.least || value > field.most) {
      throw new LocalProtocolError(
        value > field.most ? 'frame-too-large' : 'frame-invalid',
        `write a frame of ${length} bytes: its length would be ${value}, which ${this.format} cannot say`,
      );
    }
    if (strip === 0) this.#checkSaid(target.subarray(at + offset, at + offset + width), value);
    field.write(value, target, at + offset, width);
  }

  /** The bytes that the decoder drops, but for the length. */
  #writeHeader(target: Uint8Array, at: number, contentStart: number): void {
    if (this.#header !== undefined) {
      target.set(this.#header, at);
    } else if (this.strip > 0 && !this.#stripsLengthAlone) {
      throw new LocalProtocolError(
        'frame-invalid',
        `write a frame of which ${this.strip} bytes are dropped: give their values as option header`,
      );
    } else {
      target.fill(0, at, contentStart);
    }
  }

  get #stripsLengthAlone(): boolean {
    return this.strip === UNKNOWN || (this.offset === 0 && this.strip <= this.#field.width);
  }

  /** A whole frame may leave its length open, and not say another one: that would be content at the wrong place. */
  #checkSaid(bytes: Uint8Array, value: number): void {
    if (bytes.every((byte) => byte === 0)) return;
    let said: number | undefined;
    try {
      said = this.#field.read(bytes, 0, bytes.length);
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
    }
    if (said === 0 || said === value) return;
    throw new LocalProtocolError(
      'frame-invalid',
      `write a whole frame: its length says ${said ?? 'nothing'}, and ought to say ${value}; leave zeros there to have it filled in`,
    );
  }

  /** A whole frame whose length has no fixed size has to be right as it is. */
  #checkWhole(bytes: Uint8Array, at: number, end: number): void {
    let length = UNKNOWN;
    try {
      const cutter = this.createCutter();
      length = cutter.measure(bytes, at, end);
      if (length === end - at) cutter.checkTail(bytes, end);
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      throw new LocalProtocolError('frame-invalid', `write a frame: ${error.message}`, {
        cause: error,
      });
    }
    if (length === end - at) return;
    const said = length === UNKNOWN ? 'has no length' : `says that it has ${length}`;
    throw new LocalProtocolError('frame-invalid', `write a frame of ${end - at} bytes: it ${said}`);
  }

  /** No frame is longer than its length can say. */
  #resolveLimit(options: FramingOptions): number {
    const { most, width, isFixed } = this.#field;
    const limit = resolveMaxLength(options);
    return isFixed ? Math.min(limit, this.offset + width + most + this.adjustment) : limit;
  }

  #check(): void {
    const { offset, adjustment, strip } = this;
    const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(adjustment);
    if (!isWhole || offset < 0) {
      throw new RangeError(
        `find lengths at offset ${offset} with adjustment ${adjustment}: give whole numbers, the offset not below 0`,
      );
    }
    if (this.maxLength < 1) {
      throw new RangeError(
        `find lengths with adjustment ${adjustment}: ${this.format} cannot say one that makes a frame of it`,
      );
    }
    const header = this.#header;
    if (header !== undefined && header.length !== strip) {
      throw new RangeError(
        `write ${header.length} bytes as header: ${Math.max(strip, 0)} are dropped from each frame`,
      );
    }
  }
}

class LengthPrefixedCutter<Value> extends PlainCutter<Value> {
  override readonly awaited = 'its length';
  readonly #content: Content<Value>;
  readonly #field: LengthField;
  readonly #offset: number;
  readonly #adjustment: number;
  readonly #strip: number;
  /** The length of what stands behind the content. */
  readonly #closing: number;

  constructor(content: Content<Value>, plan: LengthPrefixedPlan<Value>) {
    super(plan.maxLength, content.keepsBytes);
    this.#content = content;
    this.#field = createLengthField(plan.format);
    this.#offset = plan.offset;
    this.#adjustment = plan.adjustment;
    this.#strip = plan.strip;
    this.#closing = this.#field.closing === UNKNOWN ? 0 : 1;
    this.tail = this.#strip === 0 ? 0 : this.#closing;
  }

  override measure(bytes: Uint8Array, start: number, end: number): number {
    const field = this.#field;
    const at = start + this.#offset;
    if (at >= end) return UNKNOWN;
    const value = field.read(bytes, at, end);
    if (value === UNKNOWN) return UNKNOWN;
    const front = this.#offset + field.width;
    const length = front + value + this.#adjustment + this.#closing;
    this.head = this.#strip === UNKNOWN ? front : this.#strip;
    if (length < front + this.#closing || length < this.head) throw this.#tooShort(value, length);
    return length;
  }

  override checkTail(bytes: Uint8Array, end: number): void {
    if (this.#closing === 0 || bytes[end - 1] === this.#field.closing) return;
    const expected = String.fromCharCode(this.#field.closing);
    throw new FrameFault(
      'delimiter-missing',
      `read a frame: '${expected}' is not behind its content, so its length was wrong`,
      { field: 'delimiter' },
    );
  }

  override read(bytes: Uint8Array, start: number, end: number, owned: boolean): Value {
    if (this.#closing > 0) this.checkTail(bytes, end);
    return this.#content.read(bytes, start + this.head, end - this.tail, owned);
  }

  #tooShort(value: number, length: number): FrameFault {
    return new FrameFault(
      'length-invalid',
      `read a frame whose length says ${value}: it would have ${length} bytes, fewer than stand before its content`,
      { field: 'length' },
    );
  }
}

function resolveStrip(field: LengthField, offset: number, strip: number | undefined): number {
  const { isFixed, width } = field;
  if (strip === undefined) {
    if (offset > 0) return 0;
    return isFixed ? width : UNKNOWN;
  }
  if (Number.isSafeInteger(strip) && strip >= 0 && (isFixed || strip === 0)) return strip;
  const advice = isFixed
    ? 'give a whole number, not below 0'
    : 'its length has no fixed size: leave strip out to drop it, or give 0';
  throw new RangeError(`drop ${strip} bytes from each frame: ${advice}`);
}
