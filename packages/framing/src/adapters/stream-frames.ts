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
 * There is one stream of bytes beneath: a frame can be read until the next one is asked for, and no longer.
 */
import { LocalProtocolError } from '../errors.ts';
import type { ComposableFraming, Framing, Piece } from '../framing.ts';
import type { ByteSource } from './chunks.ts';
import { FrameReader } from './read-frames.ts';

/**
 * Reads frames that may be too large to hold: each is a stream of its bytes, as they come.
 *
 * The bytes are those of the frame without what the framing strips; contents are not applied. The limit of the framing
 * counts here, too: give it the `maxLength` that the frames need. What is left of a frame is skipped when the next one
 * is asked for.
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
): FrameStreams {
  return new FrameStreams(source, framing);
}

/**
 * The frames of a source, each a stream; made by {@link streamFrames}.
 *
 * `next` rejects as that of `FrameReader` does, and what a frame meets with while it is read or skipped ends all.
 */
export class FrameStreams
  implements AsyncIterableIterator<FrameStream, undefined>, AsyncDisposable
{
  readonly #reader: FrameReader<Piece>;
  #current: FrameStream | undefined;

  /** @throws TypeError when the source gives no chunks. */
  constructor(source: ByteSource, framing: ComposableFraming<unknown>) {
    this.#reader = new FrameReader(source, inPieces(framing));
  }

  /**
   * The next frame. What is left of the one before is skipped.
   *
   * @throws (rejects) as `next` of `FrameReader`; `reader-busy` while a piece is being waited for.
   */
  async next(): Promise<IteratorResult<FrameStream, undefined>> {
    const last = this.#current;
    if (last !== undefined) {
      await skip(last);
      this.#current = undefined;
    }
    const result = await this.#reader.next();
    if (result.done === true) return result;
    this.#current = new FrameStream(this.#reader, result.value);
    return { done: false, value: this.#current };
  }

  /** Ends the reading and gives the source back. Leaving a `for await` loop does so. */
  async return(): Promise<IteratorResult<FrameStream, undefined>> {
    await this.#reader.return();
    return { done: true, value: undefined };
  }

  /** Ends the reading as {@link return} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The way to the private method of a frame, for {@link FrameStreams}. */
let skip: (frame: FrameStream) => Promise<void>;

/** The bytes of one frame as they come, each chunk yours; given by {@link FrameStreams}. */
export class FrameStream implements AsyncIterableIterator<Uint8Array, undefined> {
  static {
    skip = (frame) => frame.#skip();
  }

  readonly #reader: FrameReader<Piece>;
  /** What has come and was not read yet. */
  #piece: Piece | undefined;
  /** `passed`: some of it was skipped, and whoever reads it would miss that. */
  #state: 'open' | 'over' | 'passed' = 'open';
  /** Whether its last piece has come. */
  #isWhole: boolean;

  /** @param first its first piece */
  constructor(reader: FrameReader<Piece>, first: Piece) {
    this.#reader = reader;
    this.#piece = first;
    this.#isWhole = first.last;
  }

  /**
   * Its next bytes.
   *
   * @throws (rejects) LocalProtocolError `frame-passed` when the next frame has been asked for meanwhile.
   * @throws (rejects) as `next` of `FrameReader`.
   */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      if (this.#state === 'passed') throw passed();
      const piece = this.#piece;
      this.#piece = undefined;
      // The end of a frame may come in a piece of its own, which is empty.
      if (piece !== undefined && piece.bytes.length > 0) return { done: false, value: piece.bytes };
      if (this.#state === 'over' || this.#isWhole) return { done: true, value: undefined };
      await this.#receive();
    }
  }

  /** Says that the rest of the frame is not wanted. It is skipped when the next one is asked for. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#state === 'open') this.#state = 'over';
    this.#piece = undefined;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #receive(): Promise<void> {
    const { done, value } = await this.#reader.next();
    if (done === true) {
      // The whole reading was ended, by somebody who did not want the rest of this frame.
      this.#state = 'over';
      return;
    }
    this.#piece = value;
    this.#isWhole = value.last;
  }

  async #skip(): Promise<void> {
    while (!this.#isWhole) {
      const { done, value } = await this.#reader.next();
      this.#pass();
      this.#isWhole = done === true || value.last;
    }
    this.#pass();
  }

  #pass(): void {
    const isRead = this.#isWhole && this.#piece === undefined;
    if (this.#state === 'open' && !isRead) this.#state = 'passed';
    this.#piece = undefined;
  }
}

/** The framing whose frames are the pieces of those of another. Nobody writes pieces. */
function inPieces<Frame>(framing: ComposableFraming<Frame>): Framing<Piece> {
  return {
    createDecoder: () => framing.createPieceDecoder(),
    createEncoder: () => {
      throw new TypeError('write the pieces of a frame: encode it whole');
    },
  };
}

function passed(): LocalProtocolError {
  return new LocalProtocolError(
    'frame-passed',
    'read on in a frame: the next one has been asked for, and the rest of this one is gone; read a frame to its end first',
  );
}
