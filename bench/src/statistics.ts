/** Numbers from several rounds, as one. */

/** The middle one, or the mean of the two in the middle. NaN of nothing. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

/** The smallest and the largest. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** How far the numbers lie apart. */
export function rangeOf(numbers: readonly number[]): Range {
  return { min: Math.min(...numbers), max: Math.max(...numbers) };
}
