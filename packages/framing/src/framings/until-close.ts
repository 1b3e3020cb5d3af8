/**
 * untilClose: one frame, which ends with its stream.
 *
 * ```
 *   | content ........................ | end of the stream
 * ```
 */
import { UNKNOWN, type CutPlan, type Cutter } from '../cutting/cutter.ts';
import { CutFraming } from '../cutting/cut-framing.ts';
import { PlainCutter } from '../cutting/plain-cutter.ts';
import { bytes as bytesContent } from '../contents/bytes.ts';
import type { Content } from '../contents/content.ts';
import type { ComposableFraming } from '../framing.ts';
import {
  resolveMaxLength,
  resolveOverlong,
  type FramingOptions,
  type Overlong,
} from '../limits.ts';

/** Options of {@link untilClose} for content other than bytes. */
export interface UntilCloseOptions<Value> extends FramingOptions {
  /** What the bytes stand for. */
  readonly content: Content<Value>;
}

/**
 * One frame: all that comes until the peer has finished sending. A connection that is closed without a byte is an
 * empty frame. A peer that breaks down cannot be told from one that has finished: where that matters, say the length
 * first.
 *
 * @example
 * ```ts
 * const [page] = await Array.fromAsync(readFrames(socket, untilClose({ maxLength: 64 * 1024 * 1024 })));
 * ```
 */
export function untilClose(options?: FramingOptions): ComposableFraming<Uint8Array>;
export function untilClose<Value>(options: UntilCloseOptions<Value>): ComposableFraming<Value>;
export function untilClose(
  options: FramingOptions & { readonly content?: Content<unknown> } = {},
): ComposableFraming<unknown> {
  return new CutFraming(new UntilClosePlan(options.content ?? bytesContent(), options));
}

class UntilClosePlan<Value> implements CutPlan<Value> {
  readonly maxLength: number;
  readonly overlong: Overlong;
  readonly #content: Content<Value>;

  constructor(content: Content<Value>, options: FramingOptions) {
    this.maxLength = resolveMaxLength(options);
    this.overlong = resolveOverlong(options);
    this.#content = content;
  }

  createCutter(): Cutter<Value> {
    return new UntilCloseCutter(this.#content, this.maxLength);
  }

  endsStream(): boolean {
    return true;
  }

  lengthOf(frame: Value): number {
    return this.#content.lengthOf(frame);
  }

  write(frame: Value, target: Uint8Array, at: number, length: number): void {
    this.#content.write(frame, target, at, length);
  }
}

class UntilCloseCutter<Value> extends PlainCutter<Value> {
  override readonly endsWithStream = true;
  readonly #content: Content<Value>;
  #here = 0;

  constructor(content: Content<Value>, limit: number) {
    super(limit, content.keepsBytes);
    this.#content = content;
  }

  override measure(_bytes: Uint8Array, start: number, end: number): number {
    this.#here = end - start;
    return UNKNOWN;
  }

  override measureAtEnd(_bytes: Uint8Array, start: number, end: number): number {
    return end - start;
  }

  override settled(): number {
    return this.#here;
  }

  override forget(count: number): void {
    this.#here -= count;
  }

  override read(bytes: Uint8Array, start: number, end: number, owned: boolean): Value {
    this.reset();
    return this.#content.read(bytes, start, end, owned);
  }

  override reset(): void {
    this.#here = 0;
  }
}
