import { describe, expect, test } from 'vitest';
import { Random, SEED_RANGE } from './random.ts';

/** The first four numbers of mulberry32, from an implementation in Python. */
const KNOWN: readonly (readonly [seed: number, bits: readonly number[]])[] = [
  [0, [1144304738, 1416247, 958946056, 627933444]],
  [42, [2581720956, 1925393290, 3661312704, 2876485805]],
  [4294967295, [3850105811, 813802916, 3073704848, 4054706436]],
];

test.each(KNOWN)('seed %i gives the numbers that mulberry32 gives', (seed, bits) => {
  const random = new Random(seed);
  expect(bits.map(() => random.fraction() * SEED_RANGE)).toEqual(bits);
});

test.each([-1, 0.5, Number.NaN, SEED_RANGE])('seed %s is refused', (seed) => {
  expect(() => new Random(seed)).toThrow(RangeError);
});

describe('what is drawn', () => {
  test('integers lie within their bounds and reach both', () => {
    const random = new Random(1);
    const drawn = new Set(Array.from({ length: 200 }, () => random.integer(3, 6)));
    expect(drawn).toEqual(new Set([3, 4, 5, 6]));
  });

  test('what never or always happens draws nothing', () => {
    const [one, other] = [new Random(5), new Random(5)];
    expect([one.chance(0), one.chance(1)]).toEqual([false, true]);
    expect(one.fraction()).toBe(other.fraction());
  });

  test('chance is right about as often as it says', () => {
    const random = new Random(7);
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.3)).filter(Boolean).length;
    expect(hits / 10_000).toBeCloseTo(0.3, 1);
  });

  test('picks and shuffles lose and invent nothing', () => {
    const random = new Random(9);
    const items = [1, 2, 3, 4, 5];
    const shuffled = [...items];
    random.shuffle(shuffled);
    expect(shuffled).not.toEqual(items);
    expect(new Set(shuffled)).toEqual(new Set(items));
    expect(shuffled).toHaveLength(items.length);
    expect(items).toContain(random.pick(items));
    expect(() => random.pick([])).toThrow(RangeError);
  });
});

test('a fork goes its own way, whatever its origin draws later', () => {
  const [one, other] = [new Random(3), new Random(3)];
  const [fork, same] = [one.fork(), other.fork()];
  one.fraction();
  expect(fork.fraction()).toBe(same.fraction());
  expect(fork.fraction()).not.toBe(one.fraction());
});
