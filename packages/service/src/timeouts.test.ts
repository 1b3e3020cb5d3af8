import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import { DEFAULT_TIMEOUTS, resolveTimeouts, Watchdog } from './timeouts.ts';

describe('the watchdog', () => {
  /** A watchdog over `left` checks: after so many it finds nobody. */
  function watching(left: number) {
    const clock = new ManualClock();
    const checks: number[] = [];
    const watchdog = new Watchdog(clock, DEFAULT_TIMEOUTS, (now) => {
      checks.push(now);
      return checks.length < left;
    });
    watchdog.start();
    return { clock, checks, watchdog };
  }

  test('checks every tenth of the shortest time-out, until nobody is left', () => {
    const { clock, checks } = watching(3);
    clock.advance(60_000);
    expect(checks).toEqual([1_000, 2_000, 3_000]);
    expect(clock.pending).toBe(0);
  });

  test('starts once, and again after it has stopped by itself', () => {
    const { clock, checks, watchdog } = watching(1);
    watchdog.start();
    expect(clock.pending).toBe(1);
    clock.advance(5_000);
    watchdog.start();
    clock.advance(1_000);
    expect(checks).toEqual([1_000, 6_000]);
  });

  test('stops when it is told to, also by what it checks', () => {
    const clock = new ManualClock();
    const watchdog = new Watchdog(clock, DEFAULT_TIMEOUTS, () => {
      watchdog.stop();
      return true;
    });
    watchdog.start();
    clock.advance(1_000);
    expect(clock.pending).toBe(0);
  });

  test('time-outs that are none need no timer', () => {
    const clock = new ManualClock();
    const never = {
      headerMs: Infinity,
      messageMs: Infinity,
      idleMs: Infinity,
      writeStallMs: Infinity,
    };
    let checks = 0;
    new Watchdog(clock, never, () => ++checks > 0).start();
    clock.advance(1e9);
    expect(checks).toBe(0);
  });
});

test.each([0, -1, Number.NaN])('a time-out of %d ms is refused, by its name', (ms) => {
  expect(() => resolveTimeouts({ idleMs: ms })).toThrow(/idleMs/);
});
