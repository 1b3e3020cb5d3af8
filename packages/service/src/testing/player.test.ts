import { EVENT_READ } from '@wireline/socket/event-loop';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import { MemoryLoop } from './memory-loop.ts';
import { Player, StillWaitingError } from './player.ts';

interface Scene {
  readonly player: Player;
  readonly clock: ManualClock;
  readonly loop: MemoryLoop;
}

function scene(limits: { readonly maxTurns?: number; readonly maxMs?: number } = {}): Scene {
  const loop = new MemoryLoop();
  const clock = new ManualClock();
  const { maxTurns = 1000, maxMs = 1000 } = limits;
  const player = new Player({ loop, clock, maxTurns, maxMs, describe: () => 'as it is' });
  return { player, clock, loop };
}

const after = (clock: ManualClock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.after(ms, resolve));

describe('settle', () => {
  test('plays until nothing is left to do, and lets no time pass', async () => {
    const { player, clock, loop } = scene();
    const heard: string[] = [];
    clock.after(1, () => heard.push('later'));
    const again = { run: () => (heard.push('task') < 3 ? loop.atEndOfTurn(again) : undefined) };
    loop.atEndOfTurn(again);
    await player.settle();
    expect(heard).toEqual(['task', 'task', 'task']);
    expect(clock.now()).toBe(0);
  });

  test('waits for promise jobs, and for some that go through setImmediate', async () => {
    const { player } = scene();
    const heard: string[] = [];
    void (async () => {
      for (let hop = 0; hop < 3; hop++) await new Promise((resolve) => setImmediate(resolve));
      heard.push('hopped');
    })();
    await player.settle();
    expect(heard).toEqual(['hopped']);
  });

  test('rings the timers that are due', async () => {
    const { player, clock } = scene();
    const heard: string[] = [];
    clock.after(0, () => heard.push('at once'));
    await player.settle();
    expect(heard).toEqual(['at once']);
  });
});

describe('advance', () => {
  test('lets so much time pass, and plays what each timer brings at its own time', async () => {
    const { player, clock, loop } = scene();
    const heard: string[] = [];
    const note = (name: string) => ({ run: () => heard.push(`${name} at ${clock.now()}`) });
    clock.after(3, () => loop.atEndOfTurn(note('first')));
    clock.after(5, () => loop.atEndOfTurn(note('second')));
    clock.after(8, () => loop.atEndOfTurn(note('third')));
    await player.advance(5);
    expect(heard).toEqual(['first at 3', 'second at 5']);
    await player.advance(2);
    expect(clock.now()).toBe(7);
  });

  test.each([-1, Number.NaN, Infinity])('%s ms are refused', (ms) => {
    expect(() => scene().player.advance(ms)).toThrow(RangeError);
  });
});

describe('until', () => {
  test('lets time pass from timer to timer, and settles as the promise does', async () => {
    const { player, clock } = scene();
    const value = after(clock, 5)
      .then(() => after(clock, 7))
      .then(() => 'done');
    expect(await player.until(value)).toBe('done');
    expect(clock.now()).toBe(12);
    await expect(player.until(Promise.reject(new Error('not today')))).rejects.toThrow('not today');
  });

  test('time stands still while somebody else settles, and goes only as far as somebody advances', async () => {
    const { player, clock } = scene();
    const far = after(clock, 100);
    const times: number[] = [];
    await player.until(
      (async () => {
        await player.settle();
        times.push(clock.now());
        await player.advance(30);
        times.push(clock.now());
        await far;
        times.push(clock.now());
      })(),
    );
    expect(times).toEqual([0, 30, 100]);
  });

  test('says that nothing is left that could settle it', async () => {
    const { player } = scene();
    const stuck = player.until(new Promise(() => {}));
    await expect(stuck).rejects.toThrow(StillWaitingError);
    await expect(stuck).rejects.toThrow('nothing is left to do, and it is still pending\nas it is');
  });

  test('of two that are stuck, the newer is told, so that the older can hear of it', async () => {
    const { player } = scene();
    const inner = async (): Promise<string> => {
      await new Promise((resolve) => setImmediate(resolve));
      return player.until(new Promise(() => {})).then(
        () => 'settled',
        () => 'told',
      );
    };
    expect(await player.until(inner())).toBe('told');
  });
});

test('run plays until no timer runs', async () => {
  const { player, clock } = scene();
  clock.after(10, () => clock.after(20, () => {}));
  await player.run();
  expect([clock.now(), clock.pending]).toEqual([30, 0]);
});

describe('what does not end', () => {
  test('turns: somebody who is ready and does nothing about it', async () => {
    const { player, loop } = scene({ maxTurns: 50 });
    loop.register({ readiness: () => EVENT_READ }, { onReady: () => {} }).modify('read');
    await expect(player.settle()).rejects.toThrow('settle: still busy after 50 turns');
  });

  test('time: a timer that sets itself again and again', async () => {
    const { player, clock } = scene({ maxMs: 500 });
    const again = (): void => void clock.after(100, again);
    again();
    await expect(player.run()).rejects.toThrow('run: still not over after 500 ms');
  });

  test('what is thrown into a turn, or by a timer, ends the waits', async () => {
    const { player, clock, loop } = scene();
    const boom = (): never => {
      throw new Error('boom');
    };
    loop.atEndOfTurn({ run: boom });
    await expect(player.settle()).rejects.toThrow('boom');
    clock.after(1, boom);
    await expect(player.run()).rejects.toThrow('boom');
    await player.settle();
  });
});
