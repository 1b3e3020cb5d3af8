import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeControlMessages,
  descriptorsLength,
  descriptorsOf,
  encodeControlMessages,
  MOST_DESCRIPTORS,
  type ControlMessage,
} from './control-message.ts';
import { encodeControl } from '../libc/control-messages.ts';

const CREDENTIALS: ControlMessage = {
  type: 'SCM_CREDENTIALS',
  pid: 1234,
  uid: 0xffff_fffe,
  gid: 0x8000_0000,
};
const DESCRIPTORS: ControlMessage = { type: 'SCM_RIGHTS', fds: [0, 2 ** 31 - 1] };
const OTHER: ControlMessage = { level: 41, type: 50, data: Uint8Array.of(1, 2, 3) };

test('each kind by its name, in its order', () => {
  const messages = [CREDENTIALS, DESCRIPTORS, OTHER, { type: 'SCM_RIGHTS', fds: [5] }] as const;
  expect(decodeControlMessages(encodeControlMessages(messages))).toEqual(messages);
  expect(descriptorsOf(messages)).toEqual([0, 2 ** 31 - 1, 5]);
});

test('by its numbers one that has a name is the same', () => {
  const raw = { level: 1, type: 1, data: Uint8Array.of(7, 0, 0, 0) };
  expect(decodeControlMessages(encodeControlMessages([raw]))).toEqual([
    { type: 'SCM_RIGHTS', fds: [7] },
  ]);
});

test('credentials that are cut are bytes', () => {
  const cut = { level: 1, type: 2, data: new Uint8Array(11) };
  expect(decodeControlMessages(encodeControlMessages([cut]))).toEqual([cut]);
});

test('what is decoded is the caller’s own', () => {
  const bytes = encodeControlMessages([OTHER]);
  const [decoded] = decodeControlMessages(bytes);
  bytes.fill(0);
  expect(decoded).toEqual(OTHER);
});

describe('how many descriptors', () => {
  test.each([
    [0, 0],
    [1, 4],
    [MOST_DESCRIPTORS, 1012],
  ])('%d take %d bytes', (count, length) => {
    expect(descriptorsLength(count)).toBe(length);
  });

  test.each([-1, 0.5, Number.NaN, MOST_DESCRIPTORS + 1])('%d is no number of them', (count) => {
    expect(() => descriptorsLength(count)).toThrow(
      new RangeError(`receive ${count} descriptors: expected an integer from 0 to 253`),
    );
  });

  test('more than the kernel takes are refused', () => {
    const fds = Array.from({ length: MOST_DESCRIPTORS + 1 }, () => 0);
    expect(() => encodeControlMessages([{ type: 'SCM_RIGHTS', fds }])).toThrow(
      new RangeError(
        'send 254 descriptors: the kernel takes 253 in one message; send them in several',
      ),
    );
  });
});

test.each([-1, 0.5, Number.NaN, 2 ** 32])('credentials of %d', (id) => {
  for (const which of ['pid', 'uid', 'gid'] as const) {
    expect(() => encodeControlMessages([{ ...CREDENTIALS, [which]: id }])).toThrow(
      new RangeError(`send credentials with the ${which} ${id}: expected an integer of at least 0`),
    );
  }
});

describe('properties', () => {
  const descriptor = fc.nat({ max: 2 ** 31 - 1 });
  const id = fc.integer({ min: 0, max: 0x7fff_ffff });
  const message: fc.Arbitrary<ControlMessage> = fc.oneof(
    fc.record({ type: fc.constant('SCM_RIGHTS' as const), fds: fc.array(descriptor) }),
    fc.record({ type: fc.constant('SCM_CREDENTIALS' as const), pid: id, uid: id, gid: id }),
    fc.record({ level: fc.integer({ min: 2 }), type: fc.nat(), data: fc.uint8Array() }),
  );

  test('encode, then decode, is identity', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        expect(decodeControlMessages(encodeControlMessages(messages))).toEqual(messages);
      }),
    );
  });

  test('arbitrary bytes are decoded without an error', () => {
    // Headers of the two that have names, with data of any length behind them.
    const named = fc
      .tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 }))
      .map(([type, data]) => encodeControl([{ level: 1, type, data }]));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 100 }), named);
    fc.assert(
      fc.property(bytes, (each) => {
        for (const fd of descriptorsOf(decodeControlMessages(each))) {
          expect(Number.isInteger(fd)).toBe(true);
        }
      }),
    );
  });
});
