import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { BODIES } from './body.ts';
import type { Sample } from './measure.ts';
import { createReport } from './report.ts';
import type { StreamResults } from './results.ts';
import { judge } from './targets.ts';

const MIB = 1024 * 1024;

function sample(numbers: Partial<Sample>): Sample {
  return {
    bytesPerSecond: 1000 * MIB,
    cpu: 0.5,
    user: 0.2,
    system: 0.3,
    atRest: 60 * MIB,
    peak: 100 * MIB,
    clientShare: 0.5,
    disturbance: 0.01,
    ...numbers,
  };
}

/** A run of the first body. */
function resultsOf(cells: Readonly<Record<string, readonly Partial<Sample>[]>>): StreamResults {
  return {
    suite: 'streams',
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
    lengths: { measured: 1024 * MIB, warmUp: 2048 * MIB },
    contestants: Object.keys(cells).map((name) => ({ name, description: `${name} it is` })),
    leftOut: [],
    scenarios: BODIES.slice(0, 1).map((scenario) => ({
      scenario,
      cells: Object.entries(cells).map(([contestant, samples]) => ({
        contestant,
        samples: samples.map(sample),
      })),
    })),
  };
}

/** Rounds of so many MiB per second. */
function speeds(...rates: readonly number[]): Partial<Sample>[] {
  return rates.map((rate) => ({ bytesPerSecond: rate * MIB }));
}

/** Rounds with so much more memory than at rest, in bytes. */
function growths(...bytes: readonly number[]): Partial<Sample>[] {
  return bytes.map((each) => ({ atRest: 60 * MIB, peak: 60 * MIB + each }));
}

describe('the targets', () => {
  function verdicts(cells: Parameters<typeof resultsOf>[0]): unknown[] {
    return judge(resultsOf(cells)).slice(0, 2);
  }

  test.each([
    [[700, 650, 9000], 0.7, true],
    [[699], 0.699, false],
  ])('are ratios of median speeds: %j', (rates, measured, isMet) => {
    const cells = { wireline: speeds(...rates), 'c-epoll': speeds(1000, 1, 2000) };
    expect(verdicts(cells)[0]).toMatchObject({ measured, isMet });
  });

  test.each([
    [[1, 64 * MIB - 1, 5], 64 * MIB - 1, true],
    [[1, 64 * MIB], 64 * MIB, false],
  ])('and the largest growth: %j', (bytes, measured, isMet) => {
    expect(verdicts({ wireline: growths(...bytes) })[1]).toMatchObject({ measured, isMet });
  });

  test('are not met by what was not measured', () => {
    const nothing = { measured: undefined, isMet: false };
    expect(verdicts({ 'c-epoll': speeds(1) })).toMatchObject([nothing, nothing]);
    expect(judge(resultsOf({ wireline: speeds(1) })).slice(2)).toMatchObject(
      Array.from({ length: 6 }, () => nothing),
    );
  });
});

describe('the report', () => {
  const full = resultsOf({
    wireline: [{ bytesPerSecond: 900 * MIB }, { peak: 110 * MIB }, { cpu: 0.75 }],
    'c-epoll': [{ atRest: MIB, peak: 2 * MIB }],
  });

  test('has medians, the memory as it is, and the largest growth', () => {
    const report = createReport('npm run bench -- streams', full);
    expect(report).toMatch(
      /^\| wireline +\| 1,000 \| +0.500 \| +0.200 \| +0.300 \| +60.0 \| +100 \| +50.0 \| +50 % \|$/m,
    );
    expect(report).toContain('a body of 1,024 MiB behind one of 2,048 MiB');
  });

  test('has the targets in their units, and the spread', () => {
    const report = createReport('npm run bench -- streams', full);
    expect(report).toMatch(/as fast as c-epoll +\| at least 0.70 times \| +1.00 times \| yes \|$/m);
    expect(report).toMatch(/memory for the body +\| +less than 64.0 MiB \| +50.0 MiB \| yes \|$/m);
    expect(report).toMatch(/^\| wireline +\| +900–1,000 \|$/m);
    expect(report).toMatch(/^\| wireline +\| +0.500–0.750 \|$/m);
  });

  test('says when the machine was busy with something else', () => {
    expect(createReport('bench', full)).not.toContain('in the way');
    const busy = resultsOf({ wireline: [{ disturbance: 0.31 }] });
    expect(createReport('bench', busy)).toContain('up to 31 % of the time');
  });

  test.each([
    ['a full run', full],
    ['nothing', { ...resultsOf({}), scenarios: [] }],
  ])('of %s is as Prettier would write it', async (_, results) => {
    const report = createReport('npm run bench -- streams', results);
    expect(await format(report, { parser: 'markdown' })).toBe(report);
  });
});
