import { describe, expect, test } from 'vitest';
import type { StructValue } from './field-codec.ts';
import { iterUnpack, pack, packInto, unpack, unpackFrom } from './functions.ts';
import { StructError } from './struct-error.ts';
import { Struct } from './struct.ts';

describe('values', () => {
  const long = `an integer from ${-(2n ** 63n)} to ${2n ** 63n - 1n}, beyond 2 ** 53 - 1 a bigint`;
  const huge = 2n ** 1024n;
  const bytes = 'a Uint8Array, new TextEncoder().encode(text) for text';
  const oneByte = bytes.replace('Array', 'Array of 1 byte');

  test.each<[string, unknown[], string]>([
    ['>HH', [1, 70_000], 'value 2 is 70000; expected an integer from 0 to 65535'],
    ['>xH3H', [1, 2, 3, -1], 'value 4 is -1; expected an integer from 0 to 65535'],
    ['>b', [128], 'value 1 is 128; expected an integer from -128 to 127'],
    ['>B', [256n], 'value 1 is 256n; expected an integer from 0 to 255'],
    ['>h', [1.5], 'value 1 is 1.5; expected an integer from -32768 to 32767'],
    ['>i', [NaN], 'value 1 is NaN; expected an integer from -2147483648 to 2147483647'],
    ['>I', ['5'], "value 1 is '5'; expected an integer from 0 to 4294967295"],
    ['>l', [2 ** 31], 'value 1 is 2147483648; expected an integer from -2147483648 to 2147483647'],
    ['>H', [true], 'value 1 is true; expected an integer from 0 to 65535'],
    ['q', [2 ** 53], `value 1 is 9007199254740992; expected ${long}`],
    ['q', [2n ** 63n], `value 1 is 9223372036854775808n; expected ${long}`],
    ['n', [0.5], `value 1 is 0.5; expected ${long}`],
    [
      'Q',
      [-1],
      `value 1 is -1; expected ${long.replace(/-?\d+ to \d+/, `0 to ${2n ** 64n - 1n}`)}`,
    ],
    ['>e', [65_520], 'value 1 is 65520; expected a number below 65520 in size, an infinity or NaN'],
    [
      '<f',
      [-1e39],
      'value 1 is -1e+39; expected a number below 3.4028236e+38 in size, an infinity or NaN',
    ],
    ['d', ['x'], "value 1 is 'x'; expected a number"],
    ['d', [huge], `value 1 is ${String(huge).slice(0, 60)}...n; expected a number`],
    ['f', [null], 'value 1 is null; expected a number'],
    ['?', [undefined], 'value 1 is undefined; expected true or false'],
    ['?', [[]], 'value 1 is an object of class Array; expected true or false'],
    ['c', [new Uint8Array(2)], `value 1 is 2 bytes; expected ${oneByte}`],
    ['c', [5], `value 1 is 5; expected ${oneByte}`],
    ['s', [new Uint16Array(1)], `value 1 is an object of class Uint16Array; expected ${bytes}`],
    [
      's',
      [new DataView(new ArrayBuffer(1))],
      `value 1 is an object of class DataView; expected ${bytes}`,
    ],
    ['s', [Object.create(null)], `value 1 is an object; expected ${bytes}`],
    ['p', [() => 5], `value 1 is a function; expected ${bytes}`],
    ['5s', ['hello'], `value 1 is 'hello'; expected ${bytes}`],
    ['c', ['x'], `value 1 is 'x'; expected ${oneByte}`],
  ])('%s of %o', (format, values, problem) => {
    const struct: Struct = new Struct(format);
    const given = values as StructValue[]; // as callers without types do
    const facts = { name: 'StructError', code: 'struct-error', format, valueNumber: values.length };
    const error = errorOf(() => struct.pack(...given));
    expect(error).toBeInstanceOf(StructError);
    expect(error).toMatchObject({ ...facts, message: `pack '${format}': ${problem}` });
    expect(errorOf(() => struct.packInto(new Uint8Array(100), 0, ...given))).toMatchObject({
      ...facts,
      message: `packInto '${format}': ${problem}`,
    });
  });

  test('one that is refused leaves nothing behind in the next result', () => {
    expect(() => pack('>HH', 0xffff, -1)).toThrow(StructError);
    expect(pack('>3xB', 1)).toEqual(Uint8Array.of(0, 0, 0, 1));
    expect(() => pack('>4sB', Uint8Array.of(1, 2, 3, 4), -1)).toThrow(StructError);
    expect(pack('>4s', new Uint8Array(0))).toEqual(new Uint8Array(4));
  });

  test.each<[string, StructValue[], number, string]>([
    ['>HH', [1], 2, "pack '>HH': 1 value; expected 2"],
    ['>HH', [1, 2, 3], 2, "pack '>HH': 3 values; expected 2"],
    ['>3x', [0], 0, "pack '>3x': 1 value; expected 0"],
    ['>2147483647B', [0], 2_147_483_647, "pack '>2147483647B': 1 value; expected 2147483647"],
  ])('%s of %o: how many', (format, values, expected, message) => {
    const error = errorOf(() => pack(format, ...values));
    expect(error).toBeInstanceOf(StructError);
    expect(error).toMatchObject({ format, expected, actual: values.length, message });
    expect(error).toMatchObject({ valueNumber: undefined, formatIndex: undefined });
  });
});

describe('buffers', () => {
  const four = new Uint8Array(4);
  const noRoom = (offset: number) => `4 bytes; no room for 2 bytes at offset ${offset}`;

  test.each<[string, () => unknown, string, number, number]>([
    [
      'too short',
      () => unpack('>H', four.subarray(3)),
      `unpack '>H': 1 byte; expected exactly 2`,
      2,
      1,
    ],
    [
      'too long',
      () => unpack('>H', four),
      `unpack '>H': 4 bytes; expected exactly 2, unpackFrom takes more`,
      2,
      4,
    ],
    [
      'no room anywhere',
      () => unpackFrom('>Q', four),
      `unpackFrom '>Q': 4 bytes; expected at least 8`,
      8,
      4,
    ],
    [
      'no room there',
      () => unpackFrom('>H', four, 3),
      `unpackFrom '>H': ${noRoom(3)}; expected an offset from 0 to 2`,
      2,
      4,
    ],
    [
      'no room at the end',
      () => unpackFrom('>H', four, -1),
      `unpackFrom '>H': ${noRoom(-1)}; expected an offset from 0 to 2`,
      2,
      4,
    ],
    [
      'before the beginning',
      () => unpackFrom('', four, -5),
      `unpackFrom '': 4 bytes; no room for 0 bytes at offset -5; expected an offset from 0 to 4`,
      0,
      4,
    ],
    [
      'beyond the end',
      () => unpackFrom('', four, 5),
      `unpackFrom '': 4 bytes; no room for 0 bytes at offset 5; expected an offset from 0 to 4`,
      0,
      4,
    ],
    [
      'between two bytes',
      () => unpackFrom('>H', four, 0.5),
      `unpackFrom '>H': ${noRoom(0.5)}; expected an offset from 0 to 2`,
      2,
      4,
    ],
    [
      'nowhere',
      () => unpackFrom('>H', four, NaN),
      `unpackFrom '>H': ${noRoom(NaN)}; expected an offset from 0 to 2`,
      2,
      4,
    ],
    [
      'no room to write',
      () => packInto('>H', four, 3, 1),
      `packInto '>H': ${noRoom(3)}; expected an offset from 0 to 2`,
      2,
      4,
    ],
    [
      'to write before the beginning',
      () => packInto('>H', four, -5, 1),
      `packInto '>H': ${noRoom(-5)}; expected an offset from 0 to 2`,
      2,
      4,
    ],
    [
      'half of a record',
      () => iterUnpack('>3s', four),
      `iterUnpack '>3s': 4 bytes; expected a multiple of 3`,
      3,
      4,
    ],
    [
      'records of nothing',
      () => iterUnpack('0H', four),
      `iterUnpack '0H': 4 bytes; the format stands for none, without end`,
      0,
      4,
    ],
  ])('%s', (_, call, message, expected, actual) => {
    const error = errorOf(call);
    expect(error).toBeInstanceOf(StructError);
    expect(error).toMatchObject({ message, expected, actual });
    expect(four).toEqual(new Uint8Array(4));
  });

  test('text', () => {
    const text = 'ab' as unknown as Uint8Array; // as callers without types do
    const calls = {
      unpack: () => unpack('>H', text),
      unpackFrom: () => unpackFrom('>H', text),
      iterUnpack: () => iterUnpack('>H', text),
      packInto: () => packInto('>H', text, 0, 1),
    };
    for (const [name, call] of Object.entries(calls)) {
      expect(call).toThrow(
        new TypeError(
          `${name}: a string is not bytes; use a Uint8Array, new TextEncoder().encode(text) for text`,
        ),
      );
    }
  });
});

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
