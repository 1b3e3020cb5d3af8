/**
 * Cutter: where the frame at the front of a buffer ends. The one thing in which framings differ.
 *
 * ```
 *   |<------------------- measure() ------------------->|
 *   | lead   | head      | content              | tail  |
 *     kept     dropped     kept                   dropped
 * ```
 *
 * All else, limits, policies, the large and the cut frame, is the same for all of them and is in `CuttingDecoder` and
 * `PieceDecoder`, which ask a cutter about one frame after the other:
 *
 * - `measure` until it knows the length; each time with all bytes of the frame that are there, but for those that it
 *   was told to `forget`. It remembers how far it has looked.
 * - `read` with the whole frame, or `reset` without; then the next frame begins.
 *
 * A cutter throws `FrameFault` for what is wrong, since it does not know where in the stream it is.
 */
import type { Overlong } from '../limits.ts';

/** What `measure` answers when more bytes are needed to know. */
export const UNKNOWN = -1;

/** The limit that a frame ran into: of the whole frame, or of a part of it. */
export interface LimitSaid {
  readonly value: number;
  /** `the limit`, or `the limit of its body`. */
  readonly whose: string;
}

/** Finds the ends of the frames of one stream. */
export interface Cutter<Frame> {
  /** The most bytes of the frame that is being measured. */
  readonly limit: number;
  /** Whose limit that is, and its value there, as errors say it. */
  readonly limitSaid: LimitSaid;
  /** Whether the end of the stream may be the end of the frame that is being measured. */
  readonly endsWithStream: boolean;
  /** Whether what `read` returns is made of the frame's bytes, so that memory of its own serves many frames. */
  readonly keepsBytes: boolean;
  /** What is missing while the length is unknown, as errors say it: `the delimiter "\n"`. */
  readonly awaited: string;

  // The parts of a frame whose length is known; see above.
  readonly lead: number;
  readonly head: number;
  readonly tail: number;

  /**
   * The length of the frame that starts at `start`, all of it, whether it is there or not; `UNKNOWN` when it takes more
   * bytes to know, which says that the frame has at least one more. Infinity is a length, too: of no frame that anybody
   * can hold.
   *
   * @throws FrameFault
   */
  measure(bytes: Uint8Array, start: number, end: number): number;

  /** The length of the frame that ends because the stream does; `UNKNOWN` when it is cut, or there is none. */
  measureAtEnd(bytes: Uint8Array, start: number, end: number): number;

  /** While the length is unknown: how many bytes at the front are the frame's for certain, and content. */
  settled(): number;

  /** Says that the first `count` bytes of the frame, all of them settled, are not in the buffer any more. */
  forget(count: number): void;

  /**
   * Looks at the tail of a frame, which ends at `end`.
   *
   * @throws FrameFault
   */
  checkTail(bytes: Uint8Array, end: number): void;

  /**
   * What the whole frame says; the next one begins.
   *
   * @param owned whether the result may keep `bytes`
   * @throws FrameFault
   */
  read(bytes: Uint8Array, start: number, end: number, owned: boolean): Frame;

  /** The next frame begins; this one was not wanted. */
  reset(): void;
}

/** How the frames of a framing are found and written; holds nothing of any stream. */
export interface CutPlan<Frame> {
  readonly maxLength: number;
  readonly overlong: Overlong;
  createCutter(): Cutter<Frame>;

  /** Whether a frame ends its stream, so that none can follow. */
  endsStream(frame: Frame): boolean;

  /**
   * How long a frame will be on the wire.
   *
   * @throws LocalProtocolError when there is no such frame.
   */
  lengthOf(frame: Frame): number;

  /**
   * Writes a frame whose {@link lengthOf} is `length` to `target[at..at + length)`.
   *
   * @throws LocalProtocolError when it would be read as something else.
   */
  write(frame: Frame, target: Uint8Array, at: number, length: number): void;
}
