/** Time-outs of selectors, as moments. */

/** The deadline of a wait that does not wait. */
export const AT_ONCE = 0;

/**
 * When a wait that begins now is over, on a clock in milliseconds: {@link AT_ONCE} for a time-out of 0 or less,
 * Infinity for none.
 *
 * @throws RangeError when `timeoutMs` is no number.
 */
export function deadlineOf(
  attempt: string,
  timeoutMs: number | null | undefined,
  now: () => number,
): number {
  if (timeoutMs === undefined || timeoutMs === null) return Infinity;
  if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) {
    throw new RangeError(`${attempt} for ${timeoutMs} ms: expected a number, or null for ever`);
  }
  return timeoutMs <= 0 ? AT_ONCE : now() + timeoutMs;
}
