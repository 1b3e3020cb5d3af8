/** The results as a page of Markdown, spaced as Prettier spaces it. */
import { conditionTable } from '../condition-table.ts';
import { TOLERATED_DISTURBANCE } from '../disturbance.ts';
import { markdownTable, right } from '../markdown-table.ts';
import { formatMeasure, formatRange, formatShare, formatTimes } from '../number-format.ts';
import { rangeOf } from '../statistics.ts';
import type { Sample } from './measure.ts';
import {
  growthOf,
  largestGrowth,
  medianOf,
  samplesOf,
  type BodyResult,
  type StreamResults,
} from './results.ts';
import { judge, type Target } from './targets.ts';

const MIB = 1024 * 1024;

/** The page. */
export function createReport(command: string, results: StreamResults): string {
  return `${[
    '# Results of the benchmark: streams',
    describeRun(command, results),
    '## Targets',
    'Ratios of bytes per second, medians of one run: 0.5 times as fast is twice the time. Memory for the body is the ' +
      'largest growth in any round.',
    targetTable(results),
    ...results.scenarios.flatMap(describeBody),
    '## Spread',
    'The smallest and the largest of the rounds behind each median.',
    spreadTable(results, { head: 'MiB/s', number: speedOf }),
    spreadTable(results, { head: 'CPU ns/byte', number: ({ cpu }) => cpu }),
    spreadTable(results, { head: 'growth, MiB', number: (sample) => growthOf(sample) / MIB }),
    '## Conditions',
    conditionTable(results),
  ].join('\n\n')}\n`;
}

function describeRun(command: string, { rounds, lengths, machine }: StreamResults): string {
  const place =
    machine.pinned === undefined
      ? '**Nothing was pinned to a processor, so the numbers are noisy.**'
      : 'Server and client, the same program in C for all, have a processor each.';
  return (
    `Written by \`${command}\`; [README.md](README.md) says what is measured and what to beware of. ` +
    `Compare ratios, not figures: the same code moves by 10 to 30 % from hour to hour. ` +
    `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} with a body of ${formatMib(lengths.measured)} ` +
    `behind one of ${formatMib(lengths.warmUp)} as a warm-up, in a new process each time; contestants alternate. ${place}`
  );
}

function targetTable(results: StreamResults): string {
  return markdownTable(
    [{ head: 'what is to be reached' }, right('target'), right('measured'), { head: 'met' }],
    judge(results).map(({ target, measured, isMet }) => {
      const { title } = target;
      return measured === undefined
        ? [title, wantedOf(target), 'not measured', '']
        : [title, wantedOf(target), formatFor(target, measured), isMet ? 'yes' : 'no'];
    }),
  );
}

function wantedOf(target: Target): string {
  const limit = formatFor(target, target.limit);
  return target.kind === 'speed' ? `at least ${limit}` : `less than ${limit}`;
}

/** What was measured, in the unit of the target. */
function formatFor({ kind }: Target, measured: number): string {
  return kind === 'speed' ? formatTimes(measured) : formatMib(measured);
}

function describeBody(result: BodyResult): string[] {
  return [`## ${result.scenario.title}`, bodyTable(result), ...warn(result)];
}

function bodyTable({ cells }: BodyResult): string {
  return markdownTable(
    [
      { head: 'contestant' },
      right('MiB/s'),
      right('CPU ns/byte'),
      right('user'),
      right('system'),
      right('MiB at rest'),
      right('MiB at most'),
      right('growth'),
      right('client busy'),
    ],
    cells.map(({ contestant, samples }) => [
      contestant,
      formatMeasure(medianOf(samples, speedOf)),
      formatMeasure(medianOf(samples, ({ cpu }) => cpu)),
      formatMeasure(medianOf(samples, ({ user }) => user)),
      formatMeasure(medianOf(samples, ({ system }) => system)),
      formatMeasure(medianOf(samples, ({ atRest }) => atRest / MIB)),
      formatMeasure(medianOf(samples, ({ peak }) => peak / MIB)),
      formatMeasure(largestGrowth(samples) / MIB),
      formatShare(medianOf(samples, ({ clientShare }) => clientShare)),
    ]),
  );
}

/** Says when other programs had the processors, because the numbers are worth less then. */
function warn({ cells }: BodyResult): string[] {
  const shares = cells.map(({ samples }) => medianOf(samples, ({ disturbance }) => disturbance));
  const share = Math.max(...shares);
  if (!(share > TOLERATED_DISTURBANCE)) return [];
  return [
    `**Other programs were in the way:** contestants or their client waited for a processor up to ` +
      `${formatShare(share)} of the time.`,
  ];
}

/** A row for each contestant, a column for each body. */
function spreadTable(
  results: StreamResults,
  { head, number }: { readonly head: string; readonly number: (sample: Sample) => number },
): string {
  const { contestants, scenarios } = results;
  return markdownTable(
    [{ head }, ...scenarios.map(({ scenario }) => right(scenario.name))],
    contestants.map(({ name }) => {
      const ranges = scenarios.map(({ scenario }) => {
        const samples = samplesOf(results, { contestant: name, scenario: scenario.name });
        return formatRange(rangeOf(samples.map(number)), formatMeasure);
      });
      return [name].concat(ranges);
    }),
  );
}

function speedOf({ bytesPerSecond }: Sample): number {
  return bytesPerSecond / MIB;
}

function formatMib(bytes: number): string {
  return `${formatMeasure(bytes / MIB)} MiB`;
}
