/** Numbers that say lengths: all formats, at their edges. */
import { describe, expect, test } from 'vitest';
import { raw } from '../../test/codec.ts';
import { UNKNOWN } from '../cutting/cutter.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import { createLengthField, type LengthFormat } from './length-format.ts';

/** What a length is written as, both ways. */
const SPELLINGS: readonly (readonly [format: LengthFormat, length: number, bytes: Uint8Array])[] = [
  ['u8', 0, raw(0)],
  ['u8', 1, raw(1)],
  ['u8', 255, raw(255)],
  ['u16', 0x0102, raw(1, 2)],
  ['u16le', 0x0102, raw(2, 1)],
  ['u16', 65535, raw(255, 255)],
  ['u24', 0x010203, raw(1, 2, 3)],
  ['u24le', 0x010203, raw(3, 2, 1)],
  ['u24', 2 ** 24 - 1, raw(255, 255, 255)],
  ['u32', 0, raw(0, 0, 0, 0)],
  ['u32', 0x80000001, raw(0x80, 0, 0, 1)],
  ['u32le', 0x80000001, raw(1, 0, 0, 0x80)],
  ['u32', 2 ** 32 - 1, raw(255, 255, 255, 255)],
  ['u40', 2 ** 40 - 1, new Uint8Array(5).fill(255)],
  ['u40le', 2 ** 32, raw(0, 0, 0, 0, 1)],
  ['u48', 2 ** 48 - 1, new Uint8Array(6).fill(255)],
  ['u48le', 2 ** 40, raw(0, 0, 0, 0, 0, 1)],
  ['u56', 2 ** 53 - 1, raw(0x1f, 255, 255, 255, 255, 255, 255)],
  ['u56le', 2 ** 53 - 1, raw(255, 255, 255, 255, 255, 255, 0x1f)],
  ['u64', 2 ** 53 - 1, raw(0, 0x1f, 255, 255, 255, 255, 255, 255)],
  ['u64le', 1, raw(1, 0, 0, 0, 0, 0, 0, 0)],
  ['varint', 0, raw(0)],
  ['varint', 127, raw(127)],
  ['varint', 128, raw(0x80, 1)],
  ['varint', 300, raw(0xac, 2)],
  ['varint', 16383, raw(0xff, 0x7f)],
  ['varint', 16384, raw(0x80, 0x80, 1)],
  ['varint', 2 ** 35, raw(0x80, 0x80, 0x80, 0x80, 0x80, 1)],
  ['varint', 2 ** 53 - 1, raw(255, 255, 255, 255, 255, 255, 255, 0x0f)],
  ['ascii1', 9, raw('9')],
  ['ascii5', 0, raw('00000')],
  ['ascii5', 42, raw('00042')],
  ['ascii5', 99999, raw('99999')],
  ['ascii15', 10 ** 15 - 1, raw('999999999999999')],
  ['netstring', 0, raw('0:')],
  ['netstring', 10, raw('10:')],
  ['netstring', 10 ** 15 - 1, raw('999999999999999:')],
  ['octet-counting', 1, raw('1 ')],
  ['octet-counting', 1234567890, raw('1234567890 ')],
];

/** Read, but not written. */
const VARIANTS: readonly (readonly [format: LengthFormat, length: number, bytes: Uint8Array])[] = [
  ['varint', 0, raw(0x80, 0)],
  ['varint', 1, raw(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0)],
  ['ascii5', 42, raw('42   ')],
  ['ascii5', 42, raw('   42')],
  ['ascii5', 42, raw(' 42  ')],
  // Above 2^53 - 1 all lengths are the same: more than anybody can hold.
  ['u56', Infinity, raw(0x20, 0, 0, 0, 0, 0, 0)],
  ['u64', Infinity, new Uint8Array(8).fill(255)],
  ['u64le', Infinity, raw(0, 0, 0, 0, 0, 0, 0x20, 0)],
  ['varint', Infinity, raw(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10)],
  ['varint', Infinity, raw(255, 255, 255, 255, 255, 255, 255, 255, 255, 1)],
];

const GARBAGE: readonly (readonly [format: LengthFormat, bytes: Uint8Array, problem: string])[] = [
  ['varint', new Uint8Array(10).fill(0x80), 'more than 10 bytes say that more follow'],
  ['ascii3', raw('   '), 'all of them are spaces'],
  ['ascii3', raw('1 2'), 'byte 32 is no digit'],
  ['ascii3', raw('-12'), "'-' is no digit"],
  ['ascii3', raw('+12'), "'+' is no digit"],
  ['ascii3', raw('0x1'), "'x' is no digit"],
  ['ascii3', raw('1e2'), "'e' is no digit"],
  ['ascii3', raw(0, 0, 0x31), 'byte 0 is no digit'],
  ['netstring', raw(':'), "':' is no digit"],
  ['netstring', raw('01'), 'it begins with a zero'],
  ['netstring', raw('00'), 'it begins with a zero'],
  ['netstring', raw('1 '), 'byte 32 is no digit'],
  ['netstring', raw('1'.repeat(16)), 'it has more than 15 digits'],
  ['octet-counting', raw('0'), 'it begins with a zero'],
  ['octet-counting', raw(' '), 'byte 32 is no digit'],
  ['octet-counting', raw('1<'), "'<' is no digit"],
];

describe('lengths', () => {
  test.each(SPELLINGS)('%s writes and reads %d', (format, length, bytes) => {
    const field = createLengthField(format);
    const width = field.widthOf(length);
    expect(width).toBe(bytes.length);
    const target = new Uint8Array(width + 4).fill(0xee);
    field.write(length, target, 2, width);
    expect(target).toEqual(raw(0xee, 0xee, bytes, 0xee, 0xee));
    checkReading(format, length, bytes);
  });

  test.each(VARIANTS)('%s reads %d in other spellings', checkReading);
});

/** In the middle of other bytes, and not before all of it is there. */
function checkReading(format: LengthFormat, length: number, bytes: Uint8Array): void {
  const field = createLengthField(format);
  const around = raw(0x39, 0x39, bytes, 0x39, 0x39);
  for (let missing = bytes.length; missing > 0; missing--) {
    const end = around.length - 2 - missing;
    expect(field.read(around, 2, end), `${missing} bytes missing`).toBe(UNKNOWN);
  }
  expect(field.read(around, 2, around.length)).toBe(length);
  expect(field.read(around, 2, around.length - 2)).toBe(length);
  expect(field.width).toBe(bytes.length);
}

test.each(GARBAGE)('%s finds no length in %j', (format, bytes, problem) => {
  let fault: unknown;
  try {
    createLengthField(format).read(bytes, 0, bytes.length);
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(FrameFault);
  expect(fault).toMatchObject({ code: 'length-invalid', facts: { field: 'length' } });
  expect(String(fault)).toContain(problem);
});

test.each(['u7', 'u0', 'u128', 'U8', 'u8be', 'ascii0', 'ascii16', 'ascii', 'constructor', ''])(
  'there is no format %j',
  (format) => {
    // What a program without types may pass.
    expect(() => createLengthField(format as LengthFormat)).toThrow(RangeError);
  },
);
