/**
 * Numbers of 16 bits with a fraction: binary16 of IEEE 754, which the oldest Node that we run on has no
 * `DataView` method for.
 *
 * ```text
 *  15   14 .. 10   9 ........ 0
 * sign  exponent     fraction      1.fraction * 2 ** (exponent - 15)
 *          0         fraction      0.fraction * 2 ** -14    nothing, and what is smaller than 2 ** -14
 *         31            0          Infinity
 *         31          other        NaN
 * ```
 *
 * Numbers in between go to the nearer one, and from the middle to the one whose last bit is 0. They are rounded
 * once, from the 64 bits: by way of 32 bits some would be rounded twice and end up beside the nearest.
 */

const SIGN = 0x8000;
const INFINITY = 0x7c00;
/** The NaN that has only the first bit of its fraction set: what IEEE 754 calls quiet, and Python writes. */
const NOT_A_NUMBER = 0x7e00;
/** What fits between two powers of 2. */
const FRACTIONS = 2 ** 10;
/** The exponent that means 2 ** 0. */
const BIAS = 15;
const SMALLEST_EXPONENT = -14;

/** The middle between the largest number, 65504, and 65536, which would be next: from here on it is too large. */
export const HALF_OVERFLOW = 65_520;

/**
 * The 16 bits of the nearest number; `undefined` when `number` is finite and too large, `HALF_OVERFLOW` or more.
 *
 * @example
 * ```ts
 * maybeHalfBits(1.5); // 0x3e00
 * ```
 */
export function maybeHalfBits(number: number): number | undefined {
  if (Number.isNaN(number)) return NOT_A_NUMBER;
  const sign = number < 0 || Object.is(number, -0) ? SIGN : 0;
  const size = Math.abs(number);
  if (size === Infinity) return sign | INFINITY;
  if (size >= HALF_OVERFLOW) return undefined;
  const exponent = exponentOf(size);
  // The first bit of a normal number is not kept: it adds 1 to the exponent that is one too small. So does a
  // fraction that is rounded up to the next power of 2.
  const fraction = roundHalfToEven(size * 2 ** -exponent * FRACTIONS);
  return sign | ((exponent - SMALLEST_EXPONENT) * FRACTIONS + fraction);
}

/**
 * The number that 16 bits mean.
 *
 * @example
 * ```ts
 * halfFromBits(0x3e00); // 1.5
 * ```
 */
export function halfFromBits(bits: number): number {
  const sign = (bits & SIGN) === 0 ? 1 : -1;
  const exponent = (bits & INFINITY) / FRACTIONS;
  const fraction = bits % FRACTIONS;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** (SMALLEST_EXPONENT - 10);
  return sign * (FRACTIONS + fraction) * 2 ** (exponent - BIAS - 10);
}

/** The power of 2 that `size` is not below, but not less than the smallest that there is. */
function exponentOf(size: number): number {
  // As an integer of 32 bits, which 65519 * 2 ** 14 is, its highest bit can be asked for.
  return Math.max(31 - Math.clz32(size * 2 ** -SMALLEST_EXPONENT), 0) + SMALLEST_EXPONENT;
}

/** The nearest integer, for numbers from 0 to 2 ** 51: beyond 2 ** 52 a number has no room for a fraction. */
function roundHalfToEven(number: number): number {
  return number + 2 ** 52 - 2 ** 52;
}
