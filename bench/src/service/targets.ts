/** What Wireline is to reach: ratios to its peers in one run, and memory. */
import { SUBJECT } from './contestants.ts';
import { cellOf, medianOf, timesAsCheap, type ServiceResults } from './results.ts';

/** At least so many times as cheap as a peer, in server CPU time per request. */
export interface RatioTarget {
  readonly kind: 'ratio';
  /** The name of a scenario under load. */
  readonly scenario: string;
  readonly peer: string;
  readonly atLeast: number;
}

/** At most so many bytes of private memory per idle connection. */
export interface MemoryTarget {
  readonly kind: 'memory';
  readonly atMost: number;
}

/** One of the two. */
export type Target = RatioTarget | MemoryTarget;

/** All of them. */
export const TARGETS: readonly Target[] = [
  { kind: 'ratio', scenario: '50', peer: 'node-plain', atLeast: 1.6 },
  { kind: 'ratio', scenario: '50', peer: 'c-epoll', atLeast: 0.75 },
  { kind: 'ratio', scenario: '50x16', peer: 'node-plain', atLeast: 5 },
  { kind: 'ratio', scenario: 'connect', peer: 'node-plain', atLeast: 1.4 },
  { kind: 'memory', atMost: 1024 },
];

/** A target and what was measured. */
export interface Verdict {
  readonly target: Target;
  /** What the target speaks of, for people. */
  readonly title: string;
  /** Times, or bytes; undefined if the run did not measure it. */
  readonly measured: number | undefined;
  readonly isMet: boolean;
}

/** Holds results against the targets. */
export function judge(results: ServiceResults): Verdict[] {
  return TARGETS.map((target) => {
    switch (target.kind) {
      case 'ratio':
        return judgeRatio(target, results);
      case 'memory':
        return judgeMemory(target, results);
    }
  });
}

function judgeRatio(target: RatioTarget, { scenarios }: ServiceResults): Verdict {
  const result = scenarios.find(({ scenario }) => scenario.name === target.scenario);
  const subject = result?.kind === 'load' ? cellOf(result.cells, SUBJECT) : undefined;
  const peer = result?.kind === 'load' ? cellOf(result.cells, target.peer) : undefined;
  const measured =
    subject === undefined || peer === undefined ? undefined : timesAsCheap(subject, peer);
  const title = `${result?.scenario.title ?? target.scenario}: as cheap as ${target.peer}`;
  return { target, title, measured, isMet: (measured ?? Number.NaN) >= target.atLeast };
}

function judgeMemory(target: MemoryTarget, { scenarios }: ServiceResults): Verdict {
  const result = scenarios.find(({ kind }) => kind === 'idle');
  const cell = result?.kind === 'idle' ? cellOf(result.cells, SUBJECT) : undefined;
  const measured = cell === undefined ? undefined : medianOf(cell, ({ memory }) => memory);
  const title = `${result?.scenario.title ?? 'idle'}: memory per connection`;
  return { target, title, measured, isMet: (measured ?? Number.NaN) <= target.atMost };
}
