/** Runs the suite: body by body, round by round, and in each round every contestant once. */
import { compile } from '../compile.ts';
import type { Program } from '../conduct.ts';
import { describeMachine } from '../machine.ts';
import { chooseProcessors } from '../processors.ts';
import { isBeingStopped } from '../program.ts';
import { reasonOf } from '../reason.ts';
import { inRounds } from '../rounds.ts';
import type { Absentee } from '../run-facts.ts';
import { prepare } from '../suite/contestant.ts';
import type { Body, Lengths } from './body.ts';
import type { StreamContestant } from './contestants.ts';
import { measure, type MeasureOptions, type StreamEntrant } from './measure.ts';
import type { BodyResult, StreamResults } from './results.ts';

/** What of the suite to run. */
export interface RunOptions extends Program<StreamContestant, Body> {
  readonly lengths: Lengths;
}

/**
 * Runs everything.
 *
 * @throws if there is no C compiler, or when a contestant that has started fails
 */
export async function measureStreams(options: RunOptions): Promise<StreamResults> {
  const { progress, rounds, lengths } = options;
  const processors = chooseProcessors();
  if (processors === undefined) {
    progress.note('There are not two processors to pin to (or no taskset): numbers will be noisy.');
  }
  progress.begin('making contestants ready');
  const client = await compile('bench/load/stream.c');
  const { entrants, leftOut } = await prepareAll(options.contestants);
  for (const { name, reason } of leftOut) progress.note(`${name} is left out: ${reason}`);

  const scenarios: BodyResult[] = [];
  for (const body of options.scenarios) {
    progress.begin(body.title);
    scenarios.push(await runBody(entrants, { ...options, body, client, processors }));
  }
  progress.clear();
  return {
    suite: 'streams',
    date: new Date().toISOString(),
    machine: describeMachine(processors),
    rounds,
    lengths,
    contestants: entrants.map(({ contestant: { name, description } }) => ({ name, description })),
    leftOut,
    scenarios,
  };
}

async function prepareAll(
  contestants: readonly StreamContestant[],
): Promise<{ entrants: StreamEntrant[]; leftOut: Absentee[] }> {
  const entrants: StreamEntrant[] = [];
  const leftOut: Absentee[] = [];
  for (const contestant of contestants) {
    try {
      entrants.push({ ...(await prepare(contestant)), protocol: contestant.protocol });
    } catch (error) {
      if (isBeingStopped()) throw error;
      leftOut.push({ name: contestant.name, reason: reasonOf(error) });
    }
  }
  return { entrants, leftOut };
}

async function runBody(
  entrants: readonly StreamEntrant[],
  options: RunOptions & MeasureOptions,
): Promise<BodyResult> {
  const named = entrants.map((entrant) => ({ name: entrant.contestant.name, entrant }));
  const cells = await inRounds(named, {
    ...options,
    measure: ({ entrant }) => measure(entrant, options),
  });
  return { scenario: options.body, cells };
}
