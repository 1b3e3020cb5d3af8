/** Runs the suite: condition by condition, round by round, and in each round every contestant once. */
import type { Program } from '../conduct.ts';
import { describeMachine } from '../machine.ts';
import { chooseProcessors } from '../processors.ts';
import { inRounds } from '../rounds.ts';
import type { Condition } from './condition.ts';
import { takesPart, type FramingContestant } from './contestants.ts';
import { measure, type MeasureOptions, type Sample } from './measure.ts';
import type { ConditionResult, FramingResults } from './results.ts';

/** Whoever needs longer than this for one measurement is measured once: other rounds would take minutes. */
const LONG_SECONDS = 5;

/** What of the suite to run, and for how long. */
export type RunOptions = Program<FramingContestant, Condition>;

/**
 * Runs everything.
 *
 * @throws when a contestant fails, or does not give the frames that were sent
 */
export async function measureFraming(options: RunOptions): Promise<FramingResults> {
  const { contestants, progress, rounds, seconds, warmUpSeconds } = options;
  const processors = chooseProcessors();
  if (processors === undefined) {
    progress.note('There are not two processors to pin to (or no taskset): numbers will be noisy.');
  }
  const scenarios: ConditionResult[] = [];
  for (const condition of options.scenarios) {
    progress.begin(condition.title);
    scenarios.push(await runCondition({ ...options, condition, processors }));
  }
  progress.clear();
  return {
    suite: 'framing',
    date: new Date().toISOString(),
    machine: describeMachine(processors),
    rounds,
    seconds,
    warmUpSeconds,
    contestants: contestants.map(({ name, description }) => ({ name, description })),
    leftOut: [],
    scenarios,
  };
}

async function runCondition(options: RunOptions & MeasureOptions): Promise<ConditionResult> {
  const { condition, seconds } = options;
  const entries = options.contestants.filter((contestant) => takesPart(contestant, condition));
  const cells = await inRounds(entries, {
    ...options,
    measure(contestant, earlier: readonly Sample[]) {
      const isLong = earlier.some((sample) => sample.seconds > seconds + LONG_SECONDS);
      return isLong ? Promise.resolve(undefined) : measure(contestant, options);
    },
  });
  return { scenario: condition, cells };
}
