import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { halfFromBits, maybeHalfBits } from './half-float.ts';

/** From IEEE 754, and the tests of CPython: Lib/test/test_struct.py. */
test.each<[number, number]>([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [1.5, 0x3e00],
  [-2, 0xc000],
  [1 / 3, 0x3555],
  [65_504, 0x7bff],
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -24, 0x03ff],
  [2 ** -24, 0x0001],
  [-(2 ** -24), 0x8001],
  [Infinity, 0x7c00],
  [-Infinity, 0xfc00],
  [NaN, 0x7e00],
])('%d is %i', (number, bits) => {
  expect(maybeHalfBits(number)).toBe(bits);
});

test.each<[string, number, number]>([
  ['below the middle', 1 + 2 ** -11 - 2 ** -50, 0x3c00],
  ['from the middle to the even one, down', 1 + 2 ** -11, 0x3c00],
  ['above the middle', 1 + 2 ** -11 + 2 ** -50, 0x3c01],
  ['from the middle to the even one, up', 1 + 3 * 2 ** -11, 0x3c02],
  ['up to the next power of 2', 2 - 2 ** -12, 0x4000],
  ['up to the first normal number', 2 ** -14 - 2 ** -26, 0x0400],
  ['half of the smallest, to 0', 2 ** -25, 0x0000],
  ['more than half of the smallest', 2 ** -25 + 2 ** -60, 0x0001],
  ['the smallest number of all, to 0', -5e-324, 0x8000],
  ['as large as it gets', 65_519.99, 0x7bff],
  // By way of 32 bits this one would be 1 + 2 ** -11, the middle, and go down.
  ['once, not twice', 1 + 2 ** -11 + 2 ** -40, 0x3c01],
])('rounds %s', (_, number, bits) => {
  expect(maybeHalfBits(number)).toBe(bits);
});

test('what is finite and would be infinite has no bits', () => {
  for (const number of [65_520, -65_520, 65_536, 1e300, -Number.MAX_VALUE]) {
    expect(maybeHalfBits(number)).toBeUndefined();
  }
});

test('all 65536 come back', () => {
  const all = Array.from({ length: 2 ** 16 }, (_, bits) => bits);
  const isNaN = (bits: number) => (bits & 0x7fff) > 0x7c00;
  expect(all.filter((bits) => Number.isNaN(halfFromBits(bits)) !== isNaN(bits))).toEqual([]);
  const changed = all.filter((bits) => maybeHalfBits(halfFromBits(bits)) !== bits);
  expect(changed).toEqual(all.filter((bits) => isNaN(bits) && bits !== 0x7e00));
});

test('Python reads the same numbers from all of them', () => {
  const program =
    'import struct, sys; halves = struct.unpack("=65536e", struct.pack("=65536H", *range(65536)));' +
    'sys.stdout.buffer.write(struct.pack("=65536d", *halves))';
  const { buffer, byteOffset } = execFileSync('python3', ['-c', program], { maxBuffer: 2 ** 20 });
  const theirs = [...new Float64Array(buffer.slice(byteOffset, byteOffset + 2 ** 19))];
  // Zeros have signs: toEqual tells them apart, and takes one NaN for another.
  expect(theirs.map((_, bits) => halfFromBits(bits))).toEqual(theirs);
});

test('any number goes to the nearest', () => {
  const size = fc.double({ min: 0, max: 65_519, noNaN: true });
  fc.assert(
    fc.property(size, (number) => {
      const bits = maybeHalfBits(number) ?? NaN;
      const distance = (other: number) => Math.abs(halfFromBits(other) - number);
      expect(distance(bits)).toBeLessThanOrEqual(distance(Math.max(bits - 1, 0)));
      if (bits < 0x7bff) expect(distance(bits)).toBeLessThanOrEqual(distance(bits + 1));
    }),
    { numRuns: 2000 },
  );
});
