import { expect, test } from 'vitest';
import { shrink, simplify } from './shrink.ts';

const numbers = Array.from({ length: 100 }, (_, index) => index);

test('what is not needed is left out', () => {
  expect(shrink(numbers, (few) => few.includes(17) && few.includes(80))).toEqual([17, 80]);
  expect(shrink(numbers, () => true)).toEqual([]);
  expect(shrink([], () => true)).toEqual([]);
});

test('what is needed whole stays', () => {
  expect(shrink(numbers, (few) => few.length >= 100)).toEqual(numbers);
});

test('the work is bounded', () => {
  let runs = 0;
  const many = Array.from({ length: 5000 }, (_, index) => index);
  const odd = (few: readonly number[]): boolean => {
    runs++;
    return many.every((number) => number % 2 === 0 || few.includes(number));
  };
  shrink(many, odd);
  expect(runs).toBeLessThan(5000);
});

test('items become as simple as they may, the simplest first', () => {
  const simpler = (item: number): readonly number[] => [0, Math.floor(item / 2)];
  expect(simplify([9, 9, 9], simpler, ([, second = 0]) => second > 3)).toEqual([0, 4, 0]);
  expect(simplify([9, 9], simpler, () => false)).toEqual([9, 9]);
});
