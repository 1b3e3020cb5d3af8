/**
 * GuardedDecoder: what whole frames and frames in pieces have in common: the limit, what comes of a frame above it, how
 * a stream may end, and that nothing follows a lost framing.
 *
 * ```
 *   cutting --measure--+--> coming     the length is known: the bytes come
 *      ^               |       |
 *      +---------------|-------+
 *      |               +--> skipping   above the limit, `overlong: 'skip'`: the bytes go, then the error comes
 *      +---------------|-------+
 *                      +--> closed     above the limit, `overlong: 'close'`: everything goes
 *                      +--> failed     the framing is lost: the same error at each call
 *   end() ----------------> ended      or `coming` once more, for the frame that ends with the stream
 * ```
 */
import { NEED_DATA, type FrameDecoder, type NeedData } from '../decoder.ts';
import { TruncatedFrameError, type RemoteProtocolError } from '../errors.ts';
import type { Overlong } from '../limits.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import { UNKNOWN, type CutPlan, type Cutter } from './cutter.ts';
import { FrameFault, frameTooLarge, showLength } from './frame-fault.ts';

/** Where in the diagram above a decoder is. */
export type DecoderState = 'cutting' | 'coming' | 'skipping' | 'ended' | 'closed' | 'failed';

const NO_BYTES = new Uint8Array(0);

/** A decoder that asks a cutter; what it gives for the frames is its heirs' business. */
export abstract class GuardedDecoder<Frame, Result> implements FrameDecoder<Result> {
  protected readonly cutter: Cutter<Frame>;
  protected state: DecoderState = 'cutting';
  /** How many bytes of this frame are not in the buffer any more: kept elsewhere, given away, or dropped. */
  protected passed = 0;
  /** While the frame is coming: how many bytes are. UNKNOWN as long as the length is. */
  protected missing = UNKNOWN;
  readonly #overlong: Overlong;
  #isEnded = false;
  #failure: RemoteProtocolError | undefined;

  constructor(plan: CutPlan<Frame>) {
    this.cutter = plan.createCutter();
    this.#overlong = plan.overlong;
  }

  get closed(): boolean {
    return this.state === 'closed';
  }

  /**
   * Leaves the next frame to somebody else, if none has begun to go through this decoder.
   *
   * @returns whether it does
   */
  stepAside(): boolean {
    if (this.state !== 'cutting' || this.passed > 0) return false;
    this.cutter.reset();
    return true;
  }

  decode(buffer: ReceiveBuffer): Result | NeedData {
    switch (this.state) {
      case 'cutting':
        return this.measured(buffer, this.measure(buffer));
      case 'coming':
        return this.receive(buffer);
      case 'skipping':
        return this.#skip(buffer);
      case 'ended':
        return NEED_DATA;
      case 'closed':
        buffer.consume(buffer.length);
        return NEED_DATA;
      case 'failed':
      default:
        throw this.#failure ?? new Error('decode: the decoder has failed'); // it always has one
    }
  }

  end(buffer: ReceiveBuffer): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isEnded || this.state === 'closed') return;
    const { bytes, start, end } = buffer;
    const isKnown = this.missing !== UNKNOWN;
    const length = isKnown ? UNKNOWN : this.cutter.measureAtEnd(bytes, start, end);
    if (length === UNKNOWN && (isKnown || this.passed > 0 || buffer.length > 0)) {
      throw this.#truncated(buffer);
    }
    this.#isEnded = true;
    this.missing = length;
    if (length === UNKNOWN) this.state = 'ended';
    else if (this.state === 'cutting') this.#come(length);
  }

  /** Begins with a frame that has `length` bytes in the buffer or yet to come. */
  protected abstract begin(length: number): void;

  /** Takes what is there of a frame whose length is known; calls `next` at its end. */
  protected abstract receive(buffer: ReceiveBuffer): Result | NeedData;

  /** Takes bytes that are content for certain, of a frame whose length is not known; or leaves them. */
  protected abstract receiveSettled(buffer: ReceiveBuffer, count: number): Result | NeedData;

  /** Lets go of what it keeps. */
  protected abstract release(): void;

  /**
   * Asks where the frame ends. What lies beyond the limit is not looked at before the frame is known to reach there:
   * else it would depend on the chunks whether the limit or a fault behind it speaks first.
   */
  protected measure(buffer: ReceiveBuffer): number {
    const { bytes, start, end } = buffer;
    const most = start + this.cutter.limit - this.passed;
    try {
      return this.cutter.measure(bytes, start, this.state === 'cutting' && most < end ? most : end);
    } catch (error) {
      throw this.placed(error, buffer.offset - this.passed, unreadOf(buffer));
    }
  }

  /** Goes on with a frame of which {@link measure} said how long it is. */
  protected measured(buffer: ReceiveBuffer, length: number): Result | NeedData {
    const { limit, endsWithStream } = this.cutter;
    if (length === UNKNOWN) {
      const here = this.passed + buffer.length;
      // There is at least one byte more, unless the stream ends here.
      const isTooLarge = endsWithStream ? here > limit : here >= limit;
      if (isTooLarge) return this.#tooLarge(buffer, UNKNOWN);
      return this.receiveSettled(buffer, this.cutter.settled());
    }
    if (this.passed + length > limit) return this.#tooLarge(buffer, length);
    this.#come(length);
    return this.receive(buffer);
  }

  /** The frame is over: the next one begins, if there is one. */
  protected next(): void {
    this.state = this.#isEnded ? 'ended' : 'cutting';
    this.passed = 0;
    this.missing = UNKNOWN;
  }

  /** An error of a fault in the frame that begins at `offset`. Anything else is not ours. */
  protected placed(error: unknown, offset: number, bytes: Uint8Array): unknown {
    return error instanceof FrameFault ? this.#remember(error.at(offset, bytes)) : error;
  }

  #come(length: number): void {
    this.state = 'coming';
    this.missing = length;
    this.begin(length);
  }

  #tooLarge(buffer: ReceiveBuffer, length: number): NeedData {
    this.release();
    if (this.#overlong === 'fail') {
      const whole = length === UNKNOWN ? 'unknown' : this.passed + length;
      const fault = frameTooLarge(whole, this.cutter);
      throw this.placed(fault, buffer.offset - this.passed, unreadOf(buffer));
    }
    if (this.#overlong === 'close') {
      this.state = 'closed';
      buffer.consume(buffer.length);
      return NEED_DATA;
    }
    this.state = 'skipping';
    this.missing = length;
    return this.#skip(buffer);
  }

  /** Drops what has come of a frame above the limit; the error comes when all of it has. */
  #skip(buffer: ReceiveBuffer): NeedData {
    const { cutter } = this;
    while (this.missing === UNKNOWN) {
      this.missing = this.measure(buffer);
      if (this.missing !== UNKNOWN) break;
      const settled = cutter.settled();
      // As long as some are, there may be more that it has not looked at.
      if (settled === 0) return NEED_DATA;
      cutter.forget(settled);
      buffer.consume(settled);
      this.passed += settled;
    }
    const count = Math.min(this.missing, buffer.length);
    buffer.consume(count);
    this.missing -= count;
    this.passed += count;
    if (this.missing > 0) return NEED_DATA;
    const fault = frameTooLarge(this.passed, cutter, 'intact');
    const error = fault.at(buffer.offset - this.passed, NO_BYTES);
    cutter.reset();
    this.next();
    throw error;
  }

  #truncated(buffer: ReceiveBuffer): TruncatedFrameError {
    const { length, offset } = buffer;
    const { passed, missing } = this;
    const reason =
      missing === UNKNOWN
        ? `the stream ended after ${passed + length} bytes of it, before ${this.cutter.awaited}`
        : `the stream ended ${showLength(missing - length)} bytes short of ${showLength(passed + missing)}`;
    this.release();
    const facts = { offset: offset - passed, bytes: unreadOf(buffer) };
    return this.#remember(new TruncatedFrameError(`read a frame: ${reason}`, facts));
  }

  /** An error after which nothing may be parsed comes again at each call. */
  #remember<Failure extends RemoteProtocolError>(error: Failure): Failure {
    if (error.framing === 'lost') {
      this.#failure = error;
      this.state = 'failed';
      this.release();
    }
    return error;
  }
}

function unreadOf({ bytes, start, end }: ReceiveBuffer): Uint8Array {
  return bytes.subarray(start, end);
}
