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
import { bytes as bytesContent } from '../contents/bytes.ts';
import { UNKNOWN, type CutPlan, type Cutter, type LimitSaid } from '../cutting/cutter.ts';
import { CutFraming } from '../cutting/cut-framing.ts';
import { FrameFault, frameTooLarge } from '../cutting/frame-fault.ts';
import { LocalProtocolError } from '../errors.ts';
import type { ComposableFraming } from '../framing.ts';
import {
  resolveMaxLength,
  resolveOverlong,
  type FramingOptions,
  type Overlong,
} from '../limits.ts';

/** What a head says of its body: how many bytes it has, or how it is framed. */
export type BodyFraming<Body> = number | ComposableFraming<Body>;

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

/** How a frame is put together from a head and a body, and taken apart. */
export interface HeadedParts<Head, Body, Frame> {
  readonly head: ComposableFraming<Head>;
  readonly bodyOf: (head: Head) => BodyFraming<Body>;
  readonly join: (head: Head, body: Body) => Frame;
  readonly headOf: (frame: Frame) => Head;
  readonly contentOf: (frame: Frame) => Body;
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

class HeadedCutter<Head, Body, Frame> implements Cutter<Frame> {
  readonly keepsBytes = true;
  head = 0;
  tail = 0;
  readonly #parts: HeadedParts<Head, Body, Frame>;
  readonly #headCutter: Cutter<Head>;
  readonly #most: number;
  /** The cutters of bodies, by their framings. */
  readonly #cutters = new WeakMap<ComposableFraming<Body>, Cutter<Body>>();
  /** What is known of the head, once it is known. */
  #known: { readonly head: Head; readonly length: number } | undefined;
  /** The cutter of the body; its length where that is all there is to know. */
  #body: Cutter<Body> | number = 0;
  /** Where in the buffer the body begins, as seen from the front of the frame. */
  #bodyAt = 0;

  constructor(parts: HeadedParts<Head, Body, Frame>, most: number) {
    this.#parts = parts;
    this.#most = most;
    this.#headCutter = parts.head.plan.createCutter();
  }

  get limit(): number {
    const body = this.#body;
    if (this.#known === undefined || typeof body === 'number') return this.#most;
    return Math.min(this.#most, this.#known.length + body.limit);
  }

  get limitSaid(): LimitSaid {
    const body = this.#body;
    const { length = 0 } = this.#known ?? {};
    if (typeof body === 'number' || length + body.limit > this.#most) {
      return { value: this.#most, whose: 'the limit' };
    }
    return { value: body.limitSaid.value, whose: 'the limit of its body' };
  }

  get lead(): number {
    const { length = 0 } = this.#known ?? {};
    return typeof this.#body === 'number' ? length : length + this.#body.lead;
  }

  get endsWithStream(): boolean {
    return this.#known !== undefined && typeof this.#body !== 'number' && this.#body.endsWithStream;
  }

  get awaited(): string {
    if (this.#known === undefined) return `${this.#headCutter.awaited} (of its head)`;
    return typeof this.#body === 'number' ? 'its end' : this.#body.awaited;
  }

  measure(bytes: Uint8Array, start: number, end: number): number {
    let seen = end;
    if (this.#known === undefined) {
      if (!this.#readHead(bytes, start, end)) return UNKNOWN;
      // Only now the limit of the body is known, and nobody looks beyond it.
      if (typeof this.#body !== 'number') {
        seen = Math.min(end, start + this.#bodyAt + this.#body.limit);
      }
    }
    const body = this.#body;
    if (typeof body === 'number') return this.#bodyAt + body;
    return this.#measured(body, body.measure(bytes, start + this.#bodyAt, seen));
  }

  measureAtEnd(bytes: Uint8Array, start: number, end: number): number {
    const body = this.#body;
    if (this.#known === undefined || typeof body === 'number') return UNKNOWN;
    return this.#measured(body, body.measureAtEnd(bytes, start + this.#bodyAt, end));
  }

  settled(): number {
    const body = this.#body;
    if (this.#known === undefined || typeof body === 'number') return 0;
    return this.#bodyAt + body.settled();
  }

  forget(count: number): void {
    const ofHead = Math.min(count, this.#bodyAt);
    this.#bodyAt -= ofHead;
    if (typeof this.#body !== 'number') this.#body.forget(count - ofHead);
  }

  checkTail(bytes: Uint8Array, end: number): void {
    if (typeof this.#body !== 'number') this.#body.checkTail(bytes, end);
  }

  read(bytes: Uint8Array, start: number, end: number, owned: boolean): Frame {
    const known = this.#known;
    const body = this.#body;
    if (known === undefined) throw new Error('read a frame: its head is not known'); // measure comes first
    this.#known = undefined;
    const at = start + known.length;
    // A body of so many bytes is bytes: the types of `headed` see to it.
    const content =
      typeof body === 'number'
        ? (bytesContent().read(bytes, at, end, owned) as Body)
        : body.read(bytes, at, end, owned);
    return this.#parts.join(known.head, content);
  }

  reset(): void {
    this.#known = undefined;
    this.#headCutter.reset();
    if (typeof this.#body !== 'number') this.#body.reset();
  }

  #measured(body: Cutter<Body>, length: number): number {
    if (length === UNKNOWN) return UNKNOWN;
    this.head = body.head;
    this.tail = body.tail;
    return this.#bodyAt + length;
  }

  /** Returns whether the head is there. */
  #readHead(bytes: Uint8Array, start: number, end: number): boolean {
    const cutter = this.#headCutter;
    const length = cutter.measure(bytes, start, Math.min(end, start + cutter.limit));
    if (length === UNKNOWN) {
      if (end - start >= cutter.limit) throw frameTooLarge('unknown', ofHead(cutter));
      return false;
    }
    if (length > cutter.limit) throw frameTooLarge(length, ofHead(cutter));
    if (length > end - start) return false;
    const { head, body } = this.#understand(bytes, start, start + length);
    this.#known = { head, length };
    this.#bodyAt = length;
    this.#body = typeof body === 'number' ? checkLength(body) : this.#cutterOf(body);
    this.head = 0;
    this.tail = 0;
    return true;
  }

  /** Reads a head that is there. Whatever is wrong with it loses the framing: nobody knows where its body ends. */
  #understand(bytes: Uint8Array, start: number, end: number) {
    try {
      const head = this.#headCutter.read(bytes, start, end, false);
      return { head, body: checkBody(this.#parts.bodyOf(head)) };
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      throw new FrameFault(error.code, error.message, { ...error.facts, framing: 'lost' });
    }
  }

  #cutterOf(framing: ComposableFraming<Body>): Cutter<Body> {
    let cutter = this.#cutters.get(framing);
    if (cutter === undefined) {
      cutter = framing.plan.createCutter();
      this.#cutters.set(framing, cutter);
    }
    return cutter;
  }
}

/** A limit as one of the head. */
function ofHead({
  limit,
  limitSaid,
}: Cutter<unknown>): Pick<Cutter<unknown>, 'limit' | 'limitSaid'> {
  return { limit, limitSaid: { value: limitSaid.value, whose: 'the limit of its head' } };
}

/** @throws TypeError for what is no body: a mistake of whoever wrote `bodyOf`. */
function checkBody<Body>(body: BodyFraming<Body>): BodyFraming<Body> {
  if (typeof body === 'number' || (body as Partial<typeof body> | undefined)?.plan) return body;
  throw new TypeError(
    `find the body of a head: ${typeof body} says nothing of it; return a number of bytes, or a framing that is not switching`,
  );
}

function within({ maxLength }: ComposableFraming<unknown>, length: number): number {
  if (length <= maxLength) return length;
  throw new LocalProtocolError(
    'frame-too-large',
    `write ${length} bytes as part of a frame: the limit is ${maxLength}; raise maxLength on both sides`,
    { limit: { option: 'maxLength', value: maxLength } },
  );
}

/** `bodyOf` may say NaN for a head without sense, which is the peer's doing. */
function checkLength(length: number): number {
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw new FrameFault('length-invalid', `read a head: it says that its body has ${length} bytes`, {
    field: 'head',
  });
}

function bytesOf(content: unknown): Uint8Array {
  if (content instanceof Uint8Array) return content;
  throw new LocalProtocolError('frame-invalid', 'write a body: give its bytes as Uint8Array');
}
