/**
 * Framing: a way to say where a frame ends. What `lengthPrefixed(...)` and its siblings return.
 *
 * A framing is a description. It holds nothing of any stream and may be shared; whatever remembers how far a stream
 * has been read is in the decoder, one for each stream.
 */
import type { Encoder, FrameDecoder } from './decoder.ts';
import type { CutPlan } from './cutting/cutter.ts';

/** A way to cut a stream into frames, and to write frames so that they can be cut. */
export interface Framing<Frame> {
  /** A decoder for one stream. */
  createDecoder(): FrameDecoder<Frame>;
  /** An encoder for one stream. */
  createEncoder(): Encoder<Frame>;
}

/** Some bytes of a frame that is decoded as it comes. */
export interface Piece {
  /** Owned by whoever gets them; may be empty. */
  readonly bytes: Uint8Array;
  /** Whether a frame begins with these. */
  readonly first: boolean;
  /** Whether a frame ends with these. */
  readonly last: boolean;
}

/**
 * A framing that can be part of another, and whose frames can be had in pieces. All framings of this package are,
 * but for `switching`.
 */
export interface ComposableFraming<Frame> extends Framing<Frame> {
  /** The most bytes of one frame on the wire. */
  readonly maxLength: number;
  /**
   * A decoder that gives the bytes of each frame as they come, and holds no more of them than a delimiter's length, or a
   * head that is not whole yet. What a framing strips is stripped; padding stays; a head or a type comes as it is on the
   * wire, in pieces before those of the content.
   *
   * A frame that turns out to be above the limit when some of its pieces are out has no last piece: what comes instead
   * is the error (`fail`, and `skip` when the rest of it is gone) or nothing more (`close`).
   */
  createPieceDecoder(): FrameDecoder<Piece>;
  /** How frames are found and written: for framings that contain this one. */
  readonly plan: CutPlan<Frame>;
}
