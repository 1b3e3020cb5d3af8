import { describe, expect, test } from 'vitest';
import {
  countDescriptors,
  cpuBetween,
  forgetPeak,
  parsePrivateBytes,
  parseResidentMemory,
  parseSchedstat,
  parseStat,
  readCpu,
  readPrivateBytes,
  readResidentMemory,
} from './process-cost.ts';
import { Program } from './program.ts';

test('finds the times behind a name with spaces and brackets', () => {
  const stat = '42 (a) R (b c) S 1 42 42 0 -1 4194560 100 0 0 0 123 45 0 0 20 0 11 0 999 1 2 3';
  expect(parseStat(stat)).toEqual({ userTicks: 123, systemTicks: 45 });
});

test('private memory is clean and dirty, and nothing else', () => {
  const rollup = [
    '5624abe2f000-7ffc93376000 ---p 00000000 00:00 0  [rollup]',
    'Rss:                1740 kB',
    'Shared_Clean:       1584 kB',
    'Private_Clean:        44 kB',
    'Private_Dirty:       112 kB',
    'Private_Hugetlb:       7 kB',
  ].join('\n');
  expect(parsePrivateBytes(rollup)).toBe((44 + 112) * 1024);
});

test('schedstat counts nanoseconds', () => {
  expect(parseSchedstat('105302000 434634 2\n')).toEqual({ ranUs: 105_302, waitedUs: 434.634 });
});

describe('between two readings', () => {
  const before = { totalUs: 1000, threads: new Map(), userTicks: 10, systemTicks: 10 };

  test('the total is split as the ticks are', () => {
    const after = { ...before, totalUs: 5000, userTicks: 13, systemTicks: 11 };
    expect(cpuBetween(before, after)).toEqual({ user: 3000, system: 1000, waited: 0 });
  });

  test('without a tick in between all of it counts as system time', () => {
    const after = { ...before, totalUs: 1300 };
    expect(cpuBetween(before, after)).toEqual({ user: 0, system: 300, waited: 0 });
  });

  test.each([
    ['another process had the processor', [500, 0], 500],
    ['its own threads had it for a part of that', [500, 300], 200],
    ['nobody was ahead of it', [10, 200], 0],
  ])('a thread waited: %s', (_, [waitedUs = 0, ranUs = 0], waited) => {
    const threads = new Map([
      ['7', { ranUs: 1000, waitedUs: 100 + waitedUs }],
      ['8', { ranUs, waitedUs: 0 }],
    ]);
    const earlier = { ...before, threads: new Map([['7', { ranUs: 900, waitedUs: 100 }]]) };
    expect(cpuBetween(earlier, { ...before, threads }).waited).toBe(waited);
  });
});

test('resident memory is that of now, and the peak', () => {
  const status = 'VmPeak:\t  1004 kB\nVmHWM:\t    20 kB\nVmRSS:\t     8 kB\nRssAnon:\t 1 kB\n';
  expect(parseResidentMemory(status)).toEqual({ now: 8192, peak: 20_480 });
});

/** Has had a block of 128 MiB, and has it no more. */
const HAS_SHRUNK = `
  let block = Buffer.alloc(128 * 1024 * 1024, 1);
  block = undefined;
  gc();
  process.stdin.resume();
  console.log('up');
`;

test('a peak that is forgotten begins again with what there is', async () => {
  const command = [process.execPath, '--expose-gc', '-e', HAS_SHRUNK];
  const program = await Program.start('has shrunk', command);
  await program.says(/up/);
  const fallen = (): number => {
    const { now, peak } = readResidentMemory(program.pid);
    return peak - now;
  };
  expect(fallen()).toBeGreaterThan(64 * 1024 * 1024);
  forgetPeak(program.pid);
  expect(fallen()).toBeLessThan(64 * 1024 * 1024);
  program.endInput();
  await program.result();
});

test('reads this process', () => {
  expect(readCpu(process.pid).totalUs).toBeGreaterThan(0);
  expect(readPrivateBytes(process.pid)).toBeGreaterThan(1024 * 1024);
  expect(countDescriptors(process.pid)).toBeGreaterThan(2);
});
