/**
 * Campaign: batches of runs, of all subjects in turn, until enough inputs were examined.
 *
 * Batch number n has the seed of the campaign plus n, so that each can be repeated by itself, and the whole
 * by its first seed. Between batches the caller has its turn: to report, to look at the clock, to stop.
 */
import { Coverage, type Counts } from './coverage.ts';
import { framings } from './framings.ts';
import { messages } from './messages.ts';
import { streams } from './streams.ts';
import type { Counterexample, Subject } from './subject.ts';

/** All subjects. */
export const SUBJECTS: readonly Subject[] = [streams, messages, framings];

/** Which subject each batch is of, over and over: there is more to be broken in decoding. */
const ORDER = [streams, streams, messages, framings];

/** Some 2,000 inputs, a fifth of a second. */
const RUNS_IN_BATCH = 100;

/** Seeds are kept in 0..2^31-1: a minus sign on the command line would look like an option. */
const SEED_MASK = 0x7fff_ffff;

/** What a campaign is to do. */
export interface CampaignOptions {
  readonly seed: number;
  /** It ends with the batch that reaches so many inputs. */
  readonly inputs: number;
  /** The only subject to be examined; all of them unless told. */
  readonly property?: string | undefined;
  /** Only the run at this path is repeated, of `property` with `seed`. */
  readonly path?: string | undefined;
  /** Called before each run: of which subject, with which seed, the how manieth. */
  readonly onRun?: (subject: Subject, seed: number, run: number) => void;
}

/** How far a campaign has come. */
export interface Progress {
  readonly inputs: number;
  readonly counts: Counts;
  /** Where there is one, the campaign is over. */
  readonly counterexample: Counterexample | undefined;
}

/**
 * Runs a campaign, one batch at a time.
 *
 * @throws Error when there is no run at `path`.
 */
export function* runCampaign(options: CampaignOptions): Generator<Progress, void> {
  const { seed: firstSeed, inputs, property, path, onRun } = options;
  const order = ORDER.filter(({ name }) => property === undefined || name === property);
  const coverage = new Coverage();
  for (let batch = 0; coverage.inputs < inputs; batch++) {
    const subject = order[batch % order.length];
    if (subject === undefined) throw new RangeError(`run a campaign: no subject ${property}`);
    const seed = (firstSeed + batch) & SEED_MASK;
    const counterexample = subject.run({
      seed,
      runs: RUNS_IN_BATCH,
      path,
      coverage,
      onRun: onRun && ((run) => onRun(subject, seed, run)),
    });
    yield { inputs: coverage.inputs, counts: coverage.toCounts(), counterexample };
    if (counterexample !== undefined || path !== undefined) return;
  }
}

/** A seed that nobody has chosen. */
export function randomSeed(): number {
  return Math.floor(Math.random() * (SEED_MASK + 1));
}
