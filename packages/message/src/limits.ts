/**
 * What one message may cost. A sender keeps to the same limits as a receiver.
 *
 * Sizes are in bytes. Each number has its reason beside it; whoever changes one knows what it was for.
 */

/** The limits of one message. */
export interface Limits {
  /** The longest header, `H`. At most 65535, which is all that its two bytes can say. */
  readonly maxHeaderLength: number;
  /**
   * The longest content, `L`. Whoever makes the buffers gives them room for it: their `maxLength` is 64 MiB
   * for a `ReceiveBuffer` and 33 MiB for a `SendBuffer` unless told.
   */
  readonly maxContentLength: number;
}

/**
 * 4 KiB: the four required headers take some 110 bytes, ids and a deadline 60 more, which leaves room for
 * tracing headers. It is small enough that the first two letters of any HTTP request, read as a length,
 * lie far above it, so that a mistaken peer is told at once.
 */
const MAX_HEADER_LENGTH = 4096;

/** 32 MiB: a large photograph or a year of sensor readings; ten such peers fit in a small machine. */
const MAX_CONTENT_LENGTH = 32 * 1024 * 1024;

/** The limits that hold unless told otherwise. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  maxHeaderLength: MAX_HEADER_LENGTH,
  maxContentLength: MAX_CONTENT_LENGTH,
});

/**
 * 64: ten times what people write by hand. It keeps recursive code, ours and that of handlers, far from
 * the end of the stack, and it stops a cycle from being written.
 */
export const MAX_JSON_DEPTH = 64;

/** What the two bytes of `H` can say. */
const LARGEST_HEADER_LENGTH = 0xffff;

/**
 * Fills in the defaults.
 *
 * @throws RangeError when a limit is no whole number in its range.
 */
export function resolveLimits(limits: Partial<Limits> = {}): Limits {
  const maxHeaderLength = limits.maxHeaderLength ?? MAX_HEADER_LENGTH;
  const maxContentLength = limits.maxContentLength ?? MAX_CONTENT_LENGTH;
  checkRange('maxHeaderLength', maxHeaderLength, 1, LARGEST_HEADER_LENGTH);
  checkRange('maxContentLength', maxContentLength, 0, Number.MAX_SAFE_INTEGER);
  return { maxHeaderLength, maxContentLength };
}

function checkRange(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `set ${option}: ${value} is not a whole number of bytes in ${least}..${most}`,
  );
}
