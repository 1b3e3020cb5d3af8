/** What our selectors are to reach: ratios of costs of an event in one run. */
import { costOf, type SelectorResults } from './results.ts';

/** One of ours with so many registered is to be at least so many times as cheap as somebody with so many. */
export interface Target {
  readonly title: string;
  readonly subject: { readonly contestant: string; readonly scenario: string };
  readonly peer: { readonly contestant: string; readonly scenario: string };
  readonly atLeast: number;
}

/** All of it. */
export const TARGETS: readonly Target[] = [
  {
    title: 'wireline-epoll: 10,000 registered as cheap as 10',
    subject: { contestant: 'wireline-epoll', scenario: '10000' },
    peer: { contestant: 'wireline-epoll', scenario: '10' },
    // The same; a tenth is what the same code moves by within a run.
    atLeast: 0.9,
  },
  {
    title: '10,000 registered: wireline-epoll as cheap as python-epoll',
    subject: { contestant: 'wireline-epoll', scenario: '10000' },
    peer: { contestant: 'python-epoll', scenario: '10000' },
    atLeast: 1,
  },
];

/** A target and what was measured. */
export interface Verdict {
  readonly target: Target;
  /** How many times as cheap; undefined if the run did not measure it. */
  readonly measured: number | undefined;
  readonly isMet: boolean;
}

/** Holds results against targets. */
export function judge(results: SelectorResults): Verdict[] {
  return TARGETS.map((target) => {
    const ratio = costOf(results, target.peer) / costOf(results, target.subject);
    const measured = Number.isNaN(ratio) ? undefined : ratio;
    return { target, measured, isMet: ratio >= target.atLeast };
  });
}
