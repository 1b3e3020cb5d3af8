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
import { checkChunk } from './chunks.ts';

/** Options of everything that reads frames. */
export interface ReadOptions {
  /**
   * Is told of each bad frame that leaves the framing intact, and reading goes on behind it. Without it such an error
   * ends the reading, as all others do.
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

  constructor(framing: Framing<Frame>, options: ReadOptions = {}) {
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

  /**
   * The next frame of what has come.
   *
   * @throws RemoteProtocolError, and what a content or `onError` throws.
   */
  take(): Frame | NeedData {
    for (;;) {
      try {
        const frame = this.#decoder.decode(this.#buffer);
        if (frame !== NEED_DATA) return frame;
        this.#buffer.settle();
        if (this.isOver || !this.#hasEnded) return NEED_DATA;
        this.#decoder.end(this.#buffer);
        this.#isTold = true;
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** Goes on with frames of another kind, from the first byte behind the last frame. */
  switchTo(framing: Framing<Frame>): void {
    this.#decoder = framing.createDecoder();
    this.#isTold = false;
  }

  /** Gives away the bytes that no frame has used. */
  rest(): Uint8Array {
    return this.#buffer.take(this.#buffer.length);
  }

  #report(error: unknown): void {
    const isIntact = error instanceof RemoteProtocolError && error.framing === 'intact';
    if (!isIntact || this.#onError === undefined) throw error;
    this.#onError(error);
  }
}
