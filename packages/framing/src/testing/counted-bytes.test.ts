import { describe, expect, test } from 'vitest';
import { ReadCounter } from './counted-bytes.ts';

/** Ten bytes, 10 to 19, and how many reads `look` makes of them. */
function readsOf(look: (bytes: Uint8Array) => unknown): { result: unknown; reads: number } {
  let reads = 0;
  const counter = new ReadCounter((count) => {
    reads += count;
  });
  const guarded = counter.guard(Uint8Array.from({ length: 10 }, (_, index) => 10 + index));
  const result = counter.counting(() => look(guarded));
  return { result, reads };
}

describe('reads are counted as far as they go', () => {
  test.each<[string, (bytes: Uint8Array) => unknown, unknown, number]>([
    ['an index', (bytes) => bytes[3], 13, 1],
    ['an index behind the end', (bytes) => bytes[10], undefined, 1],
    ['the length', (bytes) => [bytes.length, bytes.byteLength], [10, 10], 0],
    ['at', (bytes) => bytes.at(-1), 19, 1],
    ['indexOf that finds', (bytes) => bytes.indexOf(14), 4, 5],
    ['indexOf from somewhere', (bytes) => bytes.indexOf(14, 3), 4, 2],
    ['indexOf that finds nothing', (bytes) => bytes.indexOf(99), -1, 10],
    ['lastIndexOf', (bytes) => bytes.lastIndexOf(17), 7, 3],
    ['includes', (bytes) => bytes.includes(11), true, 2],
    ['findIndex', (bytes) => bytes.findIndex((byte) => byte > 12), 3, 4],
    ['some', (bytes) => bytes.some((byte) => byte === 10), true, 1],
    ['a loop', (bytes) => [...bytes].length, 10, 10],
    ['entries', (bytes) => bytes.entries().next().value, [0, 10], 1],
    ['subarray', (bytes) => bytes.subarray(2, 4).length, 2, 0],
    ['an index of a subarray', (bytes) => bytes.subarray(2, 4)[1], 13, 1],
    ['subarray of a subarray', (bytes) => bytes.subarray(2).subarray(1).indexOf(14), 1, 2],
    ['slice', (bytes) => bytes.slice(2, 5), Uint8Array.of(12, 13, 14), 3],
    ['map', (bytes) => bytes.map((byte) => byte - 10)[9], 9, 10],
    ['join', (bytes) => bytes.subarray(0, 3).join('-'), '10-11-12', 3],
    ['toString', (bytes) => String(bytes.subarray(0, 2)), '10,11', 2],
    ['a copy', (bytes) => new Uint8Array(bytes)[9], 19, 10],
    ['a copy of a part', (bytes) => Uint8Array.from(bytes.subarray(7))[2], 19, 3],
    ['copyWithin', (bytes) => bytes.copyWithin(0, 6)[0], 16, 5],
    ['text', (bytes) => new TextDecoder('latin1').decode(bytes.subarray(0, 4)), '\n\v\f\r', 4],
    ['text of nothing', () => new TextDecoder().decode(), '', 0],
  ])('%s', (_, look, result, reads) => {
    expect(readsOf(look)).toEqual({ result, reads });
  });

  test('set reads what it copies, and writes go through', () => {
    const { result, reads } = readsOf((bytes) => {
      const copy = new Uint8Array(4);
      copy.set(bytes.subarray(0, 4));
      bytes[0] = 99;
      bytes.set([7], 1);
      bytes.fill(8, 2, 3);
      return [...copy, ...bytes.slice(0, 4)];
    });
    expect(result).toEqual([10, 11, 12, 13, 99, 7, 8, 13]);
    expect(reads).toBe(4 + 4);
  });
});

test('the memory itself is as it was', () => {
  const counter = new ReadCounter(() => undefined);
  const bytes = Uint8Array.of(1, 2, 3);
  const guarded = counter.guard(bytes);
  expect(guarded).toBeInstanceOf(Uint8Array);
  expect(counter.guard(bytes)).toBe(guarded);
  expect(new DataView(guarded.buffer, guarded.byteOffset + 1).getUint16(0)).toBe(0x0203);
  expect(guarded.fill(0)).toBe(guarded);
  expect(bytes).toEqual(Uint8Array.of(0, 0, 0));
});

test('TextDecoder is put back when the run throws', () => {
  const { decode } = TextDecoder.prototype;
  const counter = new ReadCounter(() => undefined);
  const run = (): never =>
    counter.counting(() => {
      expect(TextDecoder.prototype.decode).not.toBe(decode);
      throw new Error('stop');
    });
  expect(run).toThrow('stop');
  expect(TextDecoder.prototype.decode).toBe(decode);
});
