/**
 * headed: a head that says how its body ends.
 *
 * ```
 *   | head, in a framing of its own | body, as the head says |
 * ```
 *
 * A head that is wrong or above its own limit loses the framing, since nobody knows where its body ends. For a frame
 * above the limit as a whole, or a body above its own, the option `overlong` counts.
 */
import type { CutPlan, Cutter } from '../cutting/cutter.ts';
import { CutFraming } from '../cutting/cut-framing.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import { LocalProtocolError } from '../errors.ts';
import type { ComposableFraming } from '../framing.ts';
import {
  resolveMaxLength,
  resolveOverlong,
  type FramingOptions,
  type Overlong,
} from '../limits.ts';
import { checkBody, HeadedCutter, type BodyFraming, type HeadedParts } from './headed-cutter.ts';

/** What a body is of which a head says this: bytes where it is a number. */
export type BodyOf<Entry> = Entry extends ComposableFraming<infer Value> ? Value : Uint8Array;

/** A head, and the body that it announced. */
export interface HeadedFrame<Head, Body> {
  readonly head: Head;
  readonly body: Body;
}

/**
 * Frames of a head and a body. `maxLength` and `overlong` are about the whole; the limits of head and body count as
 * well, what they say of frames above them does not.
 *
 * @param head the framing of the head
 * @param bodyOf how many bytes the body of a head has, or its framing; throws `FrameFault` for a head without sense
 * @example
 * ```ts
 * // Content-Length: 5\r\n\r\nhello
 * const framing = headed(delimited('\r\n\r\n', { content: text() }), (head) =>
 *   Number(/^Content-Length: ([0-9]+)$/i.exec(head)?.[1]),
 * );
 * ```
 */
export function headed<Head, Entry extends BodyFraming<unknown>>(
  head: ComposableFraming<Head>,
  bodyOf: (head: Head) => Entry,
  options: FramingOptions = {},
): ComposableFraming<HeadedFrame<Head, BodyOf<Entry>>> {
  const plan: HeadedParts<Head, unknown, HeadedFrame<Head, BodyOf<Entry>>> = {
    head,
    bodyOf,
    // What a body is follows from what `bodyOf` returned, which the compiler cannot see here.
    join: (first, body) => ({ head: first, body: body as BodyOf<Entry> }),
    headOf: (frame) => frame.head,
    contentOf: (frame) => frame.body,
  };
  return new CutFraming(new HeadedPlan(plan, options));
}

/** How frames of a head and a body are found and written. */
export class HeadedPlan<Head, Body, Frame> implements CutPlan<Frame> {
  readonly maxLength: number;
  readonly overlong: Overlong;
  readonly #parts: HeadedParts<Head, Body, Frame>;

  constructor(parts: HeadedParts<Head, Body, Frame>, options: FramingOptions) {
    this.#parts = parts;
    this.maxLength = resolveMaxLength(options);
    this.overlong = resolveOverlong(options);
  }

  createCutter(): Cutter<Frame> {
    return new HeadedCutter(this.#parts, this.maxLength);
  }

  endsStream(frame: Frame): boolean {
    const body = this.#bodyOf(frame);
    return typeof body === 'number' ? false : body.plan.endsStream(this.#parts.contentOf(frame));
  }

  lengthOf(frame: Frame): number {
    return this.#headLength(frame) + this.#bodyLength(frame);
  }

  write(frame: Frame, target: Uint8Array, at: number, length: number): void {
    const { head, headOf, contentOf } = this.#parts;
    const headLength = this.#headLength(frame);
    head.plan.write(headOf(frame), target, at, headLength);
    const body = this.#bodyOf(frame);
    const content = contentOf(frame);
    if (typeof body === 'number') target.set(bytesOf(content), at + headLength);
    else body.plan.write(content, target, at + headLength, length - headLength);
  }

  #headLength(frame: Frame): number {
    const { head, headOf } = this.#parts;
    const length = within(head, head.plan.lengthOf(headOf(frame)));
    if (!head.plan.endsStream(headOf(frame))) return length;
    throw new LocalProtocolError(
      'frame-invalid',
      'write a head that ends with the stream: no body could follow; give it another framing',
    );
  }

  #bodyLength(frame: Frame): number {
    const body = this.#bodyOf(frame);
    const content = this.#parts.contentOf(frame);
    if (typeof body !== 'number') return within(body, body.plan.lengthOf(content));
    const { length } = bytesOf(content);
    if (length === body) return length;
    const said = Number.isSafeInteger(body) ? `says that it has ${body}` : 'does not say how many';
    throw new LocalProtocolError(
      'frame-invalid',
      `write a body of ${length} bytes: its head ${said}`,
    );
  }

  /** What a head that is to be written says of its body: one without sense is the caller's doing. */
  #bodyOf(frame: Frame): BodyFraming<Body> {
    const { bodyOf, headOf } = this.#parts;
    try {
      return checkBody(bodyOf(headOf(frame)));
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      const { message, code } = error;
      // A fault says what could not be read; here it is what could not be written.
      throw new LocalProtocolError(code, message.replace(/^read /, 'write '), { cause: error });
    }
  }
}

function within({ maxLength }: ComposableFraming<unknown>, length: number): number {
  if (length <= maxLength) return length;
  throw new LocalProtocolError(
    'frame-too-large',
    `write ${length} bytes as part of a frame: the limit is ${maxLength}; raise maxLength on both sides`,
    { limit: { option: 'maxLength', value: maxLength } },
  );
}

function bytesOf(content: unknown): Uint8Array {
  if (content instanceof Uint8Array) return content;
  throw new LocalProtocolError('frame-invalid', 'write a body: give its bytes as Uint8Array');
}
