/**
 * FrameStreams: frames of any length, each a stream of its bytes, none of them held.
 *
 * ```
 *   source   |piece|piece|piece|piece|piece|piece| ...
 *   frames   [FrameStream     ][FrameStream     ]
 *              next() of the frame: its next piece
 *              next() of the streams: skips what is left of the frame, then the next one
 * ```
 *
 * There is one stream of bytes beneath: a frame can be read until the next one is asked for, and no longer; and there is
 * one `next` at a time, of the streams or of a frame.
 *
 * A frame that is read ends when its last piece has come, or throws. It never ends early as if that were all of it, but
 * where the whole reading was ended by `return`.
 */
import { LocalProtocolError, RemoteProtocolError } from '../errors.ts';
import type { ComposableFraming, Piece } from '../framing.ts';
import type { ByteSource } from './chunks.ts';
import type { ReadOptions } from './intake.ts';
import { PieceReader } from './piece-reader.ts';

/**
 * Reads frames that may be too large to hold: each is a stream of its bytes, as they come.
 *
 * The bytes are those of the frame without what the framing strips; contents are not applied. The limit of the framing
 * counts here, too: give it the `maxLength` that the frames need. What is left of a frame is skipped when the next one
 * is asked for.
 *
 * A frame above the limit is one error, where the framing says `overlong: 'skip'`. When some of its pieces were given,
 * and the frame is being read, reading on in it throws the error, and the next frame can be asked for. Else it goes to
 * `onError`, as all errors that leave the framing intact do, or ends the reading where there is none. With `'close'`
 * reading on throws `frame-too-large`, and there is no next frame.
 *
 * @throws TypeError when the source gives no chunks.
 * @example
 * ```ts
 * const framing = lengthPrefixed('u64', { maxLength: 2 ** 40 });
 * for await (const frame of streamFrames(socket, framing)) {
 *   let length = 0;
 *   for await (const bytes of frame) length += bytes.length;
 *   console.log(length);
 * }
 * ```
 */
export function streamFrames(
  source: ByteSource,
  framing: ComposableFraming<unknown>,
  options: ReadOptions = {},
): FrameStreams {
  return new FrameStreams(source, framing, options);
}

/**
 * The frames of a source, each a stream; made by {@link streamFrames}.
 *
 * `next` rejects as that of `FrameReader` does. What a frame meets with while it is read or skipped ends all, but for
 * errors that leave the framing intact.
 */
export class FrameStreams
  implements AsyncIterableIterator<FrameStream, undefined>, AsyncDisposable
{
  readonly #pieces: PieceReader;
  #current: FrameStream | undefined;

  /** @throws TypeError when the source gives no chunks. */
  constructor(source: ByteSource, framing: ComposableFraming<unknown>, options: ReadOptions = {}) {
    this.#pieces = new PieceReader(source, framing, options);
  }

  /** Whether a frame above the limit has closed the stream: it tells that from a clean end. */
  get closed(): boolean {
    return this.#pieces.closed;
  }

  /**
   * The next frame. What is left of the one before is skipped.
   *
   * @throws (rejects) as `next` of `FrameReader`; `reader-busy` while a piece is being waited for.
   */
  next(): Promise<IteratorResult<FrameStream, undefined>> {
    return this.#pieces.alone('read the next frame', () => this.#next());
  }

  /** Ends the reading and gives the source back. Leaving a `for await` loop does so. */
  async return(): Promise<IteratorResult<FrameStream, undefined>> {
    await this.#pieces.return();
    return { done: true, value: undefined };
  }

  /** Ends the reading as {@link return} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Goes on with frames of another kind, from the first byte behind the last frame.
   *
   * @throws LocalProtocolError `reader-busy` while bytes are being waited for, or the last piece of a frame has not come.
   */
  switchTo(framing: ComposableFraming<unknown>): this {
    this.#pieces.switchTo(framing);
    return this;
  }

  /**
   * Ends the reading and gives the bytes that came behind the last frame, as `rest` of `FrameReader` does.
   *
   * @throws LocalProtocolError `reader-busy` while bytes are being waited for, or the last piece of a frame has not come.
   */
  rest(): Uint8Array {
    return this.#pieces.rest();
  }

  async #next(): Promise<IteratorResult<FrameStream, undefined>> {
    const last = this.#current;
    this.#current = undefined;
    if (last !== undefined) await skip(last);
    const result = await this.#pieces.next();
    if (result.done === true) return result;
    this.#current = new FrameStream(this.#pieces, result.value);
    return { done: false, value: this.#current };
  }
}

const DONE = { done: true, value: undefined } as const;

/** The way to the private method of a frame, for {@link FrameStreams}. */
let skip: (frame: FrameStream) => Promise<void>;

/** The bytes of one frame as they come, each chunk yours; given by {@link FrameStreams}. */
export class FrameStream implements AsyncIterableIterator<Uint8Array, undefined> {
  static {
    skip = (frame) => frame.#skip();
  }

  readonly #pieces: PieceReader;
  /** What has come and was not read yet. */
  #piece: Piece | undefined;
  /** `passed`: some of it was skipped, and whoever reads it would miss that. */
  #state: 'open' | 'over' | 'passed' = 'open';
  /** Whether none of its pieces can come any more. */
  #isWhole: boolean;

  /** @param first its first piece */
  constructor(pieces: PieceReader, first: Piece) {
    this.#pieces = pieces;
    this.#piece = first;
    this.#isWhole = first.last;
  }

  /**
   * Its next bytes.
   *
   * @throws (rejects) LocalProtocolError `frame-passed` when the next frame has been asked for meanwhile.
   * @throws (rejects) RemoteProtocolError `frame-too-large` when it turns out to be above the limit.
   * @throws (rejects) as `next` of `FrameReader`; `reader-busy` while a piece is being waited for.
   */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    // Neither answer needs a turn: one may be asked for while the next frame is being read.
    if (this.#state === 'passed') throw passed();
    if (this.#state === 'over') return DONE;
    return this.#pieces.alone('read on in a frame', () => this.#next());
  }

  /** Says that the rest of the frame is not wanted. It is skipped when the next one is asked for. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#state === 'open') this.#state = 'over';
    this.#piece = undefined;
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const piece = this.#piece;
      this.#piece = undefined;
      // The end of a frame may come in a piece of its own, which is empty.
      if (piece !== undefined && piece.bytes.length > 0) return { done: false, value: piece.bytes };
      if (this.#state !== 'open' || this.#isWhole) return DONE;
      await this.#receive();
    }
  }

  async #receive(): Promise<void> {
    try {
      const { done, value } = await this.#pieces.next();
      if (done !== true) {
        if (this.#state === 'open') this.#piece = value;
        this.#isWhole = value.last;
      } else if (this.#pieces.isReturned) {
        // The whole reading was ended, by somebody who did not want the rest of this frame.
        this.#state = 'over';
      } else {
        throw closedWithin();
      }
    } catch (error) {
      this.#state = 'over';
      this.#isWhole = !this.#pieces.isWithin;
      throw error;
    }
  }

  async #skip(): Promise<void> {
    const isRead = this.#isWhole && this.#piece === undefined;
    if (this.#state === 'open' && !isRead) this.#state = 'passed';
    this.#piece = undefined;
    try {
      while (!this.#isWhole) {
        const { done, value } = await this.#pieces.next();
        this.#isWhole = done === true || value.last;
      }
    } catch (error) {
      if (this.#pieces.isWithin) throw error;
      this.#isWhole = true;
      await this.#pieces.report(error);
    }
  }
}

function passed(): LocalProtocolError {
  return new LocalProtocolError(
    'frame-passed',
    'read on in a frame: the next one has been asked for, and the rest of this one is gone; read a frame to its end first',
  );
}

/** A cutter may have a limit of its own below that of its framing, so there is no number to be told. */
function closedWithin(): RemoteProtocolError {
  return new RemoteProtocolError(
    'frame-too-large',
    'read on in a frame: it is above the limit and has closed the stream; raise maxLength to accept it',
    { framing: 'lost', field: 'frame length' },
  );
}
