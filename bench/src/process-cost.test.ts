import { expect, test } from 'vitest';
import {
  countDescriptors,
  cpuBetween,
  parsePrivateBytes,
  parseSchedstat,
  parseStat,
  readCpu,
  readPrivateBytes,
} from './process-cost.ts';

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

test('the total is split as the ticks are', () => {
  const before = { totalUs: 1000, waitedUs: 0, userTicks: 10, systemTicks: 10 };
  const after = { totalUs: 5000, waitedUs: 0, userTicks: 13, systemTicks: 11 };
  expect(cpuBetween(before, after)).toEqual({ user: 3000, system: 1000 });
});

test('without a tick in between all of it counts as system time', () => {
  const before = { totalUs: 1000, waitedUs: 0, userTicks: 1, systemTicks: 1 };
  expect(cpuBetween(before, { ...before, totalUs: 1300 })).toEqual({ user: 0, system: 300 });
});

test('reads this process', () => {
  expect(readCpu(process.pid).totalUs).toBeGreaterThan(0);
  expect(readPrivateBytes(process.pid)).toBeGreaterThan(1024 * 1024);
  expect(countDescriptors(process.pid)).toBeGreaterThan(2);
});
