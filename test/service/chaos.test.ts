/**
 * Hundreds of hostile runs, each another one, and none of them waits for real time.
 *
 * More of them: `WIRELINE_RUNS=5000 npx vitest run test/service/chaos.test.ts`. One again: `WIRELINE_SEED=n`,
 * as the failure says.
 */
import { FakeNetwork, withSeeds } from '@wireline/service/testing';
import { expect, test } from 'vitest';
import { playChaos, type Tally } from './chaos.ts';

/** As many as take some seconds. */
const RUNS = 200;

/** An hour, for those who ask for many more. A run that does not end is ended by its network. */
const TIMEOUT_MS = 3_600_000;

test(
  'whatever the network does, every request settles and nothing is left',
  async () => {
    const tally: Tally = new Map();
    let runs = 0;
    await withSeeds({ luck: 'hostile', runs: RUNS }, async (network) => {
      runs += 1;
      await playChaos(network, tally);
    });
    // A suite in which nothing breaks proves nothing. One repeated seed need not have everything.
    if (runs < RUNS) return;
    for (const ending of ENDINGS) expect(tally.get(ending) ?? 0, ending).toBeGreaterThan(RUNS / 10);
  },
  TIMEOUT_MS,
);

const ENDINGS = [
  'answered',
  'internal',
  'ConnectionBrokenError',
  'ConnectionClosedError',
  'ConnectError',
  'RequestTimeoutError',
] as const;

test('the same seed is the same run, event for event', async () => {
  const traceOf = async (seed: number): Promise<readonly string[]> => {
    const network = new FakeNetwork({ luck: 'hostile', seed });
    await network.until(playChaos(network, new Map()));
    return network.trace();
  };
  for (let seed = 0; seed < 10; seed++) {
    const trace = await traceOf(seed);
    expect(trace.length).toBeGreaterThan(100);
    expect(await traceOf(seed)).toEqual(trace);
  }
});
