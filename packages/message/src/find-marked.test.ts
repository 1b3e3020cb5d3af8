import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findMarked } from './find-marked.ts';

/** All that may be marked: control characters, quote, backslash, and what is beyond ASCII. */
const markable = fc.oneof(
  fc.nat(0x1f),
  fc.constantFrom(0x22, 0x5c),
  fc.integer({ min: 0x80, max: 0xff }),
);
/** Bytes beside those that are looked for, and at the ends of ranges, come more often. */
const byte = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7f }),
  fc.constantFrom(0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff),
  markable,
);

test('finds the first marked byte, wherever the search begins and ends', () => {
  fc.assert(
    fc.property(
      fc.array(byte, { maxLength: 40 }),
      fc.array(markable, { maxLength: 40 }),
      fc.nat(8),
      fc.nat(8),
      (text, marked, before, behind) => {
        const bytes = Uint8Array.of(...Array<number>(before).fill(0x22), ...text);
        const all = Uint8Array.of(...bytes, ...Array<number>(behind).fill(0x22));
        const marks = new Uint8Array(0x100);
        for (const one of [...marked, 0x22]) marks[one] = 1;
        const index = text.findIndex((one) => marks[one] === 1);
        const expected = index === -1 ? bytes.length : before + index;
        expect(findMarked(new DataView(all.buffer), before, bytes.length, marks)).toBe(expected);
      },
    ),
    { numRuns: 2000 },
  );
});

test('among ordinary bytes, any other is found exactly if it is marked', () => {
  for (let value = 0; value < 0x100; value++) {
    if (value >= 0x20 && value < 0x80 && value !== 0x22 && value !== 0x5c) continue;
    for (let place = 0; place < 8; place++) {
      const bytes = new Uint8Array(8).fill(0x41);
      bytes[place] = value;
      const memory = new DataView(bytes.buffer);
      const marks = new Uint8Array(0x100);
      expect(findMarked(memory, 0, 8, marks)).toBe(8);
      marks[value] = 1;
      expect(findMarked(memory, 0, 8, marks)).toBe(place);
    }
  }
});
