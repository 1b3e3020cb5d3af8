/** What a server of Wireline is to reach with a body that is too long to be held. */
import { BODIES, type Body } from './body.ts';
import { PEER, SUBJECT } from './contestants.ts';
import type { Sample } from './measure.ts';
import { largestGrowth, medianOf, samplesOf, type StreamResults } from './results.ts';

/** At least this share of what a loop in C transfers in the same time, without a protocol. */
const SPEED = 0.7;

/** The body's share of memory stays below this: 64 MiB, a sixteenth of its length. */
const GROWTH = 64 * 1024 * 1024;

/** One target. */
export interface Target {
  readonly kind: 'speed' | 'growth';
  readonly title: string;
  readonly body: Body;
  /** Of speed: at least so many times as fast as the peer. Of growth: less than so many bytes. */
  readonly limit: number;
}

/** All of it. */
export const TARGETS: readonly Target[] = BODIES.flatMap((body): Target[] => [
  { kind: 'speed', title: `${body.title}: as fast as ${PEER}`, body, limit: SPEED },
  { kind: 'growth', title: `${body.title}: memory for the body`, body, limit: GROWTH },
]);

/** A target and what was measured. */
export interface Verdict {
  readonly target: Target;
  /** Times, or bytes; undefined if the run did not measure it. */
  readonly measured: number | undefined;
  readonly isMet: boolean;
}

/** Holds results against targets. */
export function judge(results: StreamResults): Verdict[] {
  return TARGETS.map((target) => {
    const { kind, body, limit } = target;
    const ours = samplesOf(results, { contestant: SUBJECT, scenario: body.name });
    const theirs = samplesOf(results, { contestant: PEER, scenario: body.name });
    const number = kind === 'speed' ? timesAsFast(ours, theirs) : largestGrowth(ours);
    const isMet = kind === 'speed' ? number >= limit : number < limit;
    return { target, measured: Number.isNaN(number) ? undefined : number, isMet };
  });
}

function timesAsFast(ours: readonly Sample[], theirs: readonly Sample[]): number {
  const speedOf = (samples: readonly Sample[]): number =>
    medianOf(samples, ({ bytesPerSecond }) => bytesPerSecond);
  return speedOf(ours) / speedOf(theirs);
}
