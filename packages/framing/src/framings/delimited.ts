/**
 * delimited: a mark stands behind each frame.
 *
 * ```
 *   | content ........ | delimiter | content ... | delimiter |
 * ```
 */
import { UNKNOWN, type CutPlan, type Cutter } from '../cutting/cutter.ts';
import { CutFraming } from '../cutting/cut-framing.ts';
import { CuttingDecoder } from '../cutting/cutting-decoder.ts';
import { Delimiters, showDelimiter, type Delimiter } from '../cutting/delimiters.ts';
import { PlainCutter } from '../cutting/plain-cutter.ts';
import { bytes as bytesContent } from '../contents/bytes.ts';
import type { Content } from '../contents/content.ts';
import { TextContent, type TextOptions } from '../contents/text.ts';
import type { FrameDecoder } from '../decoder.ts';
import { LocalProtocolError } from '../errors.ts';
import type { ComposableFraming } from '../framing.ts';
import {
  resolveMaxLength,
  resolveOverlong,
  type FramingOptions,
  type Overlong,
} from '../limits.ts';
import { TextBatchDecoder } from './text-batch-decoder.ts';

/** Options of {@link delimited}. */
export interface DelimitedOptions extends FramingOptions {
  /** Leaves the delimiter at the end of each frame. */
  readonly keepDelimiter?: boolean;
  /**
   * What comes of bytes without a delimiter at the end of the stream: an error, for the frame is cut off, or a frame,
   * as the last line of a file. `fail` unless told.
   */
  readonly unterminated?: 'fail' | 'frame';
}

/** Options of {@link delimited} for content other than bytes. */
export interface DelimitedContentOptions<Value> extends DelimitedOptions {
  /** What the bytes stand for. */
  readonly content: Content<Value>;
}

/** Options of {@link lines}. */
export type LinesOptions = DelimitedOptions & TextOptions;

/**
 * Frames with a delimiter behind each. Of several delimiters the one ends a frame that leaves the frame shortest; the
 * first is what is written. Content that has a delimiter in it is refused, for it would be read as two frames.
 *
 * @throws RangeError when there is no delimiter, an empty one, or one that another one hides.
 * @example
 * ```ts
 * const framing = delimited('#*#', { content: text() });
 * decodeFrames(framing, new TextEncoder().encode('one#*#two#*#')); // ['one', 'two']
 * ```
 */
export function delimited(
  delimiters: Delimiter | readonly Delimiter[],
  options?: DelimitedOptions,
): ComposableFraming<Uint8Array>;
export function delimited<Value>(
  delimiters: Delimiter | readonly Delimiter[],
  options: DelimitedContentOptions<Value>,
): ComposableFraming<Value>;
export function delimited(
  delimiters: Delimiter | readonly Delimiter[],
  options: DelimitedOptions & { readonly content?: Content<unknown> } = {},
): ComposableFraming<unknown> {
  const { content } = options;
  const all = { ...options, delimiters: new Delimiters(delimiters) };
  if (content instanceof TextContent && hasTextDelimiters(all.delimiters)) {
    return new DelimitedTextFraming(content, all);
  }
  return new CutFraming(new DelimitedPlan(content ?? bytesContent(), all));
}

/**
 * Lines of text in UTF-8, which end with `\n` or `\r\n`; `\n` is what is written.
 *
 * @example
 * ```ts
 * for await (const line of readFrames(socket, lines())) console.log(line);
 * ```
 */
export function lines(options: LinesOptions = {}): ComposableFraming<string> {
  return delimited(['\n', '\r\n'], { ...options, content: new TextContent(options) });
}

/** What a {@link DelimitedPlan} has to know. */
interface DelimitedPlanOptions extends DelimitedOptions {
  readonly delimiters: Delimiters;
}

/** How frames with delimiters are found and written. */
export class DelimitedPlan<Value> implements CutPlan<Value> {
  readonly maxLength: number;
  readonly overlong: Overlong;
  readonly delimiters: Delimiters;
  readonly keepDelimiter: boolean;
  readonly #content: Content<Value>;
  readonly #unterminated: 'fail' | 'frame';

  constructor(content: Content<Value>, options: DelimitedPlanOptions) {
    const { delimiters, keepDelimiter = false, unterminated = 'fail' } = options;
    this.maxLength = resolveMaxLength(options);
    if (unterminated !== 'fail' && unterminated !== 'frame') {
      throw new RangeError(
        `end unterminated frames by '${unterminated as string}': choose fail or frame`,
      );
    }
    this.overlong = resolveOverlong(options);
    this.delimiters = delimiters;
    this.keepDelimiter = keepDelimiter;
    this.#content = content;
    this.#unterminated = unterminated;
  }

  createCutter(): Cutter<Value> {
    return new DelimitedCutter(this.#content, this, this.#unterminated === 'frame');
  }

  endsStream(): boolean {
    return false;
  }

  lengthOf(frame: Value): number {
    const length = this.#content.lengthOf(frame);
    return this.keepDelimiter ? length : length + this.delimiters.first.length;
  }

  write(frame: Value, target: Uint8Array, at: number, length: number): void {
    const { delimiters } = this;
    const { first } = delimiters;
    const end = at + length;
    const contentEnd = this.keepDelimiter ? end : end - first.length;
    this.#content.write(frame, target, at, contentEnd - at);
    if (!this.keepDelimiter) target.set(first, contentEnd);
    const found = delimiters.find(target, at, at, end);
    if (found === end && (this.keepDelimiter || delimiters.foundLength === first.length)) return;
    const problem =
      found === -1
        ? `it has no delimiter at its end, and option keepDelimiter says that it has`
        : `it has a delimiter at ${found - at - delimiters.foundLength}, and would be read as another frame; choose another delimiter, or lengthPrefixed`;
    throw new LocalProtocolError('frame-invalid', `write a frame of ${length} bytes: ${problem}`);
  }
}

class DelimitedCutter<Value> extends PlainCutter<Value> {
  override readonly endsWithStream: boolean;
  override readonly awaited: string;
  readonly #content: Content<Value>;
  readonly #delimiters: Delimiters;
  readonly #keepDelimiter: boolean;
  /** How many bytes of the frame have been looked at. */
  #scanned = 0;
  /** Whether bytes of the frame have been forgotten. */
  #isOngoing = false;

  constructor(
    content: Content<Value>,
    { maxLength, delimiters, keepDelimiter }: DelimitedPlan<Value>,
    endsWithStream: boolean,
  ) {
    super(maxLength, content.keepsBytes);
    this.#content = content;
    this.#delimiters = delimiters;
    this.#keepDelimiter = keepDelimiter;
    this.endsWithStream = endsWithStream;
    this.awaited = `the delimiter ${delimiters.all.map(showDelimiter).join(' or ')}`;
  }

  override measure(bytes: Uint8Array, start: number, end: number): number {
    const found = this.#delimiters.find(bytes, start, start + this.#scanned, end);
    if (found === -1) {
      this.#scanned = end - start;
      return UNKNOWN;
    }
    this.tail = this.#keepDelimiter ? 0 : this.#delimiters.foundLength;
    return found - start;
  }

  override measureAtEnd(_bytes: Uint8Array, start: number, end: number): number {
    this.tail = 0;
    return this.endsWithStream && (end > start || this.#isOngoing) ? end - start : UNKNOWN;
  }

  /** A delimiter that has begun may end a byte later. */
  override settled(): number {
    return Math.max(this.#scanned - this.#delimiters.longest + 1, 0);
  }

  override forget(count: number): void {
    this.#scanned -= count;
    if (count > 0) this.#isOngoing = true;
  }

  override read(bytes: Uint8Array, start: number, end: number, owned: boolean): Value {
    this.reset();
    return this.#content.read(bytes, start, end - this.tail, owned);
  }

  override reset(): void {
    this.#scanned = 0;
    this.#isOngoing = false;
  }
}

/** Whether the ends of frames can be found in the text as well: all end with the same character of ASCII. */
function hasTextDelimiters({ all, lastByte }: Delimiters): boolean {
  return lastByte !== -1 && all.every((delimiter) => delimiter.every((byte) => byte < 0x80));
}

/** Text between delimiters: many frames are read at a time. */
class DelimitedTextFraming extends CutFraming<string> {
  readonly #plan: DelimitedPlan<string>;
  readonly #content: TextContent;

  constructor(content: TextContent, options: DelimitedPlanOptions) {
    const plan = new DelimitedPlan(content, options);
    super(plan);
    this.#plan = plan;
    this.#content = content;
  }

  override createDecoder(): FrameDecoder<string> {
    const { delimiters, keepDelimiter, maxLength } = this.#plan;
    return new TextBatchDecoder(new CuttingDecoder(this.#plan), {
      content: this.#content,
      delimiters,
      keepDelimiter,
      maxLength,
    });
  }
}
