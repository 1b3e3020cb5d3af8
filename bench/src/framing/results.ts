/** What a run found: everything that the report needs, and what `--json` prints. */
import type { Cell } from '../rounds.ts';
import type { RunFacts } from '../run-facts.ts';
import { median } from '../statistics.ts';
import type { Condition } from './condition.ts';
import { CONTESTANTS, isOurs } from './contestants.ts';
import type { Sample } from './measure.ts';

/** What one condition found. */
export interface ConditionResult {
  readonly scenario: Condition;
  readonly cells: readonly Cell<Sample>[];
}

/** All that was found, and how. */
export interface FramingResults extends RunFacts {
  readonly scenarios: readonly ConditionResult[];
}

/** The median over the rounds of one number of a contestant; NaN for what was not measured. */
export function medianOf(
  { cells }: ConditionResult,
  { contestant, number }: { readonly contestant: string; readonly number: keyof Sample },
): number {
  const cell = cells.find((each) => each.contestant === contestant);
  return median(cell?.samples.map((sample) => sample[number]) ?? []);
}

/** How many times as cheap `subject` is as `peer`, in CPU time. NaN if one of them was not measured. */
export function timesAsCheap(
  result: ConditionResult,
  { subject, peer }: { readonly subject: string; readonly peer: string },
): number {
  return (
    medianOf(result, { contestant: peer, number: 'cpuPerFrame' }) /
    medianOf(result, { contestant: subject, number: 'cpuPerFrame' })
  );
}

/** The cheapest of the others; with `whole`, of those that give each frame in one piece. */
export function cheapestPeer(
  result: ConditionResult,
  options: { readonly whole?: boolean } = {},
): string | undefined {
  const cost = (contestant: string): number => {
    return medianOf(result, { contestant, number: 'cpuPerFrame' });
  };
  const [cheapest] = result.cells
    .filter(({ samples }) => samples.length > 0)
    .map(({ contestant }) => contestant)
    .filter((name) => !isOurs(name) && !(options.whole && givesPieces(name)))
    .toSorted((a, b) => cost(a) - cost(b));
  return cheapest;
}

function givesPieces(name: string): boolean {
  return CONTESTANTS.some((each) => each.name === name && each.givesPieces);
}
