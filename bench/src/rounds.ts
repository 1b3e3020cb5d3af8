/**
 * Rounds: each contestant is measured once in each, and each round begins with the next one, so that what the
 * machine does in the meantime (other guests, a warmer processor) meets all of them.
 */
import type { Progress } from './progress.ts';

/** The samples of one contestant, one per round. */
export interface Cell<Sample> {
  readonly contestant: string;
  readonly samples: readonly Sample[];
}

/**
 * Measures in rounds.
 *
 * @param measure a sample of one entry; undefined when that entry is not to be measured again
 */
export async function inRounds<Entry extends { readonly name: string }, Sample>(
  entries: readonly Entry[],
  options: {
    readonly rounds: number;
    readonly progress: Progress;
    readonly measure: (entry: Entry, earlier: readonly Sample[]) => Promise<Sample | undefined>;
  },
): Promise<Cell<Sample>[]> {
  const { rounds, progress, measure } = options;
  const cells = entries.map((entry) => ({ entry, samples: Array.of<Sample>() }));
  for (let round = 0; round < rounds; round++) {
    const first = round % cells.length;
    for (const { entry, samples } of [...cells.slice(first), ...cells.slice(0, first)]) {
      progress.step(`round ${round + 1} of ${rounds}: ${entry.name}`);
      const sample = await measure(entry, samples);
      if (sample !== undefined) samples.push(sample);
    }
  }
  return cells.map(({ entry, samples }) => ({ contestant: entry.name, samples }));
}
