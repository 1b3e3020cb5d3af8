import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { CONDITIONS } from './condition.ts';
import { CONTESTANTS, takesPart } from './contestants.ts';
import type { Sample } from './measure.ts';
import { createReport } from './report.ts';
import type { FramingResults } from './results.ts';
import { judge } from './targets.ts';

/** CPU time per frame by contestant and condition; those that are not named cost 100. */
type Costs = Readonly<Record<string, Readonly<Record<string, number>>>>;

function resultsOf(
  costs: Costs,
  { conditions = CONDITIONS }: { readonly conditions?: typeof CONDITIONS } = {},
): FramingResults {
  return {
    suite: 'framing',
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
    contestants: CONTESTANTS.map(({ name, description }) => ({ name, description })),
    leftOut: [],
    scenarios: conditions.map((scenario) => ({
      scenario,
      cells: CONTESTANTS.filter((each) => takesPart(each, scenario)).map(({ name }) => {
        const cost = costs[name]?.[scenario.name] ?? 100;
        return { contestant: name, samples: [cost * 3, cost, cost / 2].map((cpu) => sample(cpu)) };
      }),
    })),
  };
}

function sample(cpuPerFrame: number): Sample {
  return {
    cpuPerFrame,
    cpuPerByte: cpuPerFrame / 100,
    bytesPerSecond: (500 * 1024 * 1024 * 100) / cpuPerFrame,
    seconds: 1,
    disturbance: 0.01,
  };
}

function verdictOf(title: string, results: FramingResults): unknown {
  const found = judge(results).filter((verdict) => verdict.title.startsWith(title));
  expect(found).toHaveLength(1);
  return found[0];
}

describe('the targets', () => {
  test('of small frames hold ours against the cheapest of the others', () => {
    const results = resultsOf({ wireline: { 'lines-16': 20 }, readline: { 'lines-16': 61 } });
    expect(verdictOf('16-byte lines', results)).toMatchObject({
      peer: 'readline',
      measured: 3.05,
      isMet: true,
    });
    const tooDear = resultsOf({ wireline: { 'lines-16': 20 }, split2: { 'lines-16': 59 } });
    expect(verdictOf('16-byte lines', tooDear)).toMatchObject({ peer: 'split2', isMet: false });
  });

  test('of large frames ask for the lead over those that give them in one piece', () => {
    const name = 'varint-16m';
    const costs = { wireline: { [name]: 90 }, 'it-length-prefixed-pieces': { [name]: 1 } };
    expect(verdictOf('varint, 16 MiB', resultsOf(costs))).toMatchObject({
      measured: 100 / 90,
      isMet: true,
    });
  });

  test('of growth are missed as soon as one size is twice as dear', () => {
    const title = 'varint, chunks of one byte';
    expect(verdictOf(title, resultsOf({}))).toMatchObject({ measured: 1, isMet: true });
    const dear = resultsOf({ wireline: { 'growth-varint-4m-bytewise': 210 } });
    expect(verdictOf(title, dear)).toMatchObject({ measured: 100 / 210, isMet: false });
  });

  test('are not met by what was not measured', () => {
    const verdicts = judge(resultsOf({}, { conditions: [] }));
    expect(verdicts).toHaveLength(18);
    expect(verdicts.filter(({ isMet }) => isMet)).toEqual([]);
  });
});

describe('the report', () => {
  const report = createReport('npm run bench', resultsOf({ wireline: { 'u32-16': 25 } }));

  test('has the medians, and a row for each who took part', () => {
    expect(report).toMatch(/^\| wireline +\|( +100 \|){5} +25.0 \|$/m);
    expect(report).toMatch(/^\| split2 +\|( +100 \|){3}( +– \|){3}$/m);
  });

  test('names the cheapest of the others', () => {
    expect(report).toMatch(/^\| wireline +\|( +1.00 times \|){5} +4.00 times \|$/m);
    expect(report).toMatch(/^\| as +\|( +split2 \|){3}.* it-length-prefixed \|$/m);
  });

  test('has the cost of a byte by size', () => {
    expect(report).toMatch(/^\| newline, chunks of one byte +\|( +1.00 \|){5}$/m);
  });

  test('says when the machine was busy with something else', () => {
    expect(report).not.toContain('in the way');
    const results = resultsOf({});
    const [scenario] = CONDITIONS;
    if (scenario === undefined) throw new Error('find a condition: there is none');
    const samples = [{ ...sample(100), disturbance: 0.31 }];
    const busy = {
      ...results,
      scenarios: [{ scenario, cells: [{ contestant: 'split2', samples }] }],
    };
    expect(createReport('', busy)).toContain('up to 31 % of the time');
  });

  test.each([
    ['a full run', resultsOf({})],
    ['one condition', resultsOf({}, { conditions: CONDITIONS.slice(-1) })],
    ['nothing', resultsOf({}, { conditions: [] })],
  ])('of %s is as Prettier would write it', async (_, results) => {
    const page = createReport('npm run bench -- framing', results);
    expect(await format(page, { parser: 'markdown' })).toBe(page);
  });
});
