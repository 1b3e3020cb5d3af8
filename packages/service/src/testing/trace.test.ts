import { ManualClock } from '@wireline/socket/testing';
import { expect, test } from 'vitest';
import { Trace } from './trace.ts';

test('keeps the newest events in their order, with their times', () => {
  const clock = new ManualClock();
  const trace = new Trace(clock, 3);
  expect(trace.last(10)).toEqual([]);
  trace.note('one');
  trace.note('two');
  expect(trace.last(10)).toEqual(['0 ms  one', '0 ms  two']);
  clock.advance(5);
  for (const event of ['three', 'four', 'five']) trace.note(event);
  expect(trace.last(10)).toEqual(['5 ms  three', '5 ms  four', '5 ms  five']);
  trace.note('six');
  expect(trace.last(2)).toEqual(['5 ms  five', '5 ms  six']);
});
