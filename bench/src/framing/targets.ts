/** What our decoder is to reach: ratios of CPU time in one run. */
import { CHUNK_LENGTH, CONDITIONS, type Condition } from './condition.ts';
import { growthRows, type GrowthRow } from './growth.ts';
import { cheapestPeer, timesAsCheap, type FramingResults } from './results.ts';

/** Whose numbers are held against the targets: the decoder itself, which everything else of ours stands on. */
export const SUBJECT = 'wireline';

/** For small frames: at least so many times as cheap as the cheapest of the others. */
const SMALL_AT_LEAST = 3;

/** For large frames: ahead of each that gives them in one piece. */
const LARGE_AT_LEAST = 1;

/**
 * The same cost for all sizes: no byte is dearer than two of the cheapest frames that have to be put together. A byte of
 * a small frame bears its part of what a frame costs, and one of 64 MiB that memory has to come from the kernel; a frame
 * within a chunk may cost less, since it is a view of it. Work that were done again for each chunk, or each doubling,
 * would be dearer by factors of thousands.
 */
const GROWTH_AT_LEAST = 0.5;

/** A target and what was measured. */
export interface Verdict {
  readonly title: string;
  readonly atLeast: number;
  /** Whom it was held against, where that is not in the title. */
  readonly peer: string | undefined;
  /** How many times as cheap; undefined if the run did not measure it. */
  readonly measured: number | undefined;
  readonly isMet: boolean;
}

/** Holds results against targets. */
export function judge(results: FramingResults): Verdict[] {
  return [
    ...CONDITIONS.filter(({ group }) => group !== 'growth').map((condition) => {
      return judgeCondition(condition, results);
    }),
    ...growthRows(CONDITIONS, results).map(judgeGrowth),
  ];
}

function judgeCondition(condition: Condition, { scenarios }: FramingResults): Verdict {
  const isSmall = condition.group === 'small';
  const result = scenarios.find(({ scenario }) => scenario.name === condition.name);
  const peer = result && cheapestPeer(result, { whole: !isSmall });
  const ratio =
    result === undefined || peer === undefined
      ? Number.NaN
      : timesAsCheap(result, { subject: SUBJECT, peer });
  return verdict(ratio, {
    title: `${condition.title}: ${SUBJECT} against the cheapest of the others`,
    atLeast: isSmall ? SMALL_AT_LEAST : LARGE_AT_LEAST,
    peer,
  });
}

function judgeGrowth({ title, lengths, costs }: GrowthRow): Verdict {
  const joined = costs.filter((_, index) => (lengths[index] ?? 0) > CHUNK_LENGTH);
  // Not a number as soon as one of them was not measured.
  return verdict(Math.min(...joined) / Math.max(...costs), {
    title: `${title}: the cheapest size above a chunk against the dearest of all`,
    atLeast: GROWTH_AT_LEAST,
    peer: undefined,
  });
}

function verdict(ratio: number, facts: Pick<Verdict, 'title' | 'atLeast' | 'peer'>): Verdict {
  return {
    ...facts,
    measured: Number.isNaN(ratio) ? undefined : ratio,
    isMet: ratio >= facts.atLeast,
  };
}
