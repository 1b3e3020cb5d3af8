/**
 * One contract for the clock on the wall and the one that is moved by hand.
 */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../testing/index.ts';
import { systemClock, type Clock } from './clock.ts';

interface ClockCase {
  readonly name: string;
  readonly make: () => {
    readonly clock: Clock;
    /** Resolves when everything that is due within `ms` has rung. */
    readonly pass: (ms: number) => Promise<void>;
  };
}

const CLOCKS: readonly ClockCase[] = [
  {
    name: 'systemClock',
    make: () => ({
      clock: systemClock,
      pass: (ms) =>
        new Promise((resolve) => {
          setTimeout(resolve, ms); // waits for the very timers that are tested
        }),
    }),
  },
  {
    name: 'ManualClock',
    make: () => {
      const clock = new ManualClock();
      return { clock, pass: async (ms) => clock.advance(ms) };
    },
  },
];

describe.each(CLOCKS)('$name', ({ make }) => {
  test('goes forward', async () => {
    const { clock, pass } = make();
    const before = clock.now();
    await pass(3);
    expect(clock.now() - before).toBeGreaterThanOrEqual(2); // timers of Node round down
  });

  test('rings once, in the order of time', async () => {
    const { clock, pass } = make();
    const rung: string[] = [];
    clock.after(4, () => rung.push('later'));
    clock.after(1, () => rung.push('sooner'));
    await pass(20);
    await pass(5);
    expect(rung).toEqual(['sooner', 'later']);
  });

  test('a cancelled timer does not ring, even when it is restarted', async () => {
    const { clock, pass } = make();
    let rung = 0;
    const timer = clock.after(1, () => rung++);
    timer.cancel();
    timer.restart();
    timer.cancel();
    timer.restart();
    await pass(10);
    expect(rung).toBe(0);
  });

  test('a timer that rang can be restarted', async () => {
    const { clock, pass } = make();
    let rung = 0;
    const timer = clock.after(1, () => rung++);
    await pass(10);
    timer.restart();
    await pass(10);
    expect(rung).toBe(2);
    timer.cancel();
  });
});

test('systemClock: for ever is for ever, longer than a timer can is as long as it can', async () => {
  const rang: string[] = [];
  const never = systemClock.after(Infinity, () => rang.push('Infinity'));
  const long = systemClock.after(2 ** 40, () => rang.push('2^40 ms'));
  // Node's timers turn what they cannot hold into 1 ms: both would have rung before this one.
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  expect(rang).toEqual([]);
  never.cancel();
  never.restart();
  long.cancel();
});

test.each([Number.NaN, -1])('systemClock refuses to wait %d ms', (ms) => {
  expect(() => systemClock.after(ms, () => {})).toThrow(RangeError);
});
