import { expect, test } from 'vitest';
import { chooseLuck, LUCK, type LuckName } from './luck.ts';

test.each(['calm', 'rough', 'hostile'] as const)('%s is in range', (name: LuckName) => {
  expect(chooseLuck(name)).toBe(LUCK[name]);
  expect(chooseLuck({ ...LUCK[name] })).toEqual(LUCK[name]);
});

test('what is not named is calm', () => {
  expect(chooseLuck({ resets: 1 })).toEqual({ ...LUCK.calm, resets: 1 });
});

test('rough breaks nothing', () => {
  const { resets, cuts, silences, refusals, acceptFailures } = LUCK.rough;
  expect([resets, cuts, silences, refusals, acceptFailures]).toEqual([0, 0, 0, 0, 0]);
});

test.each([
  [{ resets: 1.5 }, 'set the luck resets to 1.5: expected a probability from 0 to 1'],
  [{ cuts: -1 }, 'set the luck cuts to -1'],
  [{ shortReads: Number.NaN }, 'shortReads'],
  [{ delayMs: -1 }, 'set the luck delayMs to -1: expected a number of at least 0'],
  [{ stallMs: Infinity }, 'stallMs'],
  [{ slowLines: 0.5 }, 'slowBytesPerMs'],
])('%j is refused', (luck, words) => {
  expect(() => chooseLuck(luck)).toThrow(RangeError);
  expect(() => chooseLuck(luck)).toThrow(words);
});
