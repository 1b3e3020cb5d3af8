import { expect, test } from 'vitest';
import { Progress } from './progress.ts';
import { inRounds } from './rounds.ts';

const ENTRIES = ['a', 'b', 'c'].map((name) => ({ name }));

test('each round has everybody once, and begins with the next one', async () => {
  const order: string[] = [];
  const cells = await inRounds(ENTRIES, {
    rounds: 4,
    progress: new Progress(),
    measure: ({ name }) => Promise.resolve(order.push(name)),
  });
  expect(order.join('')).toBe('abcbcacababc');
  expect(cells).toMatchObject([
    { contestant: 'a', samples: [1, 6, 8, 10] },
    { contestant: 'b', samples: [2, 4, 9, 11] },
    { contestant: 'c', samples: [3, 5, 7, 12] },
  ]);
});

test('who is not measured again has fewer samples', async () => {
  const cells = await inRounds(ENTRIES, {
    rounds: 2,
    progress: new Progress(),
    measure: ({ name }, earlier: readonly string[]) => {
      return Promise.resolve(name === 'b' && earlier.length > 0 ? undefined : name);
    },
  });
  expect(cells.map(({ samples }) => samples)).toEqual([['a', 'a'], ['b'], ['c', 'c']]);
});

test('nobody is measured when nobody takes part', async () => {
  const nothing = { rounds: 2, progress: new Progress(), measure: () => Promise.resolve(1) };
  expect(await inRounds([], nothing)).toEqual([]);
});
