/** The results as a page of Markdown, spaced as Prettier spaces it. */
import { conditionTable } from '../condition-table.ts';
import { TOLERATED_DISTURBANCE } from '../disturbance.ts';
import { groupBy } from '../group-by.ts';
import { markdownTable, right } from '../markdown-table.ts';
import {
  formatCount,
  formatMeasure,
  formatRange,
  formatShare,
  formatTimes,
} from '../number-format.ts';
import { median, rangeOf } from '../statistics.ts';
import { formatLength, type Group } from './condition.ts';
import { isOurs } from './contestants.ts';
import { growthRows } from './growth.ts';
import type { Sample } from './measure.ts';
import {
  cheapestPeer,
  timesAsCheap,
  type ConditionResult,
  type FramingResults,
} from './results.ts';
import { judge, SUBJECT } from './targets.ts';

const MIB = 1024 * 1024;

/** The page. */
export function createReport(command: string, results: FramingResults): string {
  return `${[
    '# Results of the benchmark: framing',
    describeRun(command, results),
    '## Targets',
    'Ratios of CPU time, medians of one run: 2 times as cheap is half the time.',
    targetTable(results),
    ...warn(results),
    ...describeSmall(results),
    ...describeLarge(results),
    ...describeGrowth(results),
    '## Spread',
    'The smallest and the largest CPU time per frame of the rounds behind each median, in nanoseconds.',
    ...spreadTables(results),
    '## Conditions',
    conditionTable(results),
  ].join('\n\n')}\n`;
}

function describeRun(command: string, results: FramingResults): string {
  const { rounds, seconds, warmUpSeconds, machine } = results;
  const place =
    machine.pinned === undefined
      ? '**Nothing was pinned to a processor, so the numbers are noisy.**'
      : 'Each runs alone on one processor.';
  return (
    `Written by \`${command}\`; [README.md](README.md) says what is measured and what to beware of. ` +
    `Compare ratios, not figures: the same code moves by 10 to 30 % from hour to hour. ` +
    `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s after a warm-up of ${warmUpSeconds} s, ` +
    `in a new process each time; contestants alternate. ${place}`
  );
}

function targetTable(results: FramingResults): string {
  return markdownTable(
    [
      { head: 'what is to be reached' },
      right('target'),
      right('measured'),
      { head: 'against' },
      { head: 'met' },
    ],
    judge(results).map(({ title, atLeast, peer = '', measured, isMet }) => {
      const wanted = `at least ${atLeast} times`;
      return measured === undefined
        ? [title, wanted, 'not measured', '', '']
        : [title, wanted, formatTimes(measured), peer, isMet ? 'yes' : 'no'];
    }),
  );
}

/** Says when other programs had the processor, because the numbers are worth less then. */
function warn({ scenarios }: FramingResults): string[] {
  const shares = scenarios.flatMap(({ cells }) => {
    return cells.map(({ samples }) => median(samples.map(({ disturbance }) => disturbance)));
  });
  const share = Math.max(...shares);
  if (!(share > TOLERATED_DISTURBANCE)) return [];
  return [
    `**Other programs were in the way:** contestants waited for their processor up to ${formatShare(share)} of the time.`,
  ];
}

// ---------------------------------------------------------------------------------------- tables

function describeSmall(results: FramingResults): string[] {
  const small = ofGroup(results, 'small');
  if (small.length === 0) return [];
  return [
    '## Small frames',
    'CPU time per frame, in nanoseconds.',
    contestantTable(results, {
      columns: small,
      format: (samples) => formatMeasure(median(samples.map(({ cpuPerFrame }) => cpuPerFrame))),
    }),
    'How many times as cheap each of ours is as the cheapest of the others.',
    ratioTable(results, small),
    'MiB per second, by the clock.',
    contestantTable(results, { columns: small, format: formatSpeed }),
  ];
}

function describeLarge(results: FramingResults): string[] {
  const large = ofGroup(results, 'large');
  if (large.length === 0) return [];
  return [
    '## Large frames',
    'MiB per second, by the clock.',
    ...tablesByDelimitation(large, (columns) => {
      return contestantTable(results, { columns, format: formatSpeed });
    }),
    `How many times as cheap ${SUBJECT} is as each of the others, in CPU time.`,
    ...tablesByDelimitation(large, (columns) => peerTable(results, columns)),
  ];
}

function describeGrowth(results: FramingResults): string[] {
  const conditions = results.scenarios.map(({ scenario }) => scenario);
  const rows = growthRows(conditions, results);
  const [first] = rows;
  if (first === undefined) return [];
  return [
    '## The cost of a byte',
    `CPU time of ${SUBJECT} per byte, in nanoseconds, by the size of the frame.`,
    // A run of a few of the conditions may have other sizes in each row.
    ...rows.map(({ title, lengths, costs }) => {
      return markdownTable(
        [{ head: 'frames' }, ...lengths.map((length) => right(formatLength(length)))],
        [[title, ...costs.map(formatMeasure)]],
      );
    }),
  ];
}

function spreadTables(results: FramingResults): string[] {
  return (['small', 'large', 'growth'] as const).flatMap((group) => {
    return tablesByDelimitation(ofGroup(results, group), (columns) => {
      return contestantTable(results, {
        columns,
        format: (samples) => {
          return formatRange(rangeOf(samples.map(({ cpuPerFrame }) => cpuPerFrame)), formatMeasure);
        },
      });
    });
  });
}

function ofGroup({ scenarios }: FramingResults, group: Group): ConditionResult[] {
  return scenarios.filter(({ scenario }) => scenario.group === group);
}

/** A table for each way to delimit. */
function tablesByDelimitation(
  results: readonly ConditionResult[],
  table: (columns: readonly ConditionResult[]) => string,
): string[] {
  return [...groupBy(results, ({ scenario }) => scenario.delimitation).values()].map(table);
}

/** A row for each contestant that took part in one of the columns. */
function contestantTable(
  { contestants }: FramingResults,
  {
    columns,
    format,
  }: {
    readonly columns: readonly ConditionResult[];
    readonly format: (samples: readonly Sample[]) => string;
  },
): string {
  const names = contestants
    .map(({ name }) => name)
    .filter((name) => columns.some((column) => samplesOf(column, name)));
  return table('contestant', {
    columns,
    rows: names.map((name) => ({
      head: name,
      cell: (column) => format(samplesOf(column, name) ?? []),
    })),
  });
}

/** Each of ours against the cheapest of the others, which is named. */
function ratioTable({ contestants }: FramingResults, columns: readonly ConditionResult[]): string {
  const ours = contestants.map(({ name }) => name).filter(isOurs);
  return table('contestant', {
    columns,
    rows: [
      ...ours.map((subject) => ({
        head: subject,
        cell: (column: ConditionResult) =>
          formatAgainst(column, { subject, peer: cheapestPeer(column) }),
      })),
      { head: 'as', cell: (column) => cheapestPeer(column) ?? '' },
    ],
  });
}

/** Ours against each of the others. */
function peerTable({ contestants }: FramingResults, columns: readonly ConditionResult[]): string {
  const peers = contestants
    .map(({ name }) => name)
    .filter((name) => !isOurs(name) && columns.some((column) => samplesOf(column, name)));
  return table(`${SUBJECT} against`, {
    columns,
    rows: peers.map((peer) => ({
      head: peer,
      cell: (column) => formatAgainst(column, { subject: SUBJECT, peer }),
    })),
  });
}

/** A column for each condition. */
function table(
  head: string,
  {
    columns,
    rows,
  }: {
    readonly columns: readonly ConditionResult[];
    readonly rows: readonly {
      readonly head: string;
      readonly cell: (column: ConditionResult) => string;
    }[];
  },
): string {
  return markdownTable(
    [{ head }, ...columns.map(({ scenario }) => right(scenario.title))],
    rows.map((row) => [row.head].concat(columns.map(row.cell))),
  );
}

function formatAgainst(
  column: ConditionResult,
  { subject, peer }: { readonly subject: string; readonly peer: string | undefined },
): string {
  return formatTimes(peer === undefined ? Number.NaN : timesAsCheap(column, { subject, peer }));
}

function samplesOf({ cells }: ConditionResult, name: string): readonly Sample[] | undefined {
  return cells.find(({ contestant }) => contestant === name)?.samples;
}

function formatSpeed(samples: readonly Sample[]): string {
  return formatCount(medianSpeed(samples) / MIB);
}

function medianSpeed(samples: readonly Sample[]): number {
  return median(samples.map(({ bytesPerSecond }) => bytesPerSecond));
}
