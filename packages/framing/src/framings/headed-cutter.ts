/**
 * HeadedCutter: finds a head, and then the body that the head says.
 *
 * The body of a frame has a cutter of its own, kept from frame to frame, or a length where that is all there is to know.
 * Nothing beyond the limit of a part is looked at before that limit has spoken.
 */
import { bytes as bytesContent } from '../contents/bytes.ts';
import { UNKNOWN, type Cutter, type LimitSaid } from '../cutting/cutter.ts';
import { FrameFault, frameTooLarge } from '../cutting/frame-fault.ts';
import type { ComposableFraming } from '../framing.ts';

/** What a head says of its body: how many bytes it has, or how it is framed. */
export type BodyFraming<Body> = number | ComposableFraming<Body>;

/** How a frame is put together from a head and a body, and taken apart. */
export interface HeadedParts<Head, Body, Frame> {
  readonly head: ComposableFraming<Head>;
  readonly bodyOf: (head: Head) => BodyFraming<Body>;
  readonly join: (head: Head, body: Body) => Frame;
  readonly headOf: (frame: Frame) => Head;
  readonly contentOf: (frame: Frame) => Body;
}

/** Cuts the frames of one stream into heads and bodies. */
export class HeadedCutter<Head, Body, Frame> implements Cutter<Frame> {
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
export function checkBody<Body>(body: BodyFraming<Body>): BodyFraming<Body> {
  if (typeof body === 'number' || (body as Partial<typeof body> | undefined)?.plan) return body;
  throw new TypeError(
    `find the body of a head: ${typeof body} says nothing of it; return a number of bytes, or a framing that is not switching`,
  );
}

/** `bodyOf` may say NaN for a head without sense, which is the peer's doing. */
function checkLength(length: number): number {
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw new FrameFault('length-invalid', `read a head: it says that its body has ${length} bytes`, {
    field: 'head',
  });
}
