/** What a run found: everything that the report needs, and what `--json` prints. */
import type { Cell } from '../rounds.ts';
import type { RunFacts } from '../run-facts.ts';
import { median } from '../statistics.ts';
import type { Body, Lengths } from './body.ts';
import type { Sample } from './measure.ts';

/** What one body found. */
export interface BodyResult {
  readonly scenario: Body;
  readonly cells: readonly Cell<Sample>[];
}

/** All that was found, and how. */
export interface StreamResults extends Omit<RunFacts, 'seconds' | 'warmUpSeconds'> {
  readonly lengths: Lengths;
  readonly scenarios: readonly BodyResult[];
}

/** The samples of a contestant; none if it did not take part. */
export function samplesOf(
  { scenarios }: StreamResults,
  { contestant, scenario }: { readonly contestant: string; readonly scenario: string },
): readonly Sample[] {
  const result = scenarios.find((each) => each.scenario.name === scenario);
  return result?.cells.find((each) => each.contestant === contestant)?.samples ?? [];
}

/** The median over the rounds of one number of a sample; NaN if there is no round. */
export function medianOf(samples: readonly Sample[], number: (sample: Sample) => number): number {
  return median(samples.map(number));
}

/** The largest growth of memory of all rounds, in bytes; NaN if there is no round. */
export function largestGrowth(samples: readonly Sample[]): number {
  return samples.length === 0 ? Number.NaN : Math.max(...samples.map(growthOf));
}

/** By how much the memory of a server has grown for the bodies. */
export function growthOf({ peak, atRest }: Sample): number {
  return peak - atRest;
}
