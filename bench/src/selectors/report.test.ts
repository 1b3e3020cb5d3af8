import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { CROWDS } from './crowd.ts';
import type { Sample } from './measure.ts';
import { createReport } from './report.ts';
import type { SelectorResults } from './results.ts';
import { judge } from './targets.ts';

/** Costs of the rounds, by contestant and how many are registered. */
type Costs = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

function resultsOf(costs: Costs): SelectorResults {
  const names = Object.keys(costs);
  return {
    suite: 'selectors',
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
    contestants: names.map((name) => ({ name, description: 'as it is' })),
    leftOut: [{ name: 'python-poll', reason: 'find python3: it is not installed' }],
    scenarios: CROWDS.map((scenario) => ({
      scenario,
      cells: names.map((contestant) => ({
        contestant,
        samples: (costs[contestant]?.[scenario.name] ?? []).map((cpu) => sample({ cpu })),
      })),
    })),
  };
}

function sample(numbers: Partial<Sample>): Sample {
  return { cpu: 200, user: 50, system: 150, eventsPerSecond: 5e6, disturbance: 0.01, ...numbers };
}

const FULL = resultsOf({
  'wireline-epoll': { 10: [180, 200, 900], 100: [200], 1000: [201], 10000: [210] },
  'wireline-poll': { 10: [230], 100: [1400], 1000: [13_000], 10000: [300_000] },
  'python-epoll': { 10: [460], 100: [470], 1000: [480], 10000: [504] },
  'c-epoll': { 10: [145], 100: [145], 1000: [145], 10000: [147] },
});

describe('the targets', () => {
  test('are ratios of medians', () => {
    expect(judge(FULL)).toMatchObject([
      { measured: 200 / 210, isMet: true },
      { measured: 504 / 210, isMet: true },
    ]);
  });

  test('are missed when the cost grows, or a peer is cheaper', () => {
    const grown = {
      'wireline-epoll': { 10: [200], 10000: [223] },
      'python-epoll': { 10000: [222] },
    };
    expect(judge(resultsOf(grown))).toMatchObject([{ isMet: false }, { isMet: false }]);
  });

  test('are not met by what was not measured', () => {
    const nothing = { measured: undefined, isMet: false };
    expect(judge(resultsOf({}))).toMatchObject([nothing, nothing]);
  });
});

describe('the report', () => {
  const report = createReport('npm run bench -- selectors', FULL);

  test('has the medians, the spread, and who was left out', () => {
    expect(report).toMatch(/^\| wireline-epoll +\| +200 \| +200 \| +201 \| +210 \|$/m);
    expect(report).toMatch(/^\| wireline-epoll +\| +180–900 \|/m);
    expect(report).toContain('left out: find python3: it is not installed');
  });

  test('compares each of ours with those that ask in the same way', () => {
    expect(report).toContain(
      'With 10,000 registered, wireline-epoll is 2.40 times as cheap as python-epoll, 0.70 times as cheap as c-epoll.',
    );
    expect(report).not.toContain('wireline-poll is');
  });

  test('says when the machine was busy with something else', () => {
    expect(report).not.toContain('in the way');
    const [scenario] = CROWDS;
    if (scenario === undefined) throw new Error('no scenario');
    const cells = [{ contestant: 'c-epoll', samples: [sample({ disturbance: 0.31 })] }];
    const busy = { ...FULL, scenarios: [{ scenario, cells }] };
    expect(createReport('', busy)).toContain('up to 31 % of the time');
  });

  test.each([
    ['a full run', FULL],
    ['nothing', resultsOf({})],
  ])('of %s is as Prettier would write it', async (_, results) => {
    const page = createReport('npm run bench -- selectors', results);
    expect(await format(page, { parser: 'markdown' })).toBe(page);
  });
});
