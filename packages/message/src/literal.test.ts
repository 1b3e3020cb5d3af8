import { expect, test } from 'vitest';
import { Literal } from './literal.ts';
import { viewOf } from './view-of.ts';

test('stands where its bytes stand, whatever its length', () => {
  for (let length = 0; length <= 40; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => 200 + index);
    const memory = viewOf(Uint8Array.of(1, 2, 3, ...bytes, 4));
    const literal = new Literal(bytes);
    expect(literal.length).toBe(length);
    expect(literal.standsAt(memory, 3, 3 + length)).toBe(true);
    expect(literal.standsAt(memory, 3, 4 + length)).toBe(true);
    if (length > 0) {
      expect(literal.standsAt(memory, 3, 2 + length)).toBe(false);
      expect(literal.standsAt(memory, 2, 3 + length)).toBe(false);
      expect(literal.standsAt(memory, 4, 4 + length)).toBe(false);
    }
  }
});

test('no bit may differ', () => {
  for (let length = 1; length <= 40; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => 200 + index);
    const literal = new Literal(bytes);
    for (let bit = 0; bit < length * 8; bit++) {
      const changed = bytes.slice();
      const at = bit >> 3;
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
      expect(literal.standsAt(viewOf(changed), 0, length)).toBe(false);
    }
  }
});

test('is a copy', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const literals = [new Literal(bytes), new Literal(bytes.subarray(3, 5))];
  const before = viewOf(bytes.slice());
  bytes.fill(0);
  expect(literals.map((literal) => literal.standsAt(before, 0, 9))).toEqual([true, false]);
  expect(literals[1]?.standsAt(before, 3, 5)).toBe(true);
});
