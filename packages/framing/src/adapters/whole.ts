/** Frames and bytes that are there as a whole: a frame to be sent, a file, a datagram, the case of a test. */
import { BlockPool } from '../block-pool.ts';
import { NEED_DATA, type Encoder } from '../decoder.ts';
import type { Framing } from '../framing.ts';
import { SendBuffer } from '../send-buffer.ts';
import { Intake } from './intake.ts';

/** The encoder has a limit; what it may write, a buffer that serves one frame may hold. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** One block: a frame is encoded in it and copied out before the next one is. */
const pool = new BlockPool({ maxBlocks: 1 });

/**
 * The bytes of one frame, in memory of its own.
 *
 * Each call begins a stream. Where what a frame looks like depends on those before it, as with `switching`, keep one
 * `framing.createEncoder()` for the stream.
 *
 * @throws LocalProtocolError when there is no such frame, or it is above the limit.
 * @example
 * ```ts
 * encodeFrame(lines(), 'hello'); // the bytes of 'hello\n'
 * await socket.sendAll(encodeFrame(lengthPrefixed('u16'), bytes));
 * ```
 */
export function encodeFrame<Frame>(framing: Framing<Frame>, frame: Frame): Uint8Array {
  return encodeWith(framing.createEncoder(), frame);
}

/**
 * The frames of a whole stream: all that it has, from its first byte to its last.
 *
 * @throws RemoteProtocolError for the first thing that is wrong; TruncatedFrameError when the stream ends in a frame.
 * @throws TypeError when `bytes` are none.
 * @example
 * ```ts
 * decodeFrames(lines(), new TextEncoder().encode('a\nb\n')); // ['a', 'b']
 * ```
 */
export function decodeFrames<Frame>(framing: Framing<Frame>, bytes: Uint8Array): Frame[] {
  const intake = new Intake(framing);
  intake.feed(bytes);
  intake.end();
  const frames: Frame[] = [];
  for (let frame = intake.take(); frame !== NEED_DATA; frame = intake.take()) frames.push(frame);
  return frames;
}

/** The bytes of the next frame of a stream, in memory of its own. */
export function encodeWith<Frame>(encoder: Encoder<Frame>, frame: Frame): Uint8Array {
  const buffer = new SendBuffer({ maxLength: NO_LIMIT, pool });
  try {
    encoder.encode(frame, buffer);
    const { bytes, start, end } = buffer;
    // Memory that is no block was made for this frame alone. It may be twice as long, at most, as what is in it.
    return bytes.length === pool.blockLength ? bytes.slice(start, end) : bytes.subarray(start, end);
  } finally {
    buffer.clear();
  }
}
