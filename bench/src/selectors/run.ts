/** Runs the suite: crowd by crowd, round by round, and in each round every contestant once. */
import type { Program } from '../conduct.ts';
import { describeMachine } from '../machine.ts';
import { chooseProcessors } from '../processors.ts';
import { isBeingStopped } from '../program.ts';
import { reasonOf } from '../reason.ts';
import { inRounds } from '../rounds.ts';
import type { Absentee } from '../run-facts.ts';
import { prepare } from '../suite/contestant.ts';
import type { SelectorContestant } from './contestants.ts';
import type { Crowd } from './crowd.ts';
import { measure, type MeasureOptions, type SelectorEntrant } from './measure.ts';
import type { CrowdResult, SelectorResults } from './results.ts';

/** What of the suite to run, and for how long. */
export type RunOptions = Program<SelectorContestant, Crowd>;

/**
 * Runs everything.
 *
 * @throws when a contestant that has started fails
 */
export async function measureSelectors(options: RunOptions): Promise<SelectorResults> {
  const { progress, rounds, seconds, warmUpSeconds } = options;
  const processors = chooseProcessors();
  if (processors === undefined) {
    progress.note('There are not two processors to pin to (or no taskset): numbers will be noisy.');
  }
  progress.begin('making contestants ready');
  const { entrants, leftOut } = await prepareAll(options.contestants);
  for (const { name, reason } of leftOut) progress.note(`${name} is left out: ${reason}`);

  const scenarios: CrowdResult[] = [];
  for (const crowd of options.scenarios) {
    progress.begin(`${crowd.title} registered`);
    scenarios.push(await runCrowd(entrants, { ...options, crowd, processors }));
  }
  progress.clear();
  return {
    suite: 'selectors',
    date: new Date().toISOString(),
    machine: describeMachine(processors),
    rounds,
    seconds,
    warmUpSeconds,
    contestants: entrants.map(({ contestant }) => {
      return { name: contestant.name, description: contestant.description };
    }),
    leftOut,
    scenarios,
  };
}

async function prepareAll(
  contestants: readonly SelectorContestant[],
): Promise<{ entrants: SelectorEntrant[]; leftOut: Absentee[] }> {
  const entrants: SelectorEntrant[] = [];
  const leftOut: Absentee[] = [];
  for (const contestant of contestants) {
    try {
      entrants.push({ ...(await prepare(contestant)), args: contestant.args });
    } catch (error) {
      if (isBeingStopped()) throw error;
      leftOut.push({ name: contestant.name, reason: reasonOf(error) });
    }
  }
  return { entrants, leftOut };
}

async function runCrowd(
  entrants: readonly SelectorEntrant[],
  options: RunOptions & MeasureOptions,
): Promise<CrowdResult> {
  const named = entrants.map((entrant) => ({ name: entrant.contestant.name, entrant }));
  const cells = await inRounds(named, {
    ...options,
    measure: ({ entrant }) => measure(entrant, options),
  });
  return { scenario: options.crowd, cells };
}
