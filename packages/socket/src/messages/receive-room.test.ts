import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyOut, receiveRoom } from './receive-room.ts';

test('room for what is asked, the same piece again and again', () => {
  expect(receiveRoom(1)).toBe(receiveRoom(65_536));
  expect(receiveRoom(65_536).length).toBe(65_536);
  expect(receiveRoom(65_537).length).toBe(65_537);
  expect(receiveRoom(0).length).toBeGreaterThan(0);
});

test.each([-1, 0.5, Number.NaN, Infinity])('%d bytes are refused', (size) => {
  expect(() => receiveRoom(size)).toThrow(
    new RangeError(`recv ${size} bytes: expected an integer of at least 0`),
  );
});

test('copies keep what they are copies of, whatever comes later', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 40 }), (lengths) => {
      const room = receiveRoom(65_536);
      const copies = lengths.map((length, index) => {
        room.fill(index + 1, 0, length);
        return copyOut(room, length);
      });
      room.fill(0);
      for (const [index, copy] of copies.entries()) {
        expect(copy.length).toBe(lengths[index]);
        expect(copy.every((byte) => byte === index + 1)).toBe(true);
      }
    }),
  );
});

test('the memory that small copies share cannot be taken away from the others', () => {
  const copy = copyOut(Uint8Array.of(1, 2, 3), 3);
  try {
    structuredClone(copy, { transfer: [copy.buffer as ArrayBuffer] }); // a slab is no shared memory
  } catch {
    // Node 20 copies it instead, later ones refuse.
  }
  expect([...copy]).toEqual([1, 2, 3]);
});
