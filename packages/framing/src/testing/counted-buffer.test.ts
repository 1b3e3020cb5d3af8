import { expect, test } from 'vitest';
import { CountedBuffer } from './counted-buffer.ts';

/** A buffer of the bytes 0 to 9, and the reads that were made of it. */
function createBuffer(): { buffer: CountedBuffer; reads: () => number } {
  let reads = 0;
  const buffer = new CountedBuffer((count) => {
    reads += count;
  });
  buffer.append(Uint8Array.from({ length: 10 }, (_, index) => index));
  return { buffer, reads: () => reads };
}

test('reads are counted during a call, and only then', () => {
  const { buffer, reads } = createBuffer();
  buffer.watched(({ bytes, start }) => bytes[start + 1]);
  expect(reads()).toBe(1);
  expect(buffer.bytes[2]).toBe(2);
  expect(reads()).toBe(1);
});

test.each([2, 8])('%i bytes that are taken are real, and not counted', (count) => {
  const { buffer, reads } = createBuffer();
  const taken = buffer.watched((watched) => {
    watched.consume(1);
    const bytes = watched.take(count);
    // What is left is counted as before.
    expect(watched.bytes[watched.start]).toBe(count + 1);
    return bytes;
  });
  expect(ArrayBuffer.isView(taken)).toBe(true);
  expect(taken[0]).toBe(1);
  expect(reads()).toBe(1);
  expect(ArrayBuffer.isView(buffer.bytes)).toBe(true);
});

test('a buffer that was cleared during a call is empty and real afterwards', () => {
  const { buffer } = createBuffer();
  buffer.watched((watched) => watched.clear());
  expect(buffer.length).toBe(0);
  expect(buffer.heldBytes).toBe(0);
});
