/**
 * Scenarios run over many seeds, and how to repeat the one that failed.
 */
import { FakeNetwork, type FakeNetworkOptions } from './fake-network.ts';
import type { LuckName } from './luck.ts';
import { StillWaitingError } from './player.ts';
import { SEED_RANGE } from './random.ts';

/** As many runs as find most of what a change breaks, and take less than a second. */
const RUNS = 50;

/** What an error shows of the network's trace. */
const EVENTS_SHOWN = 40;

/** Options of {@link withSeeds}. */
export interface SeedsOptions extends Omit<FakeNetworkOptions, 'seed'> {
  /** How many seeds to try; 50 unless told. */
  readonly runs?: number;
  /** The first of them; the others count up from it. Another one each time unless told. */
  readonly seed?: number;
}

/** A scenario failed with a seed. Code `seed-failed`; the scenario's own error is the cause. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
  readonly code = 'seed-failed';
  readonly seed: number;
  /** The newest events of the network, oldest first. */
  readonly events: readonly string[];

  constructor(run: string, network: FakeNetwork, cause: unknown) {
    const events = network.trace(EVENTS_SHOWN);
    // An error of the network itself tells the events already.
    const told = cause instanceof StillWaitingError ? [] : ['The last events:', ...events];
    const attempt = `run a scenario with ${run}: it failed`;
    const repeat = `repeat it with WIRELINE_SEED=${network.seed} in the environment`;
    super([`${attempt}; ${repeat}`, firstLineOf(cause), ...told].join('\n'), { cause });
    this.seed = network.seed;
    this.events = events;
  }
}

/**
 * Runs `scenario` once for each of many seeds, each time on a network of its own that plays while the
 * scenario runs: it simply awaits what it wants.
 *
 * Two environment variables are heard: `WIRELINE_SEED` runs that seed alone, `WIRELINE_RUNS` says how many
 * to run.
 *
 * @param luck what befalls the scenario, by name, or with more options
 * @throws SeedError that names the seed, how to repeat it, and what happened last.
 *
 * @example
 * ```ts
 * await withSeeds('rough', async (network) => {
 *   const { clock } = network;
 *   await using server = new Server(() => jsonMessage({ result: 'hello' }), { network, clock });
 *   const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
 *   await using client = new Client({ host: '127.0.0.1', port }, { network, clock });
 *   await client.request(jsonMessage({ action: 'greet' }));
 * });
 * ```
 */
export async function withSeeds(
  luck: LuckName | SeedsOptions,
  scenario: (network: FakeNetwork, seed: number) => Promise<void>,
): Promise<void> {
  const options = typeof luck === 'string' ? { luck } : luck;
  const { first, runs } = plan(options);
  for (let run = 0; run < runs; run++) {
    const seed = (first + run) % SEED_RANGE;
    const network = new FakeNetwork({ ...options, seed });
    try {
      await network.until(scenario(network, seed));
    } catch (error) {
      throw new SeedError(`seed ${seed} (${run + 1} of ${runs})`, network, error);
    }
  }
}

function firstLineOf(cause: unknown): string {
  return String(cause).split('\n', 1).join('');
}

function plan(options: SeedsOptions): { first: number; runs: number } {
  const only = fromEnvironment('WIRELINE_SEED');
  if (only !== undefined) return { first: only, runs: 1 };
  return {
    first: options.seed ?? Math.floor(Math.random() * SEED_RANGE),
    runs: fromEnvironment('WIRELINE_RUNS') ?? options.runs ?? RUNS,
  };
}

function fromEnvironment(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value < SEED_RANGE) return value;
  throw new RangeError(`read ${name}: '${text}' is no whole number from 0 to 2^32 - 1`);
}
