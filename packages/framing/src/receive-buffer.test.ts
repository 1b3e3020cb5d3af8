/**
 * The receive buffer, by examples and against a model. It is long because all ways in and out share one window.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BufferFullError } from './errors.ts';
import { ReceiveBuffer } from './receive-buffer.ts';

const bytesFrom = (first: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, index) => (first + index) & 0xff);

const unreadOf = ({ bytes, start, end }: ReceiveBuffer): number[] => [
  ...bytes.subarray(start, end),
];

/** Receives `chunk` as an event loop does, without settling. Returns how many bytes there was room for. */
function receive(buffer: ReceiveBuffer, chunk: Uint8Array, scratch: Uint8Array): number {
  const room = buffer.beginReceive(scratch);
  const piece = chunk.subarray(0, room.length);
  room.set(piece);
  buffer.endReceive(piece.length);
  return piece.length;
}

describe('append, consume and take', () => {
  test('keep the order of the bytes and count them', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(Uint8Array.of(1, 2, 3));
    buffer.append(Uint8Array.of(4, 5));
    buffer.consume(1);
    expect([...buffer.take(2)]).toEqual([2, 3]);
    expect(unreadOf(buffer)).toEqual([4, 5]);
    expect(buffer.length).toBe(2);
    expect(buffer.offset).toBe(3);
  });

  test('append copies: the chunk is the caller’s to change', () => {
    const buffer = new ReceiveBuffer();
    const chunk = Uint8Array.of(1, 2);
    buffer.append(chunk);
    chunk.fill(9);
    expect(unreadOf(buffer)).toEqual([1, 2]);
  });

  test('take hands the store over when it is mostly that frame', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(bytesFrom(0, 100));
    const store = buffer.bytes;
    const taken = buffer.take(90);
    expect(taken.buffer).toBe(store.buffer);
    expect(buffer.bytes).not.toBe(store);
    expect(buffer.bytes.buffer).not.toBe(store.buffer);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(90, 10)]);
  });

  test.each([10, 49])(
    'take copies %i of 100 bytes, so that no frame pins twice its size',
    (count) => {
      const buffer = new ReceiveBuffer();
      buffer.append(bytesFrom(0, 100));
      expect(buffer.take(count).buffer.byteLength).toBe(count);
    },
  );

  test('append never holds more than twice what came', () => {
    const buffer = new ReceiveBuffer();
    for (let received = 1000; received <= 1_000_000; received += 1000) {
      buffer.append(new Uint8Array(1000));
      expect(buffer.heldBytes).toBeLessThanOrEqual(2 * received);
    }
  });

  test.each([4, -1, NaN, Infinity])('%d of 3 bytes is refused and changes nothing', (count) => {
    const buffer = new ReceiveBuffer();
    buffer.append(Uint8Array.of(1, 2, 3));
    expect(() => buffer.consume(count)).toThrow(
      new RangeError(`consume ${count} bytes: only 3 are unread`),
    );
    expect(() => buffer.take(count)).toThrow(RangeError);
    expect(unreadOf(buffer)).toEqual([1, 2, 3]);
    expect(buffer.offset).toBe(0);
  });

  test('clear forgets the unread bytes, not the place in the stream', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(bytesFrom(0, 5));
    buffer.clear();
    expect(buffer).toMatchObject({ length: 0, offset: 5, heldBytes: 0 });
  });
});

describe('receiving into a scratch buffer', () => {
  test('holds no memory when everything is used before settle', () => {
    const buffer = new ReceiveBuffer();
    const scratch = new Uint8Array(100);
    expect(receive(buffer, bytesFrom(0, 40), scratch)).toBe(40);
    expect(buffer.bytes).toBe(scratch);
    buffer.consume(40);
    buffer.settle();
    expect(buffer.heldBytes).toBe(0);
    expect(buffer.bytes).not.toBe(scratch);
  });

  test('keeps a copy of the tail alone', () => {
    const buffer = new ReceiveBuffer();
    const scratch = new Uint8Array(100);
    receive(buffer, bytesFrom(0, 40), scratch);
    buffer.consume(30);
    buffer.settle();
    scratch.fill(0xee);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(30, 10)]);
    expect(buffer.heldBytes).toBe(10);
  });

  test('puts a small tail in front of the fresh bytes', () => {
    const buffer = new ReceiveBuffer();
    const scratch = new Uint8Array(100);
    receive(buffer, bytesFrom(0, 10), scratch);
    buffer.settle();
    expect(receive(buffer, bytesFrom(10, 10), scratch)).toBe(10);
    expect(buffer.bytes).toBe(scratch);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(0, 20)]);
  });

  test('receives behind a large tail in place', () => {
    const buffer = new ReceiveBuffer();
    const scratch = new Uint8Array(16);
    receive(buffer, bytesFrom(0, 9), scratch);
    receive(buffer, bytesFrom(9, 1000), scratch);
    expect(buffer.bytes).not.toBe(scratch);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(0, 1009)]);
  });

  test('moves a long frame that comes byte by byte a handful of times', () => {
    const buffer = new ReceiveBuffer({ maxLength: 400 * 1024 });
    const scratch = new Uint8Array(64);
    let moves = 0;
    for (let count = 0; count < buffer.maxLength; count++) {
      const before = buffer.bytes;
      receive(buffer, Uint8Array.of(count), scratch);
      if (buffer.length > 64 && buffer.bytes !== before) moves++;
    }
    // Room of 64 KiB at first, then doubling up to the cap.
    expect(moves).toBeLessThanOrEqual(6);
  });

  test('exchanges a store that is mostly used up', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(new Uint8Array(1024 * 1024));
    for (let taken = 0; taken < 1023; taken++) buffer.consume(1024);
    buffer.settle();
    expect(buffer.heldBytes).toBe(1024);
  });
});

describe('the cap', () => {
  test('append throws BufferFullError and leaves the buffer usable', () => {
    const buffer = new ReceiveBuffer({ maxLength: 4 });
    buffer.append(Uint8Array.of(1, 2, 3));
    expect(() => buffer.append(Uint8Array.of(4, 5))).toThrow(
      'keep 5 received bytes: the cap is 4 bytes (option maxLength)',
    );
    expect(unreadOf(buffer)).toEqual([1, 2, 3]);
    buffer.consume(1);
    buffer.append(Uint8Array.of(4, 5));
    expect(unreadOf(buffer)).toEqual([2, 3, 4, 5]);
  });

  test.each([16, 1024])('holds with a scratch buffer of %i bytes', (length) => {
    const buffer = new ReceiveBuffer({ maxLength: 20 });
    const scratch = new Uint8Array(length);
    let received = 0;
    while (received < 20) received += receive(buffer, bytesFrom(received, 1000), scratch);
    expect(received).toBe(20);
    expect(() => buffer.beginReceive(scratch)).toThrow(BufferFullError);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(0, 20)]);
    buffer.consume(5);
    expect(receive(buffer, bytesFrom(20, 1000), scratch)).toBe(5);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(5, 20)]);
  });
});

const CAP = 4000;
const RECEIVE_ROOM = 64 * 1024;

/** What came of a call, the same for the buffer and for its model. */
type Outcome = 'done' | 'full' | readonly number[];

/** The model: a plain queue of bytes with a cap. */
class ByteQueue {
  readonly bytes: number[] = [];
  received = 0;
  consumed = 0;

  push(chunk: Uint8Array): Outcome {
    if (this.bytes.length + chunk.length > CAP) return 'full';
    this.bytes.push(...chunk);
    this.received += chunk.length;
    return 'done';
  }

  shift(count: number): Outcome {
    this.consumed += count;
    return this.bytes.splice(0, count);
  }
}

type Action =
  | { readonly do: 'append' | 'receive'; readonly length: number }
  | { readonly do: 'consume' | 'take'; readonly share: number }
  | { readonly do: 'settle' | 'clear' };

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constantFrom('append' as const, 'receive' as const),
    length: fc.oneof(fc.nat(40), fc.nat(3000)),
  }),
  fc.record({
    do: fc.constantFrom('consume' as const, 'take' as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ do: fc.constantFrom('settle' as const, 'settle' as const, 'clear' as const) }),
);

/** A buffer and its model, to which the same is done. */
class Pair {
  readonly buffer = new ReceiveBuffer({ maxLength: CAP });
  readonly queue = new ByteQueue();
  readonly taken: { readonly bytes: Uint8Array; readonly copy: readonly number[] }[] = [];
  readonly #scratch: Uint8Array;

  constructor(scratchLength: number) {
    this.#scratch = new Uint8Array(scratchLength);
  }

  perform(action: Action): { readonly actual: Outcome; readonly expected: Outcome } {
    const { buffer, queue } = this;
    switch (action.do) {
      case 'append': {
        const chunk = bytesFrom(queue.received, action.length);
        const actual = whetherFull(() => buffer.append(chunk));
        return { actual, expected: queue.push(chunk) };
      }
      case 'receive':
        return this.#receive(bytesFrom(queue.received, action.length));
      case 'consume': {
        const expected = queue.shift(Math.floor(action.share * queue.bytes.length));
        const actual = unreadOf(buffer).slice(0, expected.length);
        buffer.consume(expected.length);
        return { actual, expected };
      }
      case 'take': {
        const expected = queue.shift(Math.floor(action.share * queue.bytes.length));
        const bytes = buffer.take(expected.length);
        this.taken.push({ bytes, copy: [...bytes] });
        return { actual: [...bytes], expected };
      }
      case 'settle':
        this.#settle();
        return { actual: 'done', expected: 'done' };
      case 'clear':
        buffer.clear();
        queue.shift(queue.bytes.length);
        return { actual: 'done', expected: 'done' };
    }
  }

  #receive(chunk: Uint8Array): { readonly actual: Outcome; readonly expected: Outcome } {
    const { buffer, queue } = this;
    this.#settle();
    let length = 0;
    const actual = whetherFull(() => {
      length = receive(buffer, chunk, this.#scratch);
    });
    if (actual === 'full') return { actual, expected: queue.push(Uint8Array.of(0)) };
    return { actual, expected: queue.push(chunk.subarray(0, length)) };
  }

  /** Between settle and the next receive the scratch buffer belongs to other streams. */
  #settle(): void {
    this.buffer.settle();
    this.#scratch.fill(0xee);
  }
}

function whetherFull(call: () => void): Outcome {
  try {
    call();
    return 'done';
  } catch (error) {
    if (error instanceof BufferFullError) return 'full';
    throw error;
  }
}

test('any sequence of calls behaves as a plain queue of bytes', () => {
  const scratchLength = fc.constantFrom(16, 100, 4096, 64 * 1024);
  fc.assert(
    fc.property(fc.array(anyAction, { maxLength: 60 }), scratchLength, (actions, length) => {
      const pair = new Pair(length);
      const { buffer, queue } = pair;
      for (const action of actions) {
        const { actual, expected } = pair.perform(action);
        expect(actual).toEqual(expected);
        expect(buffer.length).toBe(queue.bytes.length);
        expect(buffer.offset).toBe(queue.consumed);
        expect(unreadOf(buffer)).toEqual(queue.bytes);
        expect(buffer.heldBytes).toBeLessThanOrEqual(2 * queue.received + RECEIVE_ROOM);
      }
      // What was taken belongs to the taker: nothing that came later has changed it.
      for (const { bytes, copy } of pair.taken) expect([...bytes]).toEqual(copy);
    }),
    { numRuns: 300 },
  );
});

describe('lend', () => {
  test('a chunk is read where it is, and copied when it is to be given back', () => {
    const buffer = new ReceiveBuffer();
    const chunk = bytesFrom(0, 8);
    buffer.lend(chunk);
    expect(buffer.bytes.buffer).toBe(chunk.buffer);
    expect([buffer.heldBytes, buffer.isStable]).toEqual([0, false]);
    const taken = buffer.take(3);
    buffer.settle();
    chunk.fill(0xee);
    expect([...taken, ...unreadOf(buffer)]).toEqual([...bytesFrom(0, 8)]);
    expect(buffer.heldBytes).toBe(5);
  });

  test('behind unread bytes it is copied', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(bytesFrom(0, 2));
    const chunk = bytesFrom(2, 4);
    buffer.lend(chunk);
    chunk.fill(0xee);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(0, 6)]);
  });
});

describe('adopt', () => {
  test('a chunk becomes the store: nothing is copied', () => {
    const buffer = new ReceiveBuffer();
    const chunk = bytesFrom(0, 100);
    buffer.adopt(chunk);
    expect(buffer.bytes.buffer).toBe(chunk.buffer);
    expect(unreadOf(buffer)).toEqual([...chunk]);
    expect(buffer.heldBytes).toBe(100);
    expect(buffer.take(100).buffer).toBe(chunk.buffer);
  });

  test('a part of other memory: what is around it is not seen', () => {
    const memory = bytesFrom(0, 100);
    const buffer = new ReceiveBuffer();
    buffer.adopt(memory.subarray(10, 20));
    expect(unreadOf(buffer)).toEqual([...bytesFrom(10, 10)]);
    expect([...buffer.take(6)]).toEqual([...bytesFrom(10, 6)]);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(16, 4)]);
  });

  test('a Buffer becomes plain bytes, whose slice is a copy', () => {
    const buffer = new ReceiveBuffer();
    buffer.adopt(Buffer.from('abcdefgh'));
    expect(Object.getPrototypeOf(buffer.bytes)).toBe(Uint8Array.prototype);
    expect(Object.getPrototypeOf(buffer.take(8))).toBe(Uint8Array.prototype);
  });

  test('behind unread bytes it is copied', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(Uint8Array.of(1, 2));
    const chunk = Uint8Array.of(3, 4);
    buffer.adopt(chunk);
    chunk.fill(9);
    expect(unreadOf(buffer)).toEqual([1, 2, 3, 4]);
  });

  test('the chunk is never written to, whatever comes next', () => {
    const chunk = bytesFrom(0, 100);
    const scratch = new Uint8Array(64);
    const property = fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom('append', 'receive', 'adopt', 'lend', 'consume', 'take', 'settle'),
          fc.nat(120),
        ),
        {
          maxLength: 12,
        },
      ),
      (steps) => {
        const buffer = new ReceiveBuffer();
        const model: number[] = [...chunk];
        buffer.adopt(chunk);
        for (const [step, count] of steps) {
          const fresh = bytesFrom(count, count);
          const few = Math.min(count, buffer.length);
          if (step === 'append') buffer.append(fresh);
          if (step === 'adopt') buffer.adopt(fresh);
          if (step === 'lend') buffer.lend(fresh);
          if (['append', 'adopt', 'lend'].includes(step)) model.push(...fresh);
          if (step === 'receive') model.push(...fresh.subarray(0, receive(buffer, fresh, scratch)));
          if (step === 'consume') buffer.consume(few);
          if (step === 'take') expect([...buffer.take(few)]).toEqual(model.slice(0, few));
          if (step === 'consume' || step === 'take') model.splice(0, few);
          if (step === 'settle') buffer.settle();
          expect(unreadOf(buffer)).toEqual(model);
          if (step !== 'lend') continue;
          buffer.settle();
          fresh.fill(0xee); // whoever lent it may use it again
          expect(unreadOf(buffer)).toEqual(model);
        }
        expect(chunk).toEqual(bytesFrom(0, 100));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  test('into the cap it fits or not, like every chunk', () => {
    const buffer = new ReceiveBuffer({ maxLength: 3 });
    expect(() => buffer.adopt(bytesFrom(0, 4))).toThrow(BufferFullError);
    expect(buffer.length).toBe(0);
    buffer.adopt(bytesFrom(0, 3));
    expect(() => buffer.adopt(bytesFrom(0, 1))).toThrow(BufferFullError);
    expect(unreadOf(buffer)).toEqual([0, 1, 2]);
  });

  test('memory that was lent is given back first', () => {
    const buffer = new ReceiveBuffer();
    const scratch = new Uint8Array(16);
    receive(buffer, bytesFrom(0, 4), scratch);
    buffer.adopt(bytesFrom(4, 4));
    scratch.fill(0);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(0, 8)]);
    buffer.consume(8);
    receive(buffer, bytesFrom(0, 4), scratch);
    buffer.consume(4);
    buffer.adopt(bytesFrom(8, 4));
    scratch.fill(0);
    expect(unreadOf(buffer)).toEqual([...bytesFrom(8, 4)]);
  });
});

describe('what is expected', () => {
  const LENGTH = 200_000;
  const frame = Uint8Array.from({ length: LENGTH }, (_, index) => index % 251);
  const scratch = new Uint8Array(64 * 1024);

  /** Receives as an event loop does, `most` bytes at a time, until a frame of `LENGTH` bytes is there. */
  function receiveFrame(buffer: ReceiveBuffer, most: number): Uint8Array {
    for (let at = 0; at < LENGTH;) {
      const room = buffer.beginReceive(scratch);
      const count = Math.min(room.length, most, LENGTH - at);
      room.set(frame.subarray(at, at + count));
      buffer.endReceive(count);
      at += count;
      if (at < LENGTH) buffer.expect(LENGTH);
      else return buffer.take(LENGTH);
      buffer.settle();
    }
    throw new Error('no frame');
  }

  test.each([1000, 20_000, 64 * 1024, LENGTH])('comes whole, %d bytes at a time', (most) => {
    const buffer = new ReceiveBuffer();
    expect(Buffer.compare(receiveFrame(buffer, most), frame)).toBe(0);
    buffer.settle();
    expect([buffer.length, buffer.heldBytes]).toEqual([0, 0]);
  });

  test('is not made room for beyond a multiple of what has come', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(frame.subarray(0, 100));
    buffer.expect(30 * 1024 * 1024);
    buffer.settle();
    expect(buffer.heldBytes).toBeLessThan(1000);
    buffer.append(frame.subarray(0, 50_000));
    buffer.expect(30 * 1024 * 1024);
    buffer.beginReceive(scratch);
    expect(buffer.heldBytes).toBeLessThan(500_000);
  });

  test('is known to have come when nothing has come behind it', () => {
    const buffer = new ReceiveBuffer();
    expect(buffer.hasAllExpected).toBe(false);
    buffer.append(frame.subarray(0, 20_000));
    buffer.expect(30_000);
    expect(buffer.hasAllExpected).toBe(false);
    buffer.append(frame.subarray(20_000, 30_000));
    expect(buffer.hasAllExpected).toBe(true);
    buffer.take(30_000);
    expect(buffer.hasAllExpected).toBe(false);
    buffer.append(frame.subarray(0, 30_001));
    buffer.expect(30_000);
    expect(buffer.hasAllExpected).toBe(false);
  });

  test('does not keep what follows it from being appended', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(frame.subarray(0, 20_000));
    buffer.expect(30_000);
    buffer.append(frame.subarray(20_000, 100_000));
    expect(Buffer.compare(buffer.take(100_000), frame.subarray(0, 100_000))).toBe(0);
  });

  test('is received into what was given back, and none else is made', () => {
    const buffer = new ReceiveBuffer();
    const memory = new Set<ArrayBufferLike>();
    for (let n = 0; n < 50; n++) {
      const bytes = receiveFrame(buffer, 64 * 1024);
      expect(Buffer.compare(bytes, frame)).toBe(0);
      memory.add(bytes.buffer);
      bytes.fill(255);
      buffer.giveBack(bytes);
      expect(buffer.heldBytes).toBe(LENGTH);
    }
    expect(memory.size).toBe(1);
    buffer.forgetSpares();
    expect(buffer.heldBytes).toBe(0);
  });

  test('what is given back is kept up to 1 MiB, and views of other things are not', () => {
    const buffer = new ReceiveBuffer();
    for (let n = 0; n < 100; n++) buffer.giveBack(new Uint8Array(100_000));
    expect(buffer.heldBytes).toBeLessThanOrEqual(1024 * 1024);
    expect(buffer.heldBytes).toBeGreaterThan(900_000);
    buffer.forgetSpares();
    buffer.giveBack(new Uint8Array(100_000).subarray(1));
    buffer.giveBack(new Uint8Array(100_000).subarray(0, 40_000));
    buffer.giveBack(new Uint8Array(100));
    expect(buffer.heldBytes).toBe(0);
  });
});
