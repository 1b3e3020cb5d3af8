import { expect, test } from 'vitest';
import { parseProcessorList, pinned } from './processors.ts';

test.each([
  ['0', [0]],
  ['0-1', [0, 1]],
  ['2,4-6,9', [2, 4, 5, 6, 9]],
  ['', []],
])('the list "%s" is %j', (list, numbers) => {
  expect(parseProcessorList(list)).toEqual(numbers);
});

test('a command is pinned where there is a processor for it', () => {
  expect(pinned(['node', 'x'], 3)).toEqual(['taskset', '-c', '3', 'node', 'x']);
  expect(pinned(['node', 'x'], undefined)).toEqual(['node', 'x']);
});
