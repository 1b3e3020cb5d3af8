/**
 * The limit of a framing, and what comes of a frame above it.
 *
 * One limit holds for both directions, and it counts the whole frame as it is on the wire: length, type, padding and
 * delimiter included.
 *
 * ```
 *   |<-------------------- maxLength ------------------->|
 *   | length, type ... | content            | delimiter  |
 * ```
 */

/** 1 MiB: more than most protocols send in one frame, and nothing that hurts when a stranger sends it. */
export const DEFAULT_MAX_LENGTH = 1024 * 1024;

/**
 * What comes of a frame above the limit.
 *
 * - `fail`: an error as soon as the limit is known to be exceeded; the framing is lost.
 * - `skip`: the frame is dropped as it comes, then there is one error, and decoding goes on behind it.
 * - `close`: no error; the decoder is `closed` and drops all that comes.
 */
export type Overlong = 'fail' | 'skip' | 'close';

/** Options of every framing. */
export interface FramingOptions {
  /** The most bytes of one frame on the wire, all of it counted. 1 MiB unless told. */
  readonly maxLength?: number;
  /** What comes of a frame above the limit; `fail` unless told. */
  readonly overlong?: Overlong;
}

/**
 * The limit that `options` ask for, or the default.
 *
 * @throws RangeError when it is no whole number above 0.
 */
export function resolveMaxLength({ maxLength = DEFAULT_MAX_LENGTH }: FramingOptions): number {
  if (Number.isSafeInteger(maxLength) && maxLength > 0) return maxLength;
  throw new RangeError(`limit frames to ${maxLength} bytes: give maxLength a whole number above 0`);
}

/**
 * What `options` say about frames above the limit, or the default.
 *
 * @throws RangeError when it is none of the three.
 */
export function resolveOverlong({ overlong = 'fail' }: FramingOptions): Overlong {
  if (overlong === 'fail' || overlong === 'skip' || overlong === 'close') return overlong;
  throw new RangeError(
    `treat frames above the limit by '${overlong as string}': choose fail, skip or close`,
  );
}
