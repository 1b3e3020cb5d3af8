/** Numbers as people read them. */
import type { Range } from './statistics.ts';

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Three digits say as much as a measurement that varies by some per cent knows. */
const SIGNIFICANT = new Intl.NumberFormat('en', {
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});

/** What stands for a number that there is none of. */
const NONE = '–';

/** A count, such as `137,204`. */
export function formatCount(number: number): string {
  return Number.isNaN(number) ? NONE : WHOLE.format(number);
}

/** A measured number with three digits that count: `0.441`, `7.10`, `13.3`; larger ones are whole. */
export function formatMeasure(number: number): string {
  if (Number.isNaN(number)) return NONE;
  return Math.abs(number) >= 1000 ? WHOLE.format(number) : SIGNIFICANT.format(number);
}

/** A share, such as `97 %`. */
export function formatShare(number: number): string {
  return Number.isNaN(number) ? NONE : `${WHOLE.format(number * 100)} %`;
}

/** A ratio, such as `2.41 times`. */
export function formatTimes(ratio: number): string {
  return Number.isNaN(ratio) ? NONE : `${ratio.toFixed(2)} times`;
}

/** Bytes as KiB with two decimals, which is ten bytes: `0.41`. */
export function formatKib(bytes: number): string {
  return Number.isNaN(bytes) ? NONE : (bytes / 1024).toFixed(2);
}

/** Two numbers and what lies between them. */
export function formatRange({ min, max }: Range, format: (number: number) => string): string {
  return Number.isFinite(min) ? `${format(min)}–${format(max)}` : NONE;
}
