/** What our contestants are to reach: ratios to their peers in one run, and what idle connections may cost. */
import { cellOf, medianOf, timesAsCheap, type ScenarioResult } from './results.ts';

/** At least so many times as cheap as a peer, in server CPU time per request. */
export interface RatioTarget {
  readonly kind: 'ratio';
  /** The name of a scenario under load. */
  readonly scenario: string;
  readonly subject: string;
  readonly peer: string;
  readonly atLeast: number;
}

/** At most so many bytes of private memory per idle connection. */
export interface MemoryTarget {
  readonly kind: 'memory';
  readonly subject: string;
  readonly atMost: number;
}

/** At most so many microseconds of CPU time a second while all connections are idle. */
export interface RestTarget {
  readonly kind: 'rest';
  readonly subject: string;
  readonly atMost: number;
}

/** One of them. */
export type Target = RatioTarget | MemoryTarget | RestTarget;

/** A target and what was measured. */
export interface Verdict {
  readonly target: Target;
  /** What the target speaks of, for people. */
  readonly title: string;
  /** Times, bytes, or microseconds a second; undefined if the run did not measure it. */
  readonly measured: number | undefined;
  readonly isMet: boolean;
}

/** Holds results against targets. */
export function judge(targets: readonly Target[], scenarios: readonly ScenarioResult[]): Verdict[] {
  return targets.map((target) => {
    switch (target.kind) {
      case 'ratio':
        return judgeRatio(target, scenarios);
      case 'memory':
      case 'rest':
        return judgeIdle(target, scenarios);
    }
  });
}

function judgeRatio(target: RatioTarget, scenarios: readonly ScenarioResult[]): Verdict {
  const result = scenarios.find(({ scenario }) => scenario.name === target.scenario);
  const subject = result?.kind === 'load' ? cellOf(result.cells, target.subject) : undefined;
  const peer = result?.kind === 'load' ? cellOf(result.cells, target.peer) : undefined;
  const measured =
    subject === undefined || peer === undefined ? undefined : timesAsCheap(subject, peer);
  const title = `${result?.scenario.title ?? target.scenario}: ${target.subject} as cheap as ${target.peer}`;
  return { target, title, measured, isMet: (measured ?? Number.NaN) >= target.atLeast };
}

function judgeIdle(
  target: MemoryTarget | RestTarget,
  scenarios: readonly ScenarioResult[],
): Verdict {
  const result = scenarios.find(({ kind }) => kind === 'idle');
  const cell = result?.kind === 'idle' ? cellOf(result.cells, target.subject) : undefined;
  const median =
    cell === undefined
      ? Number.NaN
      : medianOf(cell, ({ memory, cpu }) => (target.kind === 'memory' ? memory : cpu));
  const what = target.kind === 'memory' ? 'memory per connection' : 'CPU time';
  const title = `${result?.scenario.title ?? 'idle'}: ${what} of ${target.subject}`;
  const measured = Number.isNaN(median) ? undefined : median;
  return { target, title, measured, isMet: median <= target.atMost };
}
