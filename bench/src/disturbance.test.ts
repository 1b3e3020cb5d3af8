import { describe, expect, test } from 'vitest';
import { leastDisturbed } from './disturbance.ts';

describe('of several measurements', () => {
  test.each([
    ['the first that was left alone', [0.3, 0.04, 0], 0.04],
    ['the least disturbed', [0.3, 0.1, 0.2], 0.1],
    ['the only one', [0.3], 0.3],
  ])('%s counts', async (_, disturbances, expected) => {
    const left = [...disturbances];
    const best = await leastDisturbed(disturbances.length, () => {
      return Promise.resolve({ disturbance: left.shift() ?? Number.NaN });
    });
    expect(best).toEqual({ disturbance: expected });
  });
});
