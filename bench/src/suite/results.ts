/** What a run of a suite found: everything that a report needs, and what `--json` prints. */
import type { Cell } from '../rounds.ts';
import type { RunFacts } from '../run-facts.ts';
import { median } from '../statistics.ts';
import type { IdleSample, LoadSample } from './measure.ts';
import type { IdleScenario, LoadScenario } from './scenario.ts';

/** What a load found. */
export interface LoadResult {
  readonly kind: 'load';
  readonly scenario: LoadScenario;
  readonly cells: readonly Cell<LoadSample>[];
}

/** What idle connections found. */
export interface IdleResult {
  readonly kind: 'idle';
  readonly scenario: IdleScenario;
  readonly cells: readonly Cell<IdleSample>[];
}

/** What one scenario found. */
export type ScenarioResult = LoadResult | IdleResult;

/** All that was found, and how. */
export interface SuiteResults extends RunFacts {
  readonly scenarios: readonly ScenarioResult[];
}

/** The cell of a contestant, if it took part. */
export function cellOf<Sample>(
  cells: readonly Cell<Sample>[],
  contestant: string,
): Cell<Sample> | undefined {
  return cells.find((cell) => cell.contestant === contestant);
}

/** The median over the rounds of one number of a sample; NaN if no round has it. */
export function medianOf<Sample>(
  cell: Cell<Sample>,
  number: (sample: Sample) => number | undefined,
): number {
  return median(numbersOf(cell, number));
}

/** One number of all samples, without those that do not have it. */
export function numbersOf<Sample>(
  { samples }: Cell<Sample>,
  number: (sample: Sample) => number | undefined,
): number[] {
  return samples.map(number).filter((each) => each !== undefined);
}

/**
 * How many times as cheap `subject` is as `peer`: the ratio of their median CPU times per request in one run.
 */
export function timesAsCheap(subject: Cell<LoadSample>, peer: Cell<LoadSample>): number {
  return medianOf(peer, ({ cpu }) => cpu) / medianOf(subject, ({ cpu }) => cpu);
}
