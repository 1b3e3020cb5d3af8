/**
 * Runs a suite: scenario by scenario, round by round, and in each round every contestant once.
 *
 * The servers of a scenario stay up for all its rounds, after a warm-up with the same load. Where memory is
 * measured each round has a server of its own, because one that has held thousands of connections has room for
 * them afterwards.
 */
import type { Program } from '../conduct.ts';
import { describeMachine } from '../machine.ts';
import { chooseProcessors, type Processors } from '../processors.ts';
import { isBeingStopped } from '../program.ts';
import { reasonOf } from '../reason.ts';
import { inRounds, type Cell } from '../rounds.ts';
import type { Absentee } from '../run-facts.ts';
import { prepare, type Contestant, type Entrant } from './contestant.ts';
import { LoadClient } from './load-client.ts';
import { measureIdle, measureLoad, type IdleSample, type LoadSample } from './measure.ts';
import type { ScenarioResult, SuiteResults } from './results.ts';
import { ORDINARY_LOAD, type IdleScenario, type LoadScenario, type Scenario } from './scenario.ts';
import { ServerProcess, type ServerOptions } from './server-process.ts';
import type { Suite } from './suite.ts';

/** What of a suite to run, and for how long. */
export type RunOptions = Program<Contestant, Scenario>;

/** What all measurements of a run share. */
interface Bench extends RunOptions {
  readonly suite: Suite;
  readonly processors: Processors | undefined;
  readonly client: LoadClient;
}

/**
 * Runs everything.
 *
 * @throws if there is no C compiler, or when a contestant that has started fails
 */
export async function measureSuite(suite: Suite, options: RunOptions): Promise<SuiteResults> {
  const { progress, rounds, seconds, warmUpSeconds } = options;
  const processors = chooseProcessors();
  if (processors === undefined) {
    progress.note('There are not two processors to pin to (or no taskset): numbers will be noisy.');
  }
  progress.begin('making contestants ready');
  const client = await compileClient(processors);
  const { entrants, leftOut } = await prepareAll(options.contestants);
  for (const { name, reason } of leftOut) progress.note(`${name} is left out: ${reason}`);

  const scenarios: ScenarioResult[] = [];
  const bench: Bench = { ...options, suite, processors, client };
  for (const scenario of options.scenarios) {
    progress.begin(scenario.title);
    scenarios.push(await runScenario(bench, { scenario, entrants }));
  }
  progress.clear();
  return {
    suite: suite.name,
    date: new Date().toISOString(),
    machine: describeMachine(processors),
    rounds,
    seconds,
    warmUpSeconds,
    contestants: entrants.map(({ contestant: { name, description } }) => ({ name, description })),
    leftOut,
    scenarios,
  };
}

async function compileClient(processors: Processors | undefined): Promise<LoadClient> {
  try {
    return await LoadClient.compile(processors);
  } catch (error) {
    throw new Error(
      `make load: the load client is written in C and could not be compiled: ${reasonOf(error)}; ` +
        'install a compiler, on Debian: apt-get install gcc libc6-dev',
      { cause: error },
    );
  }
}

async function prepareAll(
  contestants: readonly Contestant[],
): Promise<{ entrants: Entrant[]; leftOut: Absentee[] }> {
  const entrants: Entrant[] = [];
  const leftOut: Absentee[] = [];
  for (const contestant of contestants) {
    try {
      entrants.push(await prepare(contestant));
    } catch (error) {
      if (isBeingStopped()) throw error;
      leftOut.push({ name: contestant.name, reason: reasonOf(error) });
    }
  }
  return { entrants, leftOut };
}

async function runScenario(
  bench: Bench,
  { scenario, entrants }: { scenario: Scenario; entrants: readonly Entrant[] },
): Promise<ScenarioResult> {
  switch (scenario.kind) {
    case 'load':
      return { kind: 'load', scenario, cells: await runLoad(bench, { scenario, entrants }) };
    case 'idle':
      return { kind: 'idle', scenario, cells: await runIdle(bench, { scenario, entrants }) };
  }
}

async function runLoad(
  bench: Bench,
  { scenario, entrants }: { scenario: LoadScenario; entrants: readonly Entrant[] },
): Promise<Cell<LoadSample>[]> {
  const { client, progress, seconds, tries } = bench;
  const servers: ServerProcess[] = [];
  try {
    for (const entrant of entrants) {
      progress.step(`warming up ${entrant.contestant.name}`);
      const server = await ServerProcess.start(entrant, serverOptions(bench));
      servers.push(server);
      await client.run(server, scenario, bench.warmUpSeconds);
    }
    return await inRounds(servers, {
      ...bench,
      measure: (server) => measureLoad(server, { client, scenario, seconds, tries }),
    });
  } finally {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

async function runIdle(
  bench: Bench,
  { scenario, entrants }: { scenario: IdleScenario; entrants: readonly Entrant[] },
): Promise<Cell<IdleSample>[]> {
  const { client, seconds, warmUpSeconds } = bench;
  const named = entrants.map((entrant) => ({ name: entrant.contestant.name, entrant }));
  return inRounds(named, {
    ...bench,
    async measure({ entrant }) {
      await using server = await ServerProcess.start(entrant, {
        ...serverOptions(bench),
        collects: true,
      });
      await client.run(server, ORDINARY_LOAD, warmUpSeconds);
      return await measureIdle(server, { client, scenario, seconds });
    },
  });
}

function serverOptions({ suite, processors }: Bench): ServerOptions {
  return { exchange: suite.exchange, processors };
}
