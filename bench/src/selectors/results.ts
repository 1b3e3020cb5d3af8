/** What a run found: everything that the report needs, and what `--json` prints. */
import type { Cell } from '../rounds.ts';
import type { RunFacts } from '../run-facts.ts';
import { median } from '../statistics.ts';
import type { Crowd } from './crowd.ts';
import type { Sample } from './measure.ts';

/** What one crowd found. */
export interface CrowdResult {
  readonly scenario: Crowd;
  readonly cells: readonly Cell<Sample>[];
}

/** All that was found, and how. */
export interface SelectorResults extends RunFacts {
  readonly scenarios: readonly CrowdResult[];
}

/** The cost of an event, in nanoseconds: the median of the rounds. NaN for what was not measured. */
export function costOf(
  { scenarios }: SelectorResults,
  { contestant, scenario }: { readonly contestant: string; readonly scenario: string },
): number {
  const result = scenarios.find((each) => each.scenario.name === scenario);
  const cell = result?.cells.find((each) => each.contestant === contestant);
  return median(cell?.samples.map(({ cpu }) => cpu) ?? []);
}
