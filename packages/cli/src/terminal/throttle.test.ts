import { ManualClock } from '@wireline/socket/testing';
import { expect, test } from 'vitest';
import { Throttle } from './throttle.ts';

test('each topic passes once a second, and what was held back is counted', () => {
  const clock = new ManualClock();
  const throttle = new Throttle(clock);
  expect([throttle.pass('a'), throttle.pass('a'), throttle.pass('b'), throttle.pass('a')]).toEqual([
    0,
    undefined,
    0,
    undefined,
  ]);
  clock.advance(1_000);
  expect([throttle.pass('a'), throttle.pass('a'), throttle.pass('b')]).toEqual([2, undefined, 0]);
});
