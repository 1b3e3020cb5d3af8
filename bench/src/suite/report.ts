/** The results as a page of Markdown, spaced as Prettier spaces it. */
import { conditionTable } from '../condition-table.ts';
import { TOLERATED_DISTURBANCE } from '../disturbance.ts';
import { markdownTable, right } from '../markdown-table.ts';
import {
  formatCount,
  formatKib,
  formatMeasure,
  formatRange,
  formatShare,
  formatTimes,
} from '../number-format.ts';
import type { Cell } from '../rounds.ts';
import { rangeOf } from '../statistics.ts';
import type { IdleSample, LoadSample } from './measure.ts';
import {
  medianOf,
  numbersOf,
  timesAsCheap,
  type IdleResult,
  type LoadResult,
  type ScenarioResult,
  type SuiteResults,
} from './results.ts';
import type { Suite } from './suite.ts';
import { judge, type Target, type Verdict } from './target.ts';

/** The page. */
export function createReport(suite: Suite, results: SuiteResults): string {
  return `${[
    `# ${suite.title}`,
    describeRun(suite, results),
    '## Targets',
    `Ratios of server CPU time per ${suite.unit}, medians of one run: 2 times as cheap is half the time.`,
    targetTable(judge(suite.targets, results.scenarios)),
    ...results.scenarios.flatMap((result) => describeScenario(suite, result)),
    '## Spread',
    'The smallest and the largest of the rounds behind each median.',
    ...spreadTables(suite, results.scenarios),
    '## Conditions',
    conditionTable(results),
  ].join('\n\n')}\n`;
}

function describeRun(
  { command }: Suite,
  { rounds, seconds, warmUpSeconds, machine }: SuiteResults,
): string {
  const place =
    machine.pinned === undefined
      ? '**Nothing was pinned to a processor, so the numbers are noisy.**'
      : 'Server and load client, the same program in C for all contestants, have a processor each.';
  return (
    `Written by \`${command}\`; [README.md](README.md) says what is measured and what to beware of. ` +
    `Compare ratios, not figures: the same code moves by 10 to 30 % from hour to hour. ` +
    `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s after a warm-up of ${warmUpSeconds} s with the same load; ` +
    `contestants alternate. ${place}`
  );
}

// ---------------------------------------------------------------------------------------- targets

function targetTable(verdicts: readonly Verdict[]): string {
  return markdownTable(
    [{ head: 'what is to be reached' }, right('target'), right('measured'), { head: 'met' }],
    verdicts.map(({ target, title, measured, isMet }) => {
      const wanted = wantedOf(target);
      return measured === undefined
        ? [title, wanted, 'not measured', '']
        : [title, wanted, formatFor(target, measured), isMet ? 'yes' : 'no'];
    }),
  );
}

function wantedOf(target: Target): string {
  return target.kind === 'ratio'
    ? `at least ${target.atLeast} times`
    : `at most ${formatFor(target, target.atMost)}`;
}

/** What was measured, in the unit of the target. */
function formatFor(target: Target, measured: number): string {
  switch (target.kind) {
    case 'ratio':
      return formatTimes(measured);
    case 'memory':
      return `${formatKib(measured)} KiB`;
    case 'rest':
      return `${formatMeasure(measured)} µs/s`;
  }
}

// -------------------------------------------------------------------------------------- scenarios

function describeScenario(suite: Suite, result: ScenarioResult): string[] {
  const heading = `## ${result.scenario.title}`;
  switch (result.kind) {
    case 'load':
      return [heading, loadTable(suite, result), ...compare(suite, result), ...warn(result)];
    case 'idle':
      return [
        heading,
        'Private memory per connection, and of it, where JavaScript runs, the heap with what it holds ' +
          'outside; both after a collection of garbage.' +
          (result.scenario.watchesCpu
            ? ' CPU time is that of the server while all connections are idle, in microseconds a second.'
            : ''),
        idleTable(result),
      ];
  }
}

function loadTable({ unit }: Suite, { cells }: LoadResult): string {
  return markdownTable(
    [
      { head: 'contestant' },
      right(`${unit}s/s`),
      right(`CPU µs/${unit}`),
      right('user'),
      right('system'),
      right('p50 µs'),
      right('p99 µs'),
      right('client busy'),
    ],
    cells.map((cell) => [
      cell.contestant,
      formatCount(medianOf(cell, ({ requestsPerSecond }) => requestsPerSecond)),
      formatMeasure(medianOf(cell, ({ cpu }) => cpu)),
      formatMeasure(medianOf(cell, ({ user }) => user)),
      formatMeasure(medianOf(cell, ({ system }) => system)),
      formatMeasure(medianOf(cell, ({ p50 }) => p50)),
      formatMeasure(medianOf(cell, ({ p99 }) => p99)),
      formatShare(medianOf(cell, ({ clientShare }) => clientShare)),
    ]),
  );
}

/** A sentence for each of ours: it against each of its peers. */
function compare({ unit, subjects }: Suite, { cells }: LoadResult): string[] {
  const peers = cells.filter(({ contestant }) => !subjects.includes(contestant));
  if (peers.length === 0) return [];
  return cells
    .filter((cell) => !peers.includes(cell))
    .map((subject) => {
      const ratios = peers.map(
        (peer) => `${formatTimes(timesAsCheap(subject, peer))} as cheap as ${peer.contestant}`,
      );
      return `In CPU time per ${unit}, ${subject.contestant} is ${ratios.join(', ')}.`;
    });
}

/** Says when other programs had the processors, because the numbers are worth less then. */
function warn({ cells }: LoadResult): string[] {
  const share = Math.max(...cells.map((cell) => medianOf(cell, ({ disturbance }) => disturbance)));
  if (share <= TOLERATED_DISTURBANCE) return [];
  return [
    `**Other programs were in the way:** contestants or their client waited for a processor up to ` +
      `${formatShare(share)} of the time.`,
  ];
}

function idleTable({ cells, scenario }: IdleResult): string {
  const { watchesCpu } = scenario;
  return markdownTable(
    [
      { head: 'contestant' },
      right('KiB/connection'),
      right('of it heap'),
      ...(watchesCpu ? [right('CPU µs/s')] : []),
    ],
    cells.map((cell) => [
      cell.contestant,
      formatKib(medianOf(cell, ({ memory }) => memory)),
      formatKib(medianOf(cell, ({ heap }) => heap)),
      ...(watchesCpu ? [formatMeasure(medianOf(cell, ({ cpu }) => cpu))] : []),
    ]),
  );
}

// ----------------------------------------------------------------------------------------- spread

function spreadTables({ unit }: Suite, scenarios: readonly ScenarioResult[]): string[] {
  const loads = scenarios.filter((result) => result.kind === 'load');
  const idle = scenarios.filter((result) => result.kind === 'idle');
  const ofLoads = (
    head: string,
    number: (sample: LoadSample) => number,
    format: Format,
  ): string[] =>
    loads.length === 0 ? [] : [spreadTable({ head, results: loads, number, format })];
  return [
    ...ofLoads(`CPU µs/${unit}`, ({ cpu }) => cpu, formatMeasure),
    ...ofLoads(`${unit}s/s`, ({ requestsPerSecond }) => requestsPerSecond, formatCount),
    ...ofLoads('p99 µs', ({ p99 }) => p99, formatMeasure),
    ...(idle.length === 0
      ? []
      : [
          spreadTable<IdleSample>({
            head: 'KiB/connection',
            results: idle,
            number: ({ memory }) => memory,
            format: formatKib,
          }),
        ]),
  ];
}

type Format = (number: number) => string;

/** One number, by contestant and scenario. */
function spreadTable<Sample>(options: {
  readonly head: string;
  readonly results: readonly {
    readonly scenario: { readonly title: string };
    readonly cells: readonly Cell<Sample>[];
  }[];
  readonly number: (sample: Sample) => number;
  readonly format: Format;
}): string {
  const { head, results, number, format } = options;
  const contestants = results[0]?.cells.map(({ contestant }) => contestant) ?? [];
  const columns = results.map(({ cells }) =>
    cells.map((cell) => formatRange(rangeOf(numbersOf(cell, number)), format)),
  );
  return markdownTable(
    [{ head }, ...results.map(({ scenario }) => right(scenario.title))],
    contestants.map((contestant, row) =>
      [contestant].concat(columns.map((column) => column[row] ?? '')),
    ),
  );
}
