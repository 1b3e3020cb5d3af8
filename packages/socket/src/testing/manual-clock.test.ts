import { expect, test } from 'vitest';
import { ManualClock } from './manual-clock.ts';

test('stands still until it is moved, and rings at the exact millisecond', () => {
  const clock = new ManualClock();
  const rung: number[] = [];
  clock.after(100, () => rung.push(clock.now()));
  clock.advance(99);
  expect(rung).toEqual([]);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  expect(rung).toEqual([100]);
  expect(clock.pending).toBe(0);
});

test('restart begins the wait anew', () => {
  const clock = new ManualClock();
  const rung: number[] = [];
  const timer = clock.after(100, () => rung.push(clock.now()));
  clock.advance(60);
  timer.restart();
  clock.advance(99);
  expect(rung).toEqual([]);
  clock.advance(1);
  expect(rung).toEqual([160]);
});

test('one advance rings a timer that is set by another, at its own time', () => {
  const clock = new ManualClock();
  const rung: [string, number][] = [];
  clock.after(10, () => {
    rung.push(['first', clock.now()]);
    clock.after(5, () => rung.push(['second', clock.now()]));
    clock.after(50, () => rung.push(['third', clock.now()]));
  });
  clock.advance(20);
  expect(rung).toEqual([
    ['first', 10],
    ['second', 15],
  ]);
  expect(clock.now()).toBe(20);
  expect(clock.pending).toBe(1);
});

test('a cancelled timer is not pending', () => {
  const clock = new ManualClock();
  const timer = clock.after(1, () => {});
  timer.cancel();
  timer.restart();
  expect(clock.pending).toBe(0);
});

test('next is the time of the timer that rings first', () => {
  const clock = new ManualClock();
  expect(clock.next).toBeUndefined();
  clock.after(20, () => {});
  const first = clock.after(10, () => {});
  clock.after(30, () => {});
  expect(clock.next).toBe(10);
  first.cancel();
  expect(clock.next).toBe(20);
  clock.advance(20);
  expect(clock.next).toBe(30);
  clock.advance(10);
  expect(clock.next).toBeUndefined();
});

test('an infinite wait is none, and one that is no time is refused', () => {
  const clock = new ManualClock();
  clock.after(Infinity, () => expect.unreachable());
  expect(clock.pending).toBe(0);
  expect(() => clock.after(-1, () => {})).toThrow(RangeError);
  expect(() => clock.after(Number.NaN, () => {})).toThrow(RangeError);
});
