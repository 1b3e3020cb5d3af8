import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockPool } from './block-pool.ts';
import { BufferFullError } from './errors.ts';
import { SendBuffer } from './send-buffer.ts';

const waitingIn = ({ bytes, start, end }: SendBuffer): number[] => [...bytes.subarray(start, end)];

describe('a send buffer', () => {
  test('adds what is written between reserve and commit', () => {
    const buffer = new SendBuffer();
    const at = buffer.reserve(2);
    buffer.bytes[at] = 1;
    buffer.bytes[at + 1] = 2;
    expect(buffer.length).toBe(0);
    buffer.commit(2);
    expect(waitingIn(buffer)).toEqual([1, 2]);
  });

  test('keeps nothing of a frame that was reserved and not committed', () => {
    const buffer = new SendBuffer();
    buffer.append(Uint8Array.of(1));
    buffer.bytes[buffer.reserve(1)] = 9;
    buffer.append(Uint8Array.of(2));
    expect(waitingIn(buffer)).toEqual([1, 2]);
  });

  test('gives its block back when all is sent', () => {
    const pool = new BlockPool({ blockLength: 8 });
    const buffer = new SendBuffer({ pool });
    buffer.append(Uint8Array.of(1, 2, 3));
    const block = buffer.bytes;
    buffer.consume(3);
    expect(buffer.bytes.length).toBe(0);
    expect(pool.take(1)).toBe(block);
  });

  test('gives its block back when it outgrows it', () => {
    const pool = new BlockPool({ blockLength: 8 });
    const buffer = new SendBuffer({ pool });
    buffer.append(Uint8Array.of(1, 2, 3));
    const block = buffer.bytes;
    buffer.append(new Uint8Array(20));
    expect(pool.take(1)).toBe(block);
  });

  test('moves to the front of a block that is half sent, instead of growing', () => {
    const buffer = new SendBuffer({ pool: new BlockPool({ blockLength: 8 }) });
    buffer.append(Uint8Array.of(1, 2, 3, 4, 5, 6));
    const block = buffer.bytes;
    buffer.consume(4);
    buffer.append(Uint8Array.of(7, 8, 9));
    expect(buffer.bytes).toBe(block);
    expect(waitingIn(buffer)).toEqual([5, 6, 7, 8, 9]);
  });

  test.each([3, -1, NaN])('%d of 2 bytes cannot have been sent', (count) => {
    const buffer = new SendBuffer();
    buffer.append(Uint8Array.of(1, 2));
    expect(() => buffer.consume(count)).toThrow(
      new RangeError(`consume ${count} bytes: only 2 wait`),
    );
    expect(waitingIn(buffer)).toEqual([1, 2]);
  });

  test('keeps to a cap that is smaller than a block', () => {
    const buffer = new SendBuffer({ maxLength: 4 });
    buffer.append(Uint8Array.of(1, 2, 3));
    expect(() => buffer.reserve(2)).toThrow(
      'keep 5 bytes to be sent: the cap is 4 bytes (option maxLength)',
    );
    expect(() => buffer.append(Uint8Array.of(4, 5))).toThrow(BufferFullError);
    buffer.consume(1);
    buffer.append(Uint8Array.of(4, 5));
    expect(waitingIn(buffer)).toEqual([2, 3, 4, 5]);
  });
});

const CAP = 100;

/** A stream's buffer beside the plain queue that it must behave as. */
class Pair {
  readonly buffer: SendBuffer;
  readonly queue: number[] = [];

  constructor(pool: BlockPool) {
    this.buffer = new SendBuffer({ pool, maxLength: CAP });
  }

  /** Returns whether buffer and queue took it. */
  append(chunk: Uint8Array): { readonly actual: boolean; readonly expected: boolean } {
    const expected = this.queue.length + chunk.length <= CAP;
    if (expected) this.queue.push(...chunk);
    try {
      this.buffer.append(chunk);
      return { actual: true, expected };
    } catch (error) {
      if (error instanceof BufferFullError) return { actual: false, expected };
      throw error;
    }
  }

  consume(most: number): void {
    const sent = this.queue.splice(0, most);
    this.buffer.consume(sent.length);
  }
}

test('any sequence of calls behaves as a plain queue of bytes, and two streams never mix', () => {
  const anyAction = fc.record({ stream: fc.nat(1), append: fc.nat(60), consume: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(anyAction, { maxLength: 80 }), (actions) => {
      const pool = new BlockPool({ blockLength: 32, maxBlocks: 2 });
      const pairs = [new Pair(pool), new Pair(pool)] as const;
      let next = 0;
      for (const { stream, append, consume } of actions) {
        const pair = stream === 0 ? pairs[0] : pairs[1];
        const outcome = pair.append(Uint8Array.from({ length: append }, () => next++ & 0xff));
        expect(outcome.actual).toBe(outcome.expected);
        for (const { buffer, queue } of pairs) expect(waitingIn(buffer)).toEqual(queue);
        pair.consume(consume);
        for (const { buffer, queue } of pairs) expect(waitingIn(buffer)).toEqual(queue);
      }
    }),
    { numRuns: 300 },
  );
});

describe('lent chunks', () => {
  const chunk = Uint8Array.from({ length: 100 }, (_, index) => index);

  test('are sent from where they are, and what is left is copied when they are given back', () => {
    const pool = new BlockPool({ blockLength: 64 });
    const buffer = new SendBuffer({ pool });
    buffer.lend(chunk);
    expect(buffer.bytes).toBe(chunk);
    buffer.consume(70);
    buffer.settle();
    expect(buffer.bytes).not.toBe(chunk);
    expect(waitingIn(buffer)).toEqual([...chunk.subarray(70)]);
    buffer.append(Uint8Array.of(1, 2));
    expect(waitingIn(buffer)).toEqual([...chunk.subarray(70), 1, 2]);
  });

  test('are never given to the pool, nor written to', () => {
    const pool = new BlockPool({ blockLength: 100 });
    const buffer = new SendBuffer({ pool });
    buffer.lend(chunk);
    buffer.consume(100);
    expect(pool.take(100)).not.toBe(chunk);
    buffer.lend(chunk.subarray(0, 50));
    buffer.consume(10);
    buffer.append(Uint8Array.of(255));
    expect(waitingIn(buffer)).toEqual([...chunk.subarray(10, 50), 255]);
    expect(chunk[50]).toBe(50);
  });

  test('wait behind what waits already, and keep to the limit', () => {
    const buffer = new SendBuffer({ maxLength: 101 });
    buffer.append(Uint8Array.of(7));
    buffer.lend(chunk);
    expect(waitingIn(buffer)).toEqual([7, ...chunk]);
    expect(() => new SendBuffer({ maxLength: 99 }).lend(chunk)).toThrow('maxLength');
  });
});
