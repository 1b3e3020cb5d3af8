/** The search for delimiters, held against one that does not care for time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { raw } from '../../test/codec.ts';
import { Delimiters } from './delimiters.ts';
import { findByte } from './find-byte.ts';

/** Where the first delimiter that is complete ends, and how long the longest that ends there is. */
function naive(all: readonly Uint8Array[], bytes: Uint8Array, start: number): [number, number] {
  for (let end = start + 1; end <= bytes.length; end++) {
    const lengths = all
      .filter(({ length }) => end - length >= start)
      .filter((each) => each.every((byte, index) => bytes[end - each.length + index] === byte))
      .map(({ length }) => length);
    if (lengths.length > 0) return [end, Math.max(...lengths)];
  }
  return [-1, 0];
}

function maybeDelimiters(all: readonly Uint8Array[]): Delimiters | undefined {
  try {
    return new Delimiters(all);
  } catch {
    return undefined;
  }
}

const letters = (maxLength: number, minLength = 0) =>
  fc.uint8Array({ minLength, maxLength, min: 0x61, max: 0x63 });

test('finds what a naive search finds, wherever it begins to look', () => {
  let tried = 0;
  const property = fc.property(
    fc.array(letters(4, 1), { minLength: 1, maxLength: 4 }),
    letters(300),
    fc.nat(10),
    (all, bytes, start) => {
      const delimiters = maybeDelimiters(all);
      if (delimiters === undefined || start > bytes.length) return;
      tried++;
      const [end, length] = naive(all, bytes, start);
      expect(delimiters.find(bytes, start, start, bytes.length)).toBe(end);
      if (end === -1) return;
      expect(delimiters.foundLength).toBe(length);
      // Bytes that have been looked at are not looked at again.
      for (let from = start; from < end; from++) {
        expect(delimiters.find(bytes, start, from, bytes.length)).toBe(end);
      }
      expect(delimiters.find(bytes, start, start, end - 1)).toBe(-1);
    },
  );
  fc.assert(property, { numRuns: 2000 });
  expect(tried).toBeGreaterThan(500);
});

test('refuses exactly those sets in which one could never be found', () => {
  const property = fc.property(fc.array(letters(3, 1), { minLength: 1, maxLength: 3 }), (all) => {
    // One that is hidden is not found in a stream that is nothing else.
    const isHidden = (each: Uint8Array, index: number) => {
      const [end, length] = naive(all, each, 0);
      const isTwice = all.slice(0, index).some((other) => Buffer.compare(other, each) === 0);
      return isTwice || end !== each.length || length !== each.length;
    };
    expect(maybeDelimiters(all) === undefined).toBe(all.some(isHidden));
  });
  fc.assert(property, { numRuns: 2000 });
});

test('a byte is found within bounds, near and far', () => {
  for (const length of [0, 1, 63, 64, 65, 200]) {
    const bytes = raw('#', new Uint8Array(length), '#', 0, '#');
    expect(findByte(bytes, 0x23, 1, bytes.length)).toBe(length + 1);
    expect(findByte(bytes, 0x23, 1, length + 1)).toBe(-1);
    expect(findByte(bytes, 0x23, length + 2, bytes.length)).toBe(length + 3);
    expect(findByte(bytes, 0x23, bytes.length, bytes.length)).toBe(-1);
  }
});
