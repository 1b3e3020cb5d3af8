import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countDigits, writeDigits } from './digits.ts';

const EDGES = Array.from({ length: 16 }, (_, power) => 10 ** power).flatMap((n) => [n - 1, n]);

test('the digits are those that a number is written with', () => {
  const check = (value: number) => {
    const text = String(value);
    const bytes = new Uint8Array(20).fill(0x78);
    writeDigits(value, bytes, 18);
    expect(countDigits(value)).toBe(text.length);
    expect(String.fromCharCode(...bytes)).toBe(`${text.padStart(18, 'x')}xx`);
  };
  for (const value of [...EDGES, Number.MAX_SAFE_INTEGER]) check(value);
  fc.assert(fc.property(fc.maxSafeNat(), check));
});
