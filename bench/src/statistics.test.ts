import { expect, test } from 'vitest';
import { median, rangeOf } from './statistics.ts';

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
  [[10, 9, 100], 10], // by value, not by text
  [[], Number.NaN],
])('the median of %j is %d', (numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});

test('the median leaves its numbers in their order', () => {
  const numbers = [3, 1, 2];
  median(numbers);
  expect(numbers).toEqual([3, 1, 2]);
});

test('the range is from the smallest to the largest', () => {
  expect(rangeOf([3, 1, 2])).toEqual({ min: 1, max: 3 });
});
