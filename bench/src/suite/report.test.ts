import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import type { Cell } from '../rounds.ts';
import type { IdleSample, LoadSample } from './measure.ts';
import { createReport } from './report.ts';
import type { LoadResult, SuiteResults } from './results.ts';
import { FIFTY, idle as idleScenario } from './scenario.ts';
import type { Suite } from './suite.ts';
import { judge, type Target } from './target.ts';

/** A suite as far as its results need it. */
const SUITE: Suite = {
  name: 'ping',
  summary: 'a ping answered',
  title: 'Results of pings',
  command: 'npm run bench -- ping',
  unit: 'ping',
  subjects: ['ours', 'ours-too'],
  contestants: [],
  scenarios: [],
  targets: [
    { kind: 'ratio', scenario: '50', subject: 'ours', peer: 'peer', atLeast: 1.6 },
    { kind: 'memory', subject: 'ours', atMost: 1024 },
    { kind: 'rest', subject: 'ours', atMost: 100 },
  ],
  exchange: { request: Buffer.from('ping'), check: () => Promise.reject(new Error('not run')) },
  seconds: 1,
  resultsFile: 'none',
};

/** The report and the verdicts on these are what the tests look at. */
function resultsOf(options: {
  readonly loads?: readonly Cell<LoadSample>[];
  readonly idle?: readonly Cell<IdleSample>[];
  readonly watchesCpu?: boolean;
}): SuiteResults {
  const { loads, idle } = options;
  const load: LoadResult[] =
    loads === undefined ? [] : [{ kind: 'load', scenario: FIFTY, cells: loads }];
  const scenario = idleScenario({ watchesCpu: options.watchesCpu ?? true });
  return {
    suite: 'ping',
    date: '2026-01-02T03:04:05.678Z',
    machine: {
      kernel: 'Linux 6.1',
      processor: 'A Processor',
      processorCount: 2,
      pinned: { server: 0, client: 1 },
      node: '20.19.0',
      python: undefined,
      compiler: 'cc 12',
      go: undefined,
    },
    rounds: 3,
    seconds: 1,
    warmUpSeconds: 1,
    contestants: [
      { name: 'ours', description: 'as it is shipped' },
      { name: 'peer', description: '`node:net`' },
    ],
    leftOut: [{ name: 'python-selectors', reason: 'find python3: it is not installed' }],
    scenarios: [
      ...load,
      ...(idle === undefined ? [] : [{ kind: 'idle' as const, scenario, cells: idle }]),
    ],
  };
}

/** A cell whose rounds had these CPU times. */
function cell(contestant: string, ...cpu: readonly number[]): Cell<LoadSample> {
  return { contestant, samples: cpu.map((each) => sample({ cpu: each })) };
}

function sample(numbers: Partial<LoadSample>): LoadSample {
  return {
    requestsPerSecond: 100_000,
    cpu: 10,
    user: 4,
    system: 6,
    p50: 300,
    p99: 1500,
    max: 2500,
    clientShare: 0.5,
    disturbance: 0.01,
    ...numbers,
  };
}

/** What idle connections might cost. */
const IDLE: IdleSample = { memory: 400, heap: 300, cpu: 20 };

/** A cell of idle connections that took so much memory and CPU time in each round. */
function idleCell(contestant: string, ...samples: readonly IdleSample[]): Cell<IdleSample> {
  return { contestant, samples };
}

describe('the targets', () => {
  function verdictOn(kind: Target['kind'], results: SuiteResults): unknown {
    return judge(SUITE.targets, results.scenarios).find(({ target }) => target.kind === kind);
  }

  function against(peer: Cell<LoadSample>): unknown {
    return verdictOn('ratio', resultsOf({ loads: [cell('ours', 9, 10, 30), peer] }));
  }

  test('are ratios of medians: how many times the peer costs what we cost', () => {
    expect(against(cell('peer', 50, 17, 16))).toMatchObject({ measured: 1.7, isMet: true });
    expect(against(cell('peer', 15, 15, 100))).toMatchObject({ measured: 1.5, isMet: false });
  });

  test('are reached when they are just reached', () => {
    expect(against(cell('peer', 16))).toMatchObject({ measured: 1.6, isMet: true });
  });

  test('are not met by what was not measured', () => {
    const nothing = { measured: undefined, isMet: false };
    expect(against(cell('another', 5))).toMatchObject(nothing);
    expect(verdictOn('memory', resultsOf({}))).toMatchObject(nothing);
    const unwatched = resultsOf({ idle: [idleCell('ours', { ...IDLE, cpu: undefined })] });
    expect(verdictOn('rest', unwatched)).toMatchObject(nothing);
  });

  test.each([
    ['memory', 'memory', [1000, 1024, 3000], 1024, true],
    ['memory', 'memory', [1025], 1025, false],
    ['rest', 'cpu', [0, 0, 5000], 0, true],
    ['rest', 'cpu', [101], 101, false],
  ] as const)('%s is to be small: %s %j', (kind, number, rounds, measured, isMet) => {
    const idle = [
      idleCell('ours', ...rounds.map((each) => Object.assign({}, IDLE, { [number]: each }))),
    ];
    expect(verdictOn(kind, resultsOf({ idle }))).toMatchObject({ measured, isMet });
  });
});

describe('the report', () => {
  const full = resultsOf({
    loads: [
      cell('ours', 7, 8, 9),
      cell('ours-too', 12),
      cell('peer', 15, 16, 17),
      cell('c-epoll', 6, 6, 6),
    ],
    idle: [idleCell('ours', IDLE), idleCell('c-epoll', { memory: 20, heap: undefined, cpu: 0 })],
  });

  test('says what it is of, and counts in its unit', () => {
    const report = createReport(SUITE, full);
    expect(report).toMatch(/^# Results of pings\n\nWritten by `npm run bench -- ping`;/);
    expect(report).toMatch(/^\| contestant \| +pings\/s \| CPU µs\/ping \|/m);
  });

  test('compares each of ours with each peer, and not with another of ours', () => {
    const report = createReport(SUITE, full);
    expect(report).toContain(
      'In CPU time per ping, ours is 2.00 times as cheap as peer, 0.75 times as cheap as c-epoll.',
    );
    expect(report).toContain(
      'In CPU time per ping, ours-too is 1.33 times as cheap as peer, 0.50 times as cheap as c-epoll.',
    );
  });

  test('has the medians, the spread, and who was left out', () => {
    const report = createReport(SUITE, full);
    expect(report).toMatch(
      /^\| ours +\| +100,000 \| +8.00 \| +4.00 \| +6.00 \| +300 \| +1,500 \| +50 % \|$/m,
    );
    expect(report).toMatch(/^\| peer +\| +15.0–17.0 \|$/m);
    expect(report).toMatch(/^\| c-epoll +\| +0.02 \| +– \| +0.00 \|$/m);
    expect(report).toContain('left out: find python3: it is not installed');
  });

  test('has the targets in their units', () => {
    const report = createReport(SUITE, full);
    expect(report).toMatch(/as cheap as peer +\| at least 1.6 times \| +2.00 times \| yes \|$/m);
    expect(report).toMatch(
      /memory per connection of ours +\| +at most 1.00 KiB \| +0.39 KiB \| yes \|$/m,
    );
    expect(report).toMatch(/CPU time of ours +\| +at most 100 µs\/s \| +20.0 µs\/s \| yes \|$/m);
  });

  test('says nothing of the CPU time of idle connections that was not watched', () => {
    const idle = [idleCell('ours', { ...IDLE, cpu: undefined })];
    const report = createReport(SUITE, resultsOf({ idle, watchesCpu: false }));
    expect(report).toMatch(/^\| contestant \| KiB\/connection \| of it heap \|$/m);
  });

  test('says when the machine was busy with something else', () => {
    const busy = { contestant: 'ours', samples: [sample({ disturbance: 0.31 })] };
    expect(createReport(SUITE, full)).not.toContain('in the way');
    expect(createReport(SUITE, resultsOf({ loads: [busy] }))).toContain('up to 31 % of the time');
  });

  test.each([
    ['a full run', full],
    ['one scenario', resultsOf({ loads: [cell('ours', 1)] })],
    ['nothing', resultsOf({})],
  ])('of %s is as Prettier would write it', async (_, results) => {
    const report = createReport(SUITE, results);
    expect(await format(report, { parser: 'markdown' })).toBe(report);
  });
});
