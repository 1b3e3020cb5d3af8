/** Parts in a row that become one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gather } from './gather.ts';

const KIB_64 = 64 * 1024;

const lengths = (parts: readonly Uint8Array[]): number[] =>
  gather(parts).map(({ length }) => length);

test('neighbours are put together up to 64 KiB', () => {
  const part = (length: number): Uint8Array => new Uint8Array(length);
  expect(lengths([])).toEqual([]);
  expect(lengths([part(1), part(2), part(3)])).toEqual([6]);
  expect(lengths([part(KIB_64 - 1), part(1)])).toEqual([KIB_64]);
  expect(lengths([part(KIB_64 - 1), part(2)])).toEqual([KIB_64 - 1, 2]);
  expect(lengths([part(1), part(10 * KIB_64), part(1), part(2)])).toEqual([1, 10 * KIB_64, 3]);
});

test('one by itself is not copied', () => {
  const part = new Uint8Array(10);
  expect(gather([part])[0]).toBe(part);
});

test('nothing is lost, and the order stays', () => {
  const part = fc.uint8Array({ maxLength: 50_000, size: 'max' });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const gathered = gather(parts);
      expect(Buffer.concat(gathered).equals(Buffer.concat(parts))).toBe(true);
      for (const [index, { length }] of gathered.entries()) {
        const next = gathered[index + 1];
        if (next !== undefined) expect(length + next.length).toBeGreaterThan(KIB_64);
      }
    }),
  );
});
