import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  controlLength,
  controlSpace,
  decodeControl,
  encodeControl,
  type RawControlMessage,
} from './control-messages.ts';
import { descriptors } from './message-calls.ts';

/** As the headers of C lay them out, byte by byte. */
const CASES: readonly {
  readonly name: string;
  readonly messages: readonly RawControlMessage[];
  readonly bytes: readonly number[];
}[] = [
  { name: 'none', messages: [], bytes: [] },
  {
    name: 'one descriptor, padded',
    messages: [{ level: 1, type: 1, data: Uint8Array.of(7, 0, 0, 0) }],
    // prettier-ignore
    bytes: [
      20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
      7, 0, 0, 0, 0, 0, 0, 0,
    ],
  },
  {
    name: 'one without data, and one that needs no padding',
    messages: [
      { level: 41, type: 50, data: new Uint8Array(0) },
      { level: -1, type: -2, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    ],
    // prettier-ignore
    bytes: [
      16, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 50, 0, 0, 0,
      24, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 254, 255, 255, 255,
      1, 2, 3, 4, 5, 6, 7, 8,
    ],
  },
];

describe.each(CASES)('$name', ({ messages, bytes }) => {
  test('is encoded', () => {
    expect([...encodeControl(messages)]).toEqual(bytes);
  });

  test('is decoded, also out of the middle of a buffer', () => {
    const around = Uint8Array.from([9, 9, 9, ...bytes, 9, 9]);
    expect(decodeControl(around.subarray(3, 3 + bytes.length))).toEqual(messages);
  });

  test('cut anywhere, it is decoded as far as it is whole', () => {
    for (let end = 0; end < bytes.length; end++) {
      const found = decodeControl(Uint8Array.from(bytes.slice(0, end)));
      expect(messages.slice(0, found.length)).toEqual(found);
    }
  });
});

test('the room that the kernel is told: with the padding behind it, and without', () => {
  expect([0, 1, 4, 8, 9, 12].map(controlSpace)).toEqual([16, 24, 24, 24, 32, 32]);
  expect([0, 1, 4, 8, 9, 12].map(controlLength)).toEqual([16, 17, 20, 24, 25, 28]);
});

test.each([
  ['a length below that of the header', [15, 0, 0, 0]],
  ['no length at all', [0, 0, 0, 0]],
  ['a length beyond the end', [33, 0, 0, 0]],
  ['the largest length', [255, 255, 255, 255]],
])('%s ends the messages', (_which, length) => {
  const good = encodeControl([{ level: 1, type: 2, data: Uint8Array.of(3) }]);
  const bytes = Uint8Array.from([...good, ...length, ...new Uint8Array(28)]);
  expect(decodeControl(bytes)).toEqual([{ level: 1, type: 2, data: Uint8Array.of(3) }]);
});

describe('properties', () => {
  const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const message = fc.record({ level: int, type: int, data: fc.uint8Array({ maxLength: 100 }) });

  test('encode, then decode, is identity', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        expect(decodeControl(encodeControl(messages))).toEqual(messages);
      }),
    );
  });

  test('arbitrary bytes: no error, and nothing from outside', () => {
    // Bytes that look like lengths now and then, so that some are.
    const byte = fc.oneof(fc.constantFrom(0, 16, 17, 20, 24), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 200 }), fc.nat({ max: 16 }), (inside, around) => {
        const bytes = new Uint8Array(inside.length + 2 * around).fill(0xee);
        bytes.set(inside, around);
        const view = bytes.subarray(around, around + inside.length);
        let end = 0;
        for (const { data } of decodeControl(view)) {
          const at = data.byteOffset - view.byteOffset;
          expect(at).toBeGreaterThanOrEqual(end + 16); // behind its header, and behind the one before
          end = at + data.length;
          expect(end).toBeLessThanOrEqual(view.length);
        }
      }),
    );
  });

  test('descriptors: whatever the length, as far as they are whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        const found = descriptors(data);
        expect(found).toHaveLength(Math.floor(data.length / 4));
        const view = new DataView(data.buffer, data.byteOffset, data.length);
        expect([...found]).toEqual(Array.from(found, (_, i) => view.getInt32(4 * i, true)));
      }),
    );
  });
});
