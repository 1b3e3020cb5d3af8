import { expect, test } from 'vitest';
import {
  formatCount,
  formatKib,
  formatMeasure,
  formatRange,
  formatShare,
} from './number-format.ts';

test.each([
  [0.4412, '0.441'],
  [7.1, '7.10'],
  [13.34, '13.3'],
  [999.6, '1,000'],
  [1234.5, '1,235'],
  [0, '0.00'],
  [Number.NaN, '–'],
])('%d is measured as %s', (number, text) => {
  expect(formatMeasure(number)).toBe(text);
});

test('counts, shares and bytes', () => {
  expect(formatCount(137_204.4)).toBe('137,204');
  expect(formatShare(0.974)).toBe('97 %');
  expect(formatKib(420)).toBe('0.41');
});

test('a range of nothing is nothing', () => {
  expect(formatRange({ min: 6.94, max: 7.31 }, formatMeasure)).toBe('6.94–7.31');
  expect(formatRange({ min: Infinity, max: -Infinity }, formatMeasure)).toBe('–');
});
