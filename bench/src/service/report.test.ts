import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import type { IdleSample, LoadSample } from './measure.ts';
import { createReport } from './report.ts';
import type { Cell, LoadResult, ServiceResults } from './results.ts';
import type { LoadScenario } from './scenarios.ts';
import { judge } from './targets.ts';

const FIFTY: LoadScenario = {
  kind: 'load',
  name: '50',
  title: '50 connections',
  mode: 'keep-alive',
  connections: 50,
  depth: 1,
};

/** The report and the verdicts on these are what the tests look at. */
function resultsOf(options: {
  readonly loads?: readonly Cell<LoadSample>[];
  readonly idle?: readonly Cell<IdleSample>[];
}): ServiceResults {
  const { loads, idle } = options;
  const load: LoadResult[] =
    loads === undefined ? [] : [{ kind: 'load', scenario: FIFTY, cells: loads }];
  const scenario = {
    kind: 'idle',
    name: 'idle',
    title: '10,000 idle',
    connections: 10_000,
  } as const;
  return {
    suite: 'service',
    date: '2026-01-02T03:04:05.678Z',
    machine: {
      kernel: 'Linux 6.1',
      processor: 'A Processor',
      processorCount: 2,
      pinned: { server: 0, client: 1 },
      node: '20.19.0',
      python: undefined,
      compiler: 'cc 12',
    },
    rounds: 3,
    seconds: 1,
    warmUpSeconds: 1,
    contestants: [
      { name: 'wireline', description: 'as it is shipped' },
      { name: 'node-plain', description: '`node:net`' },
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

describe('the targets', () => {
  /** The verdict on 50 connections against node-plain, whose target is 1.6. */
  function against(peer: Cell<LoadSample>): unknown {
    return judge(resultsOf({ loads: [cell('wireline', 9, 10, 30), peer] }))[0];
  }

  test('are ratios of medians: how many times the peer costs what we cost', () => {
    expect(against(cell('node-plain', 50, 17, 16))).toMatchObject({ measured: 1.7, isMet: true });
    expect(against(cell('node-plain', 15, 15, 100))).toMatchObject({ measured: 1.5, isMet: false });
  });

  test('are reached when they are just reached', () => {
    expect(against(cell('node-plain', 16))).toMatchObject({ measured: 1.6, isMet: true });
  });

  test('are not met by what was not measured', () => {
    expect(against(cell('c-epoll', 5))).toMatchObject({ measured: undefined, isMet: false });
  });

  test('memory is to be small', () => {
    const verdictOn = (...memory: readonly number[]): unknown =>
      judge(
        resultsOf({
          idle: [
            { contestant: 'wireline', samples: memory.map((each) => ({ memory: each, heap: 1 })) },
          ],
        }),
      ).at(-1);
    expect(verdictOn(1000, 1024, 3000)).toMatchObject({ measured: 1024, isMet: true });
    expect(verdictOn(1025)).toMatchObject({ measured: 1025, isMet: false });
  });
});

describe('the report', () => {
  const full = resultsOf({
    loads: [cell('wireline', 7, 8, 9), cell('node-plain', 15, 16, 17), cell('c-epoll', 6, 6, 6)],
    idle: [
      { contestant: 'wireline', samples: [{ memory: 400, heap: 300 }] },
      { contestant: 'c-epoll', samples: [{ memory: 20, heap: undefined }] },
    ],
  });

  test('names the peer of each ratio', () => {
    expect(createReport(full)).toContain(
      'wireline is 2.00 times as cheap as node-plain, 0.75 times as cheap as c-epoll.',
    );
  });

  test('has the medians, the spread, and who was left out', () => {
    const report = createReport(full);
    expect(report).toMatch(
      /^\| wireline +\| +100,000 \| +8.00 \| +4.00 \| +6.00 \| +300 \| +1,500 \| +50 % \|$/m,
    );
    expect(report).toMatch(/^\| node-plain +\| +15.0–17.0 \|$/m);
    expect(report).toMatch(/^\| c-epoll +\| +0.02 \| +– \|$/m);
    expect(report).toContain('left out: find python3: it is not installed');
  });

  test('says when the machine was busy with something else', () => {
    const busy = { contestant: 'wireline', samples: [sample({ disturbance: 0.31 })] };
    expect(createReport(full)).not.toContain('in the way');
    expect(createReport(resultsOf({ loads: [busy] }))).toContain('up to 31 % of the time');
  });

  test.each([
    ['a full run', full],
    ['one scenario', resultsOf({ loads: [cell('wireline', 1)] })],
    ['nothing', resultsOf({})],
  ])('of %s is as Prettier would write it', async (_, results) => {
    const report = createReport(results);
    expect(await format(report, { parser: 'markdown' })).toBe(report);
  });
});
