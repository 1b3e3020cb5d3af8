/** Under which conditions a suite ran, as its results tell it. */
import { markdownTable } from './markdown-table.ts';
import type { RunFacts } from './run-facts.ts';

/** The table. */
export function conditionTable({
  date,
  machine,
  contestants,
  leftOut,
}: Pick<RunFacts, 'date' | 'machine' | 'contestants' | 'leftOut'>): string {
  return markdownTable(
    [{ head: 'what' }, { head: 'which' }],
    [
      ['date', date.slice(0, 10)],
      ['kernel', machine.kernel],
      ['processor', `${machine.processor}, ${machine.processorCount} of them`],
      ['Node', machine.node],
      ['Python', machine.python ?? 'none'],
      ['C compiler', machine.compiler ?? 'none'],
      ['Go', machine.go ?? 'none'],
      ...contestants.map(({ name, description }) => [name, description]),
      ...leftOut.map(({ name, reason }) => [name, `left out: ${reason}`]),
    ],
  );
}
