/** EncodeStream: a framing as a stream of Node's, frames in and bytes out. */
import { Transform } from 'node:stream';
import { encodeWith } from '../adapters/whole.ts';
import type { Encoder } from '../decoder.ts';
import type { Framing } from '../framing.ts';

/** Options of {@link createEncodeStream}. */
export interface EncodeStreamOptions {
  /** How many bytes may wait to be read; Node's default unless told. */
  readonly readableHighWaterMark?: number | undefined;
  /** How many frames may wait to be encoded before `write` says so; 16 unless told. */
  readonly writableHighWaterMark?: number | undefined;
}

/**
 * A stream that takes frames and gives their bytes.
 *
 * A frame that cannot be written destroys it with that `LocalProtocolError`. `null` is refused by Node.
 *
 * @example
 * ```ts
 * const frames = createEncodeStream(lines());
 * frames.pipe(socket);
 * frames.write('hello');
 * ```
 */
export function createEncodeStream<Frame>(
  framing: Framing<Frame>,
  options: EncodeStreamOptions = {},
): Transform {
  return new Encoding(framing, options);
}

class Encoding<Frame> extends Transform {
  readonly #encoder: Encoder<Frame>;

  constructor(framing: Framing<Frame>, options: EncodeStreamOptions) {
    const { readableHighWaterMark, writableHighWaterMark } = options;
    super({ writableObjectMode: true, readableHighWaterMark, writableHighWaterMark });
    this.#encoder = framing.createEncoder();
  }

  override _transform(
    frame: Frame,
    _encoding: string,
    callback: (error: Error | null, bytes?: Uint8Array) => void,
  ): void {
    let bytes: Uint8Array;
    try {
      bytes = encodeWith(this.#encoder, frame);
    } catch (error) {
      // What is thrown need not be an error, but a stream is destroyed by nothing else.
      const cause = error instanceof Error ? error : new Error(String(error), { cause: error });
      return callback(cause);
    }
    callback(null, bytes);
  }
}
