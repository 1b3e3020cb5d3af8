/**
 * PieceReader: the pieces of the frames of a source, one behind the other, for the streams that frames are given as.
 *
 * It knows whose turn it is. All streams of one source read from here, one at a time: who asks while another call has
 * not settled is refused, also when the bytes are there.
 *
 * A frame that has begun may turn out to be bad though the framing is intact. That is no error of the whole reading, so
 * the decoder gives it like a piece, and it is thrown where the frame is read on.
 */
import { NEED_DATA, type FrameDecoder, type NeedData } from '../decoder.ts';
import { LocalProtocolError, RemoteProtocolError } from '../errors.ts';
import type { ComposableFraming, Framing, Piece } from '../framing.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import type { ByteSource } from './chunks.ts';
import { checkFraming, isIntact, type ReadOptions } from './intake.ts';
import { FrameReader, readerBusy } from './read-frames.ts';

/** A piece, or why the frame that has begun ends without its last one. */
type Part = Piece | RemoteProtocolError;

/** Reads pieces for one caller at a time. */
export class PieceReader {
  readonly #reader: FrameReader<Part>;
  readonly #onError: ReadOptions['onError'];
  #isBusy = false;
  /** Whether `onError` is running. */
  #isReporting = false;
  #isReturned = false;
  #isWithin = false;

  /** @throws TypeError when the source gives no chunks, or the framing is none. */
  constructor(source: ByteSource, framing: ComposableFraming<unknown>, { onError }: ReadOptions) {
    this.#onError = onError;
    const reading = onError === undefined ? {} : { onError: this.#tell };
    this.#reader = new FrameReader(source, inParts(framing), reading);
  }

  /** Whether a frame above the limit has closed the stream. */
  get closed(): boolean {
    return this.#reader.closed;
  }

  /** Whether whoever reads has ended the reading. */
  get isReturned(): boolean {
    return this.#isReturned;
  }

  /** Whether a frame has begun whose last piece has not come. */
  get isWithin(): boolean {
    return this.#isWithin;
  }

  /**
   * Has `read` run while nobody else reads.
   *
   * @throws (rejects) LocalProtocolError `reader-busy` when somebody does.
   */
  async alone<Result>(attempt: string, read: () => Promise<Result>): Promise<Result> {
    if (this.#isBusy) throw readerBusy(attempt);
    this.#isBusy = true;
    try {
      return await read();
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * The next piece.
   *
   * @throws (rejects) as `next` of `FrameReader`; RemoteProtocolError when the frame that has begun is bad, and reading
   * may go on behind it: {@link isWithin} says no then.
   */
  async next(): Promise<IteratorResult<Piece, undefined>> {
    const { done, value } = await this.#reader.next();
    if (done === true) return { done, value };
    const isBad = value instanceof RemoteProtocolError;
    this.#isWithin = !isBad && !value.last;
    if (isBad) throw value;
    return { done: false, value };
  }

  /**
   * Tells `onError` of a frame that was bad while it was skipped.
   *
   * @throws (rejects) the error when there is no `onError`, or what that throws; the reading has ended then.
   */
  async report(fault: unknown): Promise<void> {
    try {
      this.#tell(fault);
    } catch (reason) {
      // What the source says to that comes second: the first error says why.
      await this.#reader.return().catch(() => {});
      throw reason;
    }
  }

  /** Ends the reading and gives the source back. */
  async return(): Promise<void> {
    this.#isReturned = true;
    await this.#reader.return();
  }

  /** Ends the reading and gives the bytes behind the last frame. */
  rest(): Uint8Array {
    this.#checkBetween('take the rest');
    return this.#reader.rest();
  }

  /** Goes on with frames of another kind. */
  switchTo(framing: ComposableFraming<unknown>): void {
    this.#checkBetween('switch to another framing');
    this.#reader.switchTo(inParts(framing));
  }

  readonly #tell = (error: unknown): void => {
    if (this.#onError === undefined || !isIntact(error)) throw error;
    this.#isReporting = true;
    try {
      this.#onError(error);
    } finally {
      this.#isReporting = false;
    }
  };

  /** Behind a frame there are bytes that can be given to somebody else; in the middle of one there are none. */
  #checkBetween(attempt: string): void {
    if (this.#isBusy && !this.#isReporting) throw readerBusy(attempt);
    if (!this.#isWithin) return;
    throw new LocalProtocolError(
      'reader-busy',
      `${attempt}: the last piece of a frame has not come; read the frame to its end first. Once the reading has ended, what is left of it is nobody's`,
    );
  }
}

/** The framing whose frames are the parts of those of another. Nobody writes parts. */
function inParts(framing: ComposableFraming<unknown>): Framing<Part> {
  checkFraming(framing, 'createPieceDecoder');
  return {
    createDecoder: () => new PartDecoder(framing.createPieceDecoder()),
    createEncoder: () => {
      throw new TypeError('write the pieces of a frame: encode it whole');
    },
  };
}

/** Gives pieces, and the errors in the middle of a frame that leave the framing intact. */
class PartDecoder implements FrameDecoder<Part> {
  readonly #pieces: FrameDecoder<Piece>;
  #isWithin = false;

  constructor(pieces: FrameDecoder<Piece>) {
    this.#pieces = pieces;
  }

  get closed(): boolean {
    return this.#pieces.closed;
  }

  decode(buffer: ReceiveBuffer): Part | NeedData {
    let piece: Piece | NeedData;
    try {
      piece = this.#pieces.decode(buffer);
    } catch (error) {
      if (!this.#isWithin || !isIntact(error)) throw error;
      this.#isWithin = false;
      return error;
    }
    if (piece !== NEED_DATA) this.#isWithin = !piece.last;
    return piece;
  }

  end(buffer: ReceiveBuffer): void {
    this.#pieces.end(buffer);
  }
}
