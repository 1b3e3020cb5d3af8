/**
 * DecodeStream: a framing as a stream of Node's, bytes in and frames out.
 *
 * `push` says when the reader has enough. Then decoding stops, in the middle of a chunk if need be, and goes on when the
 * reader asks (`_read`); until its last frame is out the chunk counts as not written, so that whoever writes waits, too.
 *
 * A stream that is destroyed drops the frames that wait to be read. So an error waits, too, until the last of them has
 * been read.
 */
import { Duplex } from 'node:stream';
import { Intake, type ReadOptions } from '../adapters/intake.ts';
import { NEED_DATA, type NeedData } from '../decoder.ts';
import type { Framing } from '../framing.ts';

/** Options of {@link createDecodeStream}. */
export interface DecodeStreamOptions extends ReadOptions {
  /** How many frames may wait to be read; 16 unless told, as in all streams of objects. */
  readonly readableHighWaterMark?: number | undefined;
  /** How many bytes may wait to be decoded before `write` says so; Node's default unless told. */
  readonly writableHighWaterMark?: number | undefined;
}

/**
 * A stream that takes bytes and gives frames.
 *
 * What the peer did wrong destroys it with that `RemoteProtocolError`, behind the frames before; an error that leaves the framing intact goes to
 * `onError` instead, where there is one. A frame above the limit of a framing with `overlong: 'close'` ends it behind
 * the frames before, and destroys it when these are read: a pipeline then closes its source, and says
 * ERR_STREAM_PREMATURE_CLOSE. A frame that is `null`, which some content may read, cannot be an object of a stream, and
 * is an error.
 *
 * Node's types do not know what is in a stream, so say it where the frames are used. `readFrames(stream, framing)` knows.
 *
 * @example
 * ```ts
 * await pipeline(socket, createDecodeStream(lines()), async (incoming: AsyncIterable<string>) => {
 *   for await (const line of incoming) console.log(line);
 * });
 * ```
 */
export function createDecodeStream<Frame>(
  framing: Framing<Frame>,
  options: DecodeStreamOptions = {},
): Duplex {
  return new Decoding(framing, options);
}

type Callback = (error?: Error | null) => void;

class Decoding<Frame> extends Duplex {
  readonly #intake: Intake<Frame>;
  /** Whether the reader has room; it has in the beginning. */
  #isWanted = true;
  /** Whoever waits for a chunk, or the end, to be used up. */
  #callback: Callback | undefined;
  /** The error that comes behind the frames that wait. */
  #failure: Error | undefined;

  constructor(framing: Framing<Frame>, options: DecodeStreamOptions) {
    const { readableHighWaterMark, writableHighWaterMark, ...reading } = options;
    super({ readableObjectMode: true, readableHighWaterMark, writableHighWaterMark });
    this.#intake = new Intake(framing, reading);
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: Callback): void {
    this.#intake.feed(chunk);
    this.#callback = callback;
    this.#advance();
  }

  override _final(callback: Callback): void {
    this.#intake.end();
    this.#callback = callback;
    this.#advance();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#advance();
  }

  /** Frames go out only here, or as they are pushed: nowhere else is one known to be the last. */
  override read(size?: number): unknown {
    const frame: unknown = super.read(size);
    if (this.#failure !== undefined && this.readableLength === 0) this.#useUp(this.#failure);
    return frame;
  }

  /** Pushes frames as long as they are wanted and there are any. */
  #advance(): void {
    while (this.#isWanted && this.#callback !== undefined && this.#failure === undefined) {
      let frame: Frame | NeedData;
      try {
        frame = this.#intake.take();
        if (frame === null) throw new TypeError(NULL_FRAME);
      } catch (error) {
        // What is thrown need not be an error, but a stream is destroyed by nothing else.
        const cause = error instanceof Error ? error : new Error(String(error), { cause: error });
        if (this.readableLength === 0) return this.#useUp(cause);
        this.#failure = cause;
        return;
      }
      if (frame === NEED_DATA) return this.#finish();
      this.#isWanted = this.push(frame);
      // Often a chunk is a frame. Who wrote it need not wait until the next one is asked for.
      if (this.#intake.isEmpty && !this.#intake.hasEnded) this.#useUp();
    }
  }

  /** No frame is left in what has come. */
  #finish(): void {
    if (this.#intake.isOver) this.push(null);
    if (!this.#intake.isClosed) return this.#useUp();
    // This chunk is never written: whoever writes is held up until the reader has come to the end.
    this.#callback = undefined;
    this.once('end', () => this.destroy());
  }

  #useUp(error?: Error): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.(error);
  }
}

const NULL_FRAME =
  'push a frame: it is null, which would end the stream; have the content read null as something else';
