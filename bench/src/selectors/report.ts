/** The results as a page of Markdown, spaced as Prettier spaces it. */
import { conditionTable } from '../condition-table.ts';
import { TOLERATED_DISTURBANCE } from '../disturbance.ts';
import { markdownTable, right } from '../markdown-table.ts';
import { formatMeasure, formatRange, formatShare, formatTimes } from '../number-format.ts';
import { median, rangeOf } from '../statistics.ts';
import { isOurs, peersOf } from './contestants.ts';
import { ACTIVE } from './crowd.ts';
import type { Sample } from './measure.ts';
import { costOf, type SelectorResults } from './results.ts';
import { judge } from './targets.ts';

/** The page. */
export function createReport(command: string, results: SelectorResults): string {
  return `${[
    '# Results of the benchmark: selectors',
    describeRun(command, results),
    '## Targets',
    'Ratios of CPU time per event, medians of one run: 2 times as cheap is half the time.',
    targetTable(results),
    '## CPU time per event',
    `In nanoseconds, user and system, by how many descriptors are registered. ${ACTIVE} of them are ready.`,
    costTable(results, (samples) => formatMeasure(median(samples.map(({ cpu }) => cpu)))),
    ...compare(results),
    ...warn(results),
    '## Of it in the kernel',
    costTable(results, (samples) => formatMeasure(median(samples.map(({ system }) => system)))),
    '## Spread',
    'The smallest and the largest CPU time per event of the rounds behind each median, in nanoseconds.',
    costTable(results, (samples) => {
      return formatRange(rangeOf(samples.map(({ cpu }) => cpu)), formatMeasure);
    }),
    '## Conditions',
    conditionTable(results),
  ].join('\n\n')}\n`;
}

function describeRun(command: string, results: SelectorResults): string {
  const { rounds, seconds, warmUpSeconds, machine } = results;
  const place =
    machine.pinned === undefined
      ? '**Nothing was pinned to a processor, so the numbers are noisy.**'
      : 'Each runs alone on one processor.';
  return (
    `Written by \`${command}\`; [README.md](README.md) says what is measured and what to beware of. ` +
    `Compare ratios, not figures: the same code moves by 10 to 30 % from hour to hour. ` +
    `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s after a warm-up of ${warmUpSeconds} s; ` +
    `contestants alternate. ${place}`
  );
}

function targetTable(results: SelectorResults): string {
  return markdownTable(
    [{ head: 'what is to be reached' }, right('target'), right('measured'), { head: 'met' }],
    judge(results).map(({ target, measured, isMet }) => {
      const wanted = `at least ${target.atLeast} times`;
      return measured === undefined
        ? [target.title, wanted, 'not measured', '']
        : [target.title, wanted, formatTimes(measured), isMet ? 'yes' : 'no'];
    }),
  );
}

/** A row for each contestant, a column for each crowd. */
function costTable(
  { contestants, scenarios }: SelectorResults,
  format: (samples: readonly Sample[]) => string,
): string {
  return markdownTable(
    [{ head: 'contestant' }, ...scenarios.map(({ scenario }) => right(scenario.title))],
    contestants.map(({ name }) => {
      const cells = scenarios.map(({ cells: all }) => {
        return format(all.find(({ contestant }) => contestant === name)?.samples ?? []);
      });
      return [name, ...cells];
    }),
  );
}

/** A sentence for each of ours: it against each of its peers, with the largest crowd. */
function compare(results: SelectorResults): string[] {
  const { contestants, scenarios } = results;
  const largest = scenarios.at(-1)?.scenario;
  if (largest === undefined) return [];
  const names = contestants.map(({ name }) => name);
  const cost = (contestant: string): number => {
    return costOf(results, { contestant, scenario: largest.name });
  };
  return names.filter(isOurs).flatMap((subject) => {
    const peers = peersOf(subject).filter((name) => names.includes(name));
    if (peers.length === 0) return [];
    const ratios = peers.map((peer) => {
      return `${formatTimes(cost(peer) / cost(subject))} as cheap as ${peer}`;
    });
    return [`With ${largest.title} registered, ${subject} is ${ratios.join(', ')}.`];
  });
}

/** Says when other programs had the processor, because the numbers are worth less then. */
function warn({ scenarios }: SelectorResults): string[] {
  const shares = scenarios.flatMap(({ cells }) => {
    return cells.map(({ samples }) => median(samples.map(({ disturbance }) => disturbance)));
  });
  const share = Math.max(...shares);
  if (!(share > TOLERATED_DISTURBANCE)) return [];
  return [
    `**Other programs were in the way:** contestants waited for their processor up to ${formatShare(share)} of the time.`,
  ];
}
