import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AcceptHandler } from '../network.ts';
import { SeedError, withSeeds } from './seeds.ts';

// These tests mean the same while somebody repeats a seed.
beforeEach(() => {
  vi.stubEnv('WIRELINE_SEED', '');
  vi.stubEnv('WIRELINE_RUNS', '');
});
afterEach(() => vi.unstubAllEnvs());

const NOBODY: AcceptHandler = {
  onTransport: () => {},
  onAcceptFailed: () => {},
  onStarved: () => {},
  onRecovered: () => {},
  onError: () => {},
};

test('runs the scenario once for each seed, on networks of their own', async () => {
  const seeds: number[] = [];
  await withSeeds({ luck: 'rough', runs: 3, seed: 10 }, async (network, seed) => {
    expect([network.seed, network.connections.length]).toEqual([seed, 0]);
    seeds.push(seed);
  });
  expect(seeds).toEqual([10, 11, 12]);
});

test('begins somewhere else each time unless told', async () => {
  const seeds = new Set<number>();
  for (let round = 0; round < 5; round++) {
    await withSeeds({ runs: 1 }, async (_network, seed) => void seeds.add(seed));
  }
  expect(seeds.size).toBeGreaterThan(1);
});

test('the network plays while the scenario runs', async () => {
  await withSeeds('calm', async ({ clock }) => {
    await new Promise<void>((resolve) => clock.after(50, resolve));
    expect(clock.now()).toBe(50);
  });
});

describe('a run that fails', () => {
  const failing = (): Promise<void> =>
    withSeeds({ seed: 7, runs: 10 }, async (network, seed) => {
      await network.listen({ host: '127.0.0.1', port: 80 }, NOBODY, network.clock);
      if (seed === 9) throw new Error('boom');
    });

  test('names its seed, how to repeat it, what failed, and what happened last', async () => {
    const error = await failing().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(SeedError);
    expect(error).toMatchObject({
      seed: 9,
      code: 'seed-failed',
      message: [
        'run a scenario with seed 9 (3 of 10): it failed; repeat it with WIRELINE_SEED=9 in the environment',
        'Error: boom',
        'The last events:',
        '0 ms  127.0.0.1:80 listens',
      ].join('\n'),
      cause: expect.objectContaining({ message: 'boom' }),
    });
  });

  test('is not followed by others', async () => {
    const seeds: number[] = [];
    const failing = withSeeds({ seed: 1, runs: 5 }, async (_network, seed) => {
      seeds.push(seed);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('seed 1 (1 of 5)');
    expect(seeds).toEqual([1]);
  });

  test('may have failed by waiting for ever', async () => {
    const failing = withSeeds({ seed: 1, runs: 1 }, () => new Promise(() => {}));
    await expect(failing).rejects.toThrow('StillWaitingError: wait for a promise: nothing is left');
  });
});

describe('the environment', () => {
  const seedsRun = async (): Promise<number[]> => {
    const seeds: number[] = [];
    await withSeeds({ seed: 1, runs: 3 }, async (_network, seed) => void seeds.push(seed));
    return seeds;
  };

  test('WIRELINE_SEED repeats one alone', async () => {
    vi.stubEnv('WIRELINE_SEED', '4294967295');
    expect(await seedsRun()).toEqual([4294967295]);
  });

  test('WIRELINE_RUNS says how many', async () => {
    vi.stubEnv('WIRELINE_RUNS', '5');
    expect(await seedsRun()).toEqual([1, 2, 3, 4, 5]);
  });

  test.each(['-1', 'many', '4294967296'])('WIRELINE_SEED=%s is refused', async (text) => {
    vi.stubEnv('WIRELINE_SEED', text);
    await expect(seedsRun()).rejects.toThrow(`read WIRELINE_SEED: '${text}'`);
  });
});
