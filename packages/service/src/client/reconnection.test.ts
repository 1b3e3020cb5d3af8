import { describe, expect, test } from 'vitest';
import { Reconnection } from './reconnection.ts';

/** The waits after so many failures in a row, with chance at its most. */
function waitsOf(reconnection: Reconnection, count: number): number[] {
  return Array.from({ length: count }, () => {
    reconnection.failed(1000, new Error('refused'));
    return reconnection.waitMs(1000);
  });
}

describe('reconnection', () => {
  test('waits up to twice as long after each failure, and never longer than the most', () => {
    const most = { random: () => 1 };
    expect(waitsOf(new Reconnection(most), 9)).toEqual([
      50, 100, 200, 400, 800, 1600, 3200, 5000, 5000,
    ]);
    expect(waitsOf(new Reconnection({ ...most, baseMs: 3, maxMs: 10 }), 4)).toEqual([3, 6, 10, 10]);
    expect(waitsOf(new Reconnection(most), 2000).at(-1)).toBe(5000);
  });

  test('waits any part of that', () => {
    const chances = [0.5, 0, 0.001];
    const reconnection = new Reconnection({ random: () => chances.shift() ?? 1 });
    expect(waitsOf(reconnection, 3)).toEqual([25, 0, 1]);
  });

  test('waits from the failure on, not from when it is asked', () => {
    const reconnection = new Reconnection({ random: () => 1 });
    expect(reconnection.waitMs(0)).toBe(0);
    reconnection.failed(1000, new Error('refused'));
    expect(reconnection.waitMs(1020)).toBe(30);
    expect(reconnection.waitMs(2000)).toBe(0);
  });

  test('is over with an answer, not with a connection', () => {
    const reconnection = new Reconnection({ random: () => 1 });
    const refused = new Error('refused');
    reconnection.failed(0, refused);
    reconnection.connected();
    expect(reconnection.isDown).toBe(true);
    reconnection.lost(100, refused);
    expect([reconnection.waitMs(100), reconnection.lastError]).toEqual([100, refused]);
    reconnection.answered();
    expect([reconnection.isDown, reconnection.waitMs(100)]).toEqual([false, 0]);
    expect(reconnection.lastError).toBeUndefined();
  });

  test('begins with the second connection in a row that is lost', () => {
    const reconnection = new Reconnection({ random: () => 1 });
    const lost = new Error('reset');
    reconnection.lost(0, lost);
    expect([reconnection.isDown, reconnection.waitMs(0)]).toEqual([false, 0]);
    reconnection.answered();
    reconnection.lost(0, lost);
    expect([reconnection.waitMs(0), reconnection.setbacks]).toEqual([0, 1]);
    reconnection.lost(0, lost);
    expect([reconnection.waitMs(0), reconnection.setbacks]).toEqual([50, 2]);
    expect(reconnection.lastError).toBe(lost);
  });

  test('tries again where it has been connected', () => {
    const reconnection = new Reconnection();
    expect(reconnection.triesAgain).toBe(false);
    reconnection.connected();
    expect(reconnection.triesAgain).toBe(true);
  });

  test.each([{ baseMs: -1 }, { baseMs: NaN }, { maxMs: NaN }])('refuses %o', (options) => {
    expect(() => new Reconnection(options)).toThrow(RangeError);
    const [name] = Object.keys(options);
    expect(() => new Reconnection(options)).toThrow(`reconnect.${name}`);
  });
});
