/** The cost of a byte of ours by the size of the frame: a row for each way to delimit and cut, a column for each size. */
import { groupBy } from '../group-by.ts';
import { formatLength, type Condition } from './condition.ts';
import { medianOf, type FramingResults } from './results.ts';

/** One row. */
export interface GrowthRow {
  readonly title: string;
  /** Bytes of a frame, in the order of the costs. */
  readonly lengths: readonly number[];
  /** CPU time per byte in nanoseconds; NaN for what was not measured. */
  readonly costs: readonly number[];
}

/** The rows of those conditions that ask for growth. */
export function growthRows(
  conditions: readonly Condition[],
  { scenarios }: FramingResults,
): GrowthRow[] {
  const asked = conditions.filter(({ group }) => group === 'growth');
  return [...groupBy(asked, titleOf)].map(([title, row]) => ({
    title,
    lengths: row.map(({ length }) => length),
    costs: row.map(({ name }) => {
      const result = scenarios.find(({ scenario }) => scenario.name === name);
      if (result === undefined) return Number.NaN;
      return medianOf(result, { contestant: 'wireline', number: 'cpuPerByte' });
    }),
  }));
}

function titleOf({ delimitation, chunkLength }: Condition): string {
  return `${delimitation}, chunks of ${formatLength(chunkLength)}`;
}
