/**
 * The contract between a byte stream and whatever cuts it into frames.
 *
 * Rules every decoder keeps, and `verifyDecoder` of `@wireline/framing/testing` checks:
 *
 * 1. `decode` returns one frame, or `NEED_DATA`, or throws; it never waits and never does I/O.
 * 2. It removes exactly the bytes that it used. What belongs to the next frame stays in the buffer.
 * 3. What it returns is owned or parsed: no view of the buffer survives the call.
 * 4. How the bytes were cut into chunks makes no difference to what comes out.
 * 5. The same bytes are never scanned twice: a decoder remembers how far it has looked.
 * 6. Nothing is reserved because a header announced it; memory follows the bytes that came.
 * 7. It throws `RemoteProtocolError` for what the peer did wrong. Where the error says `framing: 'intact'`
 *    the bad frame has been removed and decoding goes on; where it says `'lost'`, nothing later may be parsed.
 * 8. Once `end` has returned, `decode` gives the frame that only the end of the stream completes, if there is one:
 *    all that came where a frame ends with its stream, a last line without a line end where that is allowed.
 */
import type { ReceiveBuffer } from './receive-buffer.ts';
import type { SendBuffer } from './send-buffer.ts';

/** What `decode` answers when the buffer does not hold a whole frame yet. */
export const NEED_DATA: unique symbol = Symbol('NEED_DATA');
/** The type of {@link NEED_DATA}. */
export type NeedData = typeof NEED_DATA;

/**
 * Cuts a byte stream into frames. One decoder serves one stream, from its first byte to its end.
 *
 * @example
 * ```ts
 * const buffer = new ReceiveBuffer();
 * for await (const chunk of chunks) {
 *   buffer.lend(chunk);
 *   for (let frame = decoder.decode(buffer); frame !== NEED_DATA; frame = decoder.decode(buffer)) {
 *     handle(frame);
 *   }
 * }
 * decoder.end(buffer);
 * const last = decoder.decode(buffer); // only of a framing whose frames may end with the stream
 * if (last !== NEED_DATA) handle(last);
 * ```
 */
export interface Decoder<Frame> {
  /**
   * Takes the next frame out of `buffer`.
   *
   * @throws RemoteProtocolError when the bytes break the protocol.
   */
  decode(buffer: ReceiveBuffer): Frame | NeedData;

  /**
   * Says that the peer has sent its last byte. Returns when the stream ended between two frames.
   *
   * @throws TruncatedFrameError when it ended inside one.
   */
  end(buffer: ReceiveBuffer): void;
}

/** The decoder of a framing of this package. */
export interface FrameDecoder<Frame> extends Decoder<Frame> {
  /**
   * Whether a frame above the limit has closed the stream, where the framing says `overlong: 'close'`. From then on all
   * that comes is dropped, `end` returns, and no frame comes. Whoever owns the connection closes it.
   */
  readonly closed: boolean;
}

/** Writes frames as bytes, and refuses what the decoder on the other side would refuse. */
export interface Encoder<Frame> {
  /**
   * Appends the bytes of `frame` to `buffer`, all of them or none.
   *
   * @throws LocalProtocolError when the frame cannot be written within the limits.
   */
  encode(frame: Frame, buffer: SendBuffer): void;
}
