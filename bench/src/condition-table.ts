/** Under which conditions a suite ran, as its results tell it. */
import type { Machine } from './machine.ts';
import { markdownTable } from './markdown-table.ts';

/** What there is to tell. */
export interface Conditions {
  /** When the run ended. */
  readonly date: string;
  readonly machine: Machine;
  readonly contestants: readonly { readonly name: string; readonly description: string }[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/** The table. */
export function conditionTable({ date, machine, contestants, leftOut }: Conditions): string {
  return markdownTable(
    [{ head: 'what' }, { head: 'which' }],
    [
      ['date', date.slice(0, 10)],
      ['kernel', machine.kernel],
      ['processor', `${machine.processor}, ${machine.processorCount} of them`],
      ['Node', machine.node],
      ['Python', machine.python ?? 'none'],
      ['C compiler', machine.compiler ?? 'none'],
      ...contestants.map(({ name, description }) => [name, description]),
      ...leftOut.map(({ name, reason }) => [name, `left out: ${reason}`]),
    ],
  );
}
