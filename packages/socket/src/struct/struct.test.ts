import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StructValue } from './field-codec.ts';
import { calcsize, iterUnpack, pack, packInto, unpack, unpackFrom } from './functions.ts';
import { StructError } from './struct-error.ts';
import { Struct } from './struct.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Spaces are for whoever reads. */
const fromHex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** A format, its values, and their bytes in hex. */
type Row = [format: string, values: StructValue[], bytes: string];

describe('both ways', () => {
  test.each<Row>([
    // Python's documentation of struct, its examples
    ['>bhl', [1, 2, 3], '01 0002 00000003'],
    ['<bhl', [1, 2, 3], '01 0200 03000000'],
    ['<10sHHb', [ascii('raymond   '), 4658, 264, 8], '7261796d6f6e64202020 3212 0801 08'],
    ['@ci', [ascii('#'), 0x1213_1415], '23000000 15141312'],
    // integers and their edges
    ['>bBhHiI', [-1, 255, -1, 65_535, -1, 4_294_967_295], 'ff ff ffff ffff ffffffff ffffffff'],
    ['>bhiq', [-128, -(2 ** 15), -(2 ** 31), -(2n ** 63n)], '80 8000 80000000 8000000000000000'],
    ['>qQ', [2n ** 63n - 1n, 2n ** 64n - 1n], '7fffffffffffffff ffffffffffffffff'],
    ['<qQ', [1n, 2n], '0100000000000000 0200000000000000'],
    ['<lL', [-1, 1], 'ffffffff 01000000'],
    ['lL', [-1n, 1n], 'ffffffffffffffff 0100000000000000'],
    ['nNP', [-2n, 2n, 3n], 'feffffffffffffff 0200000000000000 0300000000000000'],
    // fractions
    ['>efd', [1.5, -0.5, 0.1], '3e00 bf000000 3fb999999999999a'],
    ['<efd', [1.5, -0.5, 0.1], '003e 000000bf 9a9999999999b93f'],
    ['>2ef', [-0, Infinity, NaN], '8000 7c00 7fc00000'],
    // bytes
    ['>?2x?', [true, false], '01 0000 00'],
    ['>3c', [ascii('a'), ascii('b'), ascii('c')], '61 62 63'],
    ['5p', [ascii('abc')], '03616263 00'],
    ['0s0p', [ascii(''), ascii('')], ''],
    // layouts
    ['b0i', [1], '01 000000'],
    ['bhb', [1, 2, 3], '01 00 0200 03'],
    ['', [], ''],
  ])('%j of %o: %s', (format, values, expected) => {
    const struct: Struct = new Struct(format);
    expect(struct.pack(...values)).toEqual(fromHex(expected));
    expect(struct.unpack(fromHex(expected))).toEqual(values);
  });
});

describe('packs', () => {
  test.each<[string, ...Row]>([
    ['bytes that are cut', '>3s', [ascii('abcde')], '616263'],
    ['bytes that are filled up', '>3s', [ascii('a')], '61 0000'],
    ['no bytes', '>0s', [ascii('abc')], ''],
    [
      'bytes of another view',
      '>2s',
      [new Uint8ClampedArray([1, 2]) as unknown as Uint8Array],
      '0102',
    ],
    ['a Pascal string that is cut', '>3p', [ascii('abcde')], '02 6162'],
    ['a Pascal string without room', '>p', [ascii('abc')], '00'],
    ['a Pascal string without even its length', '>0pB', [ascii('abc'), 7], '07'],
    ['a Pascal string that is too long', '>300p', [new Uint8Array(300)], `ff ${'00'.repeat(299)}`],
    ['a small bigint', '>HI', [5n, 6n], '0005 00000006'],
    ['a number as 64 bits', '>Q', [2 ** 53 - 1], '001fffffffffffff'],
    ['a negative pointer', 'P', [-1], 'ffffffffffffffff'],
    ['a bigint as a fraction', '>d', [2n], '4000000000000000'],
    ['numbers as booleans', '>5?', [0, 2, NaN, 0n, 7n], '00 01 01 00 01'],
    ['what is infinite as a float of C', '@f', [1e39], '0000807f'],
    ['minus zero', '>hq', [-0, -0], '0000 0000000000000000'],
  ])('%s', (_, format, values, expected) => {
    expect(pack(format, ...values)).toEqual(fromHex(expected));
  });
});

describe('unpacks', () => {
  test('any byte but 0 as true', () => {
    expect(unpack('>4?', Uint8Array.of(0, 1, 2, 255))).toEqual([false, true, true, true]);
  });

  test('no more of a Pascal string than there is', () => {
    expect(unpack('>4p', fromHex('ff 616263'))).toEqual([ascii('abc')]);
    expect(unpack('>4p0pp', fromHex('02616263 05'))).toEqual([ascii('ab'), ascii(''), ascii('')]);
  });

  test.each<[string, string]>([
    ['<bBhHiIlL', 'number'],
    ['@bBhHiI', 'number'],
    ['<efd', 'number'],
    ['<qQ', 'bigint'],
    ['@lLqQnNP', 'bigint'],
    ['<?', 'boolean'],
  ])('%s as values of the type %s, even 0', (format, type) => {
    const types = unpack(format, new Uint8Array(calcsize(format))).map((value) => typeof value);
    expect(new Set(types)).toEqual(new Set([type]));
  });

  test('bytes as plain arrays of their own, whatever they are cut from', () => {
    const buffer = Buffer.from('abxdef');
    const values = unpack('c2s3p', Buffer.concat([buffer]));
    const shared = unpack('c2s3p', buffer);
    buffer.fill(0);
    expect(shared).toEqual(values);
    for (const value of shared) expect(value.constructor).toBe(Uint8Array);
  });

  test('any number of whole records', () => {
    const records = iterUnpack('>HB', fromHex('000101 000202 000303'));
    expect(records.next()).toEqual({ done: false, value: [1, 1] });
    expect([...records]).toEqual([
      [2, 2],
      [3, 3],
    ]);
    expect([...iterUnpack('>H', new Uint8Array(0))]).toEqual([]);
  });
});

describe('buffers', () => {
  test('a part of a buffer', () => {
    const buffer = Uint8Array.from({ length: 20 }, (_, index) => index);
    const part = buffer.subarray(5, 15);
    expect(unpack('>5H', part)).toEqual([0x0506, 0x0708, 0x090a, 0x0b0c, 0x0d0e]);
    expect(unpackFrom('>H2s', part, 2)).toEqual([0x0708, Uint8Array.of(9, 10)]);
    expect(unpackFrom('>H', part)).toEqual([0x0506]);
    expect(unpackFrom('>H', part, -2)).toEqual([0x0d0e]);
    packInto('>H2xB', part, 1, 0xffff, 0xee);
    packInto('>B', part, -1, 0xdd);
    expect(buffer).toEqual(fromHex('0001020304 05ffff0000ee0b0c0ddd 0f10111213'));
  });

  test('padding and filling are written as 0', () => {
    const buffer = new Uint8Array(20).fill(255);
    packInto('@bi3s4p', buffer, 2, 1, 2, ascii('a'), ascii('b'));
    expect(buffer).toEqual(fromHex('ffff 01000000 02000000 610000 01620000 ffffff'));
  });

  test.each([63, 64, 65, 1000])('padding of %i bytes is 0 each time', (size) => {
    for (const byte of [1, 2]) {
      const expected = new Uint8Array(size + 1);
      expected[size] = byte;
      const bytes = pack(`>${size}xB`, byte);
      expect(bytes).toEqual(expected);
      bytes.fill(9); // ours now
    }
  });

  test('each result has memory of its own, and no more than that', () => {
    const first = pack('>I', 1);
    pack('>I', 2);
    expect(first).toEqual(Uint8Array.of(0, 0, 0, 1));
    expect(first.buffer.byteLength).toBe(4);
  });
});

test('a Struct tells its format and size', () => {
  const { format, size } = new Struct('>HI');
  expect([format, size]).toEqual(['>HI', 6]);
});

test('any bytes come back as they were, where nothing is rounded or left out', () => {
  const letter = fc.constantFrom(...'c b B h H i I l L q Q s'.split(' '));
  const item = fc.tuple(fc.integer({ min: 0, max: 5 }), letter).map((each) => each.join(''));
  const format = fc
    .tuple(fc.constantFrom('=', '<', '>', '!'), fc.array(item, { maxLength: 6 }))
    .map(([prefix, items]) => prefix + items.join(' '));
  const formatAndBytes = format.chain((format) => {
    const size = calcsize(format);
    return fc.tuple(fc.constant(format), fc.uint8Array({ minLength: size, maxLength: size }));
  });
  fc.assert(
    fc.property(formatAndBytes, ([format, bytes]) => {
      expect(hex(pack(format, ...unpack(format, bytes)))).toBe(hex(bytes));
    }),
    { numRuns: 500 },
  );
});

/** What formats are made of. */
const PIECES = ' @=<>!0123xcbB?hHiIlLqQnNefdspPz'.split('');

test('any text is a format or a StructError, and any bytes are its values or a StructError', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...PIECES) }),
    fc.string({ unit: 'binary-ascii' }),
  );
  fc.assert(
    fc.property(text, fc.uint8Array({ maxLength: 40 }), (format, bytes) => {
      for (const call of [unpackFrom, (format: string) => [...iterUnpack(format, bytes)]]) {
        try {
          expect(call(format, bytes)).toBeInstanceOf(Array);
        } catch (error) {
          expect(error).toBeInstanceOf(StructError);
        }
      }
    }),
  );
});
