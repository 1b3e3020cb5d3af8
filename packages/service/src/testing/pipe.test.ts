import { ManualClock } from '@wireline/socket/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STEADY_LINE, type Line } from './line.ts';
import { Pipe } from './pipe.ts';

function pipeOf(line: Partial<Line> = {}, length = 100): { pipe: Pipe; clock: ManualClock } {
  const clock = new ManualClock();
  return { clock, pipe: new Pipe({ clock, length, line: { ...STEADY_LINE, ...line } }) };
}

function drain(pipe: Pipe): number[] {
  const into = new Uint8Array(1000);
  return [...into.subarray(0, pipe.read(into))];
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('bytes', () => {
  test('arrive at once on a steady line, and are its own', () => {
    const { pipe, clock } = pipeOf();
    const written = bytes(1, 2, 3);
    expect(pipe.write(written)).toBe(3);
    written.fill(9);
    expect(pipe.unread).toBe(3);
    expect(drain(pipe)).toEqual([1, 2, 3]);
    expect(drain(pipe)).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('are taken as far as there is room, in flight and unread together', () => {
    const { pipe, clock } = pipeOf({ delayMs: () => 5 }, 10);
    expect(pipe.write(new Uint8Array(8))).toBe(8);
    clock.advance(5);
    expect(pipe.write(new Uint8Array(8))).toBe(2);
    expect([pipe.unread, pipe.inFlight, pipe.space]).toEqual([8, 2, 0]);
    expect(pipe.write(new Uint8Array(8))).toBe(0);
  });

  test('a sender is told to go on when a third is free', () => {
    const { pipe } = pipeOf({}, 9);
    pipe.write(new Uint8Array(9));
    const into = new Uint8Array(1);
    expect(pipe.writable).toBe(false);
    pipe.read(into);
    pipe.read(into);
    expect(pipe.writable).toBe(false);
    pipe.read(into);
    expect(pipe.writable).toBe(true);
  });

  test('any cutting and any delays give the same bytes in the same order', () => {
    const step = fc.record({
      write: fc.uint8Array({ maxLength: 40 }),
      take: fc.integer({ min: 0, max: 40 }),
      give: fc.integer({ min: 0, max: 40 }),
      delayMs: fc.integer({ min: 0, max: 10 }),
      passMs: fc.integer({ min: 0, max: 10 }),
      bytesPerMs: fc.constantFrom(1, 3, Infinity),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom(1, 7, 64), (steps, length) => {
        let current = { take: 0, give: 0, delayMs: 0 };
        const { pipe, clock } = pipeOf(
          {
            take: (count) => Math.min(count, current.take),
            give: (count) => Math.min(count, current.give),
            delayMs: () => current.delayMs,
            bytesPerMs: steps[0]?.bytesPerMs ?? Infinity,
          },
          length,
        );
        const sent: number[] = [];
        const came: number[] = [];
        for (const each of steps) {
          current = each;
          sent.push(...each.write.subarray(0, pipe.write(each.write)));
          clock.advance(each.passMs);
          came.push(...drain(pipe));
          expect(pipe.inFlight + pipe.unread).toBe(sent.length - came.length);
          expect(pipe.space).toBeGreaterThanOrEqual(0);
        }
        current = { take: 0, give: 1000, delayMs: 0 };
        clock.advance(10_000);
        came.push(...drain(pipe));
        expect(came).toEqual(sent);
        expect(clock.pending).toBe(0);
      }),
    );
  });
});

describe('time', () => {
  test('what is late holds up what follows, marks too', () => {
    let delayMs = 7;
    const { pipe, clock } = pipeOf({ delayMs: () => delayMs });
    const marks: string[] = [];
    pipe.write(bytes(1));
    delayMs = 0;
    pipe.write(bytes(2));
    pipe.mark(() => marks.push(`end after ${pipe.unread}`));
    clock.advance(6);
    expect([pipe.unread, marks]).toEqual([0, []]);
    clock.advance(1);
    expect([drain(pipe), marks]).toEqual([[1, 2], ['end after 2']]);
  });

  test('a slow line carries so many bytes a millisecond, piece by piece', () => {
    const { pipe, clock } = pipeOf({ bytesPerMs: 2 }, 1000);
    pipe.write(new Uint8Array(100));
    clock.advance(24);
    expect(pipe.unread).toBe(48);
    clock.advance(25);
    expect(pipe.unread).toBe(96);
    clock.advance(1);
    expect(pipe.unread).toBe(100);
    expect(clock.pending).toBe(0);
  });

  test('nothing arrives while it is held; everything does when it is released', () => {
    const { pipe, clock } = pipeOf();
    pipe.hold();
    pipe.write(bytes(1, 2));
    clock.advance(1000);
    expect([pipe.unread, pipe.inFlight]).toEqual([0, 2]);
    pipe.release();
    expect(drain(pipe)).toEqual([1, 2]);
  });

  test('what is dropped does not arrive, and its timer is gone', () => {
    const { pipe, clock } = pipeOf({ delayMs: () => 5 });
    pipe.write(bytes(1));
    pipe.drop();
    expect([pipe.inFlight, clock.pending]).toEqual([0, 0]);
  });
});

describe('endings', () => {
  test('a mark after so many bytes comes behind the last of them and before any other', () => {
    const { pipe } = pipeOf();
    const marks: number[] = [];
    pipe.write(bytes(1));
    pipe.markAfter(2, () => marks.push(pipe.unread));
    expect(pipe.write(bytes(2))).toBe(1);
    expect(marks).toEqual([]);
    expect(pipe.write(bytes(3, 4, 5))).toBe(3);
    expect(marks).toEqual([3]);
    expect(drain(pipe)).toEqual([1, 2, 3, 4, 5]);
  });

  test('a mark after no bytes comes at once', () => {
    const { pipe } = pipeOf();
    const marks: string[] = [];
    pipe.markAfter(0, () => marks.push('here'));
    expect(marks).toEqual(['here']);
  });

  test('bytes that nobody wants are told of, and take no room', () => {
    const { pipe } = pipeOf({}, 10);
    let refused = 0;
    pipe.write(bytes(1));
    pipe.refuse(() => (refused += 1));
    expect(drain(pipe)).toEqual([1]);
    pipe.write(new Uint8Array(10));
    expect([refused, pipe.unread, pipe.space]).toEqual([1, 0, 10]);
  });

  test('a mark may do to its pipe what it wants', () => {
    const { pipe, clock } = pipeOf({ delayMs: () => 1 });
    pipe.mark(() => {
      pipe.drop();
      pipe.write(bytes(7));
    });
    pipe.write(bytes(1));
    clock.advance(1);
    expect(pipe.unread).toBe(0);
    clock.advance(1);
    expect(drain(pipe)).toEqual([7]);
    expect(clock.pending).toBe(0);
  });
});
