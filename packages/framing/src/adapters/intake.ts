/**
 * Intake: what every adapter does between a chunk and a frame, without waiting for either.
 *
 * ```
 *   feed(chunk) ----> bytes that wait ----> take(): frame, NEED_DATA, or it throws
 *   end() ---------------------'
 * ```
 *
 * - One frame is decoded for each `take`, and nothing ahead of it: what waits is bytes, whoever reads them next.
 * - After `end` the decoder is told, once all that waits has been decoded; frames that only the end completes follow.
 * - Errors that leave the framing intact go to `onError`, where there is one, and decoding goes on.
 */
import { NEED_DATA, type FrameDecoder, type NeedData } from '../decoder.ts';
import { RemoteProtocolError } from '../errors.ts';
import type { Framing } from '../framing.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { checkChunk, nameOf } from './chunks.ts';

/** Options of everything that reads frames. */
export interface ReadOptions {
  /**
   * Is told of each bad frame that leaves the framing intact, and reading goes on behind it. Without it such an error
   * ends the reading, as all others do; so does what it throws.
   *
   * It is called in the middle of a `next`. `switchTo`, `rest` and `return` of the reader may be called from it, and no
   * frame of the old kind comes then, or none at all; another `next` is refused, `reader-busy`.
   */
  readonly onError?: ((error: RemoteProtocolError) => void) | undefined;
}

/**
 * A chunk is in memory before anybody asks, and of what was left of the one before the decoder holds no more than its
 * own limit: a second limit here could only refuse what the first allows.
 */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** The bytes of one stream that have come, and the decoder that takes frames out of them. */
export class Intake<Frame> {
  readonly #buffer = new ReceiveBuffer({ maxLength: NO_LIMIT });
  readonly #onError: ReadOptions['onError'];
  #decoder: FrameDecoder<Frame>;
  #hasEnded = false;
  /** Whether the decoder knows that the last byte has come. */
  #isTold = false;
  #isStopped = false;

  /** @throws TypeError when the framing is none. */
  constructor(framing: Framing<Frame>, options: ReadOptions = {}) {
    checkFraming(framing, 'createDecoder');
    this.#decoder = framing.createDecoder();
    this.#onError = options.onError;
  }

  /** Whether no frame can come any more; to be asked when `take` needs data. */
  get isOver(): boolean {
    return this.#isTold || this.#decoder.closed;
  }

  /** Whether a frame above the limit has closed the stream, and its owner is to close it, too. */
  get isClosed(): boolean {
    return this.#decoder.closed;
  }

  /** Whether the last byte has come. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether all bytes that have come are used. */
  get isEmpty(): boolean {
    return this.#buffer.length === 0;
  }

  /**
   * Adds the next bytes of the stream.
   *
   * @throws TypeError when they are no bytes.
   */
  feed(chunk: Uint8Array): void {
    checkChunk(chunk);
    this.#buffer.lend(chunk);
  }

  /** Says that the last byte has come. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Leaves what has come as it is: no frame is taken from it any more, not even by the `take` that is running. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * The next frame of what has come.
   *
   * @throws RemoteProtocolError, and what a content or `onError` throws.
   */
  take(): Frame | NeedData {
    while (!this.#isStopped) {
      try {
        const frame = this.#decoder.decode(this.#buffer);
        // A chunk that is used up is nobody's business until the next one comes, which may be never.
        if (frame === NEED_DATA || this.#buffer.length === 0) this.#buffer.settle();
        if (frame !== NEED_DATA) return frame;
        if (this.isOver || !this.#hasEnded) return NEED_DATA;
        // Before it may throw: an error that leaves the framing intact is told of once.
        this.#isTold = true;
        this.#decoder.end(this.#buffer);
      } catch (error) {
        this.#report(error);
      }
    }
    return NEED_DATA;
  }

  /** Goes on with frames of another kind, from the first byte behind the last frame. */
  switchTo(framing: Framing<Frame>): void {
    checkFraming(framing, 'createDecoder');
    this.#decoder = framing.createDecoder();
    this.#isTold = false;
  }

  /** Gives away the bytes that no frame has used. */
  rest(): Uint8Array {
    return this.#buffer.take(this.#buffer.length);
  }

  #report(error: unknown): void {
    if (!isIntact(error) || this.#onError === undefined) throw error;
    this.#onError(error);
  }
}

/** Whether decoding can go on behind an error. */
export function isIntact(error: unknown): error is RemoteProtocolError {
  return error instanceof RemoteProtocolError && error.framing === 'intact';
}

/**
 * Checks that a framing makes decoders; callers without types pass something else.
 *
 * @throws TypeError that says what it is and what to do.
 */
export function checkFraming<Maker extends string>(
  framing: { readonly [Name in Maker]: () => unknown },
  maker: Maker,
): void {
  if (typeof framing?.[maker] === 'function') return;
  const advice =
    typeof framing === 'function'
      ? 'call it, as in lines()'
      : maker === 'createDecoder'
        ? 'pass one, such as lines()'
        : 'pass one whose frames can be had in pieces, such as lines(); switching() is none';
  throw new TypeError(`read frames: the framing is ${nameOf(framing)}; ${advice}`);
}
