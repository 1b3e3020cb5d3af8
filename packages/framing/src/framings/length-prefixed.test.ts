import { describe, expect, test } from 'vitest';
import { expectCodec, encodeAll, pattern, raw, refusal } from '../../test/codec.ts';
import { text } from '../contents/text.ts';
import type { LengthFormat } from './length-format.ts';
import { lengthPrefixed } from './length-prefixed.ts';

const cut = { code: 'truncated', framing: 'lost' } as const; // an expected error
const invalid = { code: 'length-invalid', framing: 'lost' } as const; // an expected error
const tooLarge = { code: 'frame-too-large', framing: 'lost' } as const; // an expected error
const badContent = { code: 'content-invalid', framing: 'intact' } as const; // an expected error

type Spelling = Uint8Array | string;

/** For each format, how the lengths 0, 1 and 200 look. */
const FORMATS: readonly (readonly [LengthFormat, zero: Spelling, one: Spelling, many: Spelling])[] =
  [
    ['u8', raw(0), raw(1), raw(200)],
    ['u16', raw(0, 0), raw(0, 1), raw(0, 200)],
    ['u16le', raw(0, 0), raw(1, 0), raw(200, 0)],
    ['u32', raw(0, 0, 0, 0), raw(0, 0, 0, 1), raw(0, 0, 0, 200)],
    ['u64le', new Uint8Array(8), raw(1, new Uint8Array(7)), raw(200, new Uint8Array(7))],
    ['varint', raw(0), raw(1), raw(200, 1)],
    ['ascii5', '00000', '00001', '00200'],
  ];

test.each(FORMATS)('%s', (format, zero, one, many) => {
  const long = pattern(200);
  expectCodec(lengthPrefixed(format), [
    { name: 'nothing', bytes: raw(), frames: [] },
    { name: 'empty', bytes: raw(zero, zero), frames: [raw(), raw()] },
    { name: 'short', bytes: raw(one, 'a', one, 'b'), frames: [raw('a'), raw('b')] },
    { name: 'long', bytes: raw(many, long, one, 'b'), frames: [long, raw('b')] },
    { name: 'what follows stays', bytes: raw(one, 'a'), frames: [raw('a')], trailing: raw(one) },
    { name: 'cut off', bytes: raw(one, 'a', many, 'b'), frames: [raw('a')], error: cut },
  ]);
});

test('text', () => {
  expectCodec(lengthPrefixed('ascii5', { content: text() }), [
    { name: 'two', bytes: raw('00005hello00003€'), frames: ['hello', '€'] },
    {
      name: 'half of a character',
      bytes: raw('00002', 0xe2, 0x82, '00001a'),
      expected: [{ error: badContent }, { frame: 'a' }],
    },
    { name: 'no number', bytes: raw('00001ahello'), frames: ['a'], error: invalid },
  ]);
  expectCodec(lengthPrefixed('u8', { content: text({ invalid: 'replace' }) }), [
    { name: 'half of a character', bytes: raw(2, 0xe2, 0x82), frames: ['\ufffd'], readOnly: true },
  ]);
});

test('netstrings', () => {
  expectCodec(lengthPrefixed('netstring', { content: text() }), [
    { name: 'two', bytes: raw('12:hello world!,0:,'), frames: ['hello world!', ''] },
    { name: 'what follows stays', bytes: raw('1:a,'), frames: ['a'], trailing: raw(',') },
    {
      name: 'no comma',
      bytes: raw('1:a,1:bc'),
      frames: ['a'],
      error: { code: 'delimiter-missing', framing: 'lost' },
    },
    { name: 'a comma is missing', bytes: raw('1:a'), frames: [], error: cut },
    { name: 'a leading zero', bytes: raw('01:a,'), frames: [], error: invalid },
    { name: 'no digits', bytes: raw(':'), frames: [], error: invalid },
  ]);
  expectCodec(lengthPrefixed('netstring', { strip: 0 }), [
    { name: 'whole', bytes: raw('1:a,0:,'), frames: [raw('1:a,'), raw('0:,')] },
    {
      name: 'no comma',
      bytes: raw('1:ab'),
      frames: [],
      error: { code: 'delimiter-missing', framing: 'lost' },
    },
  ]);
});

test('octet counting', () => {
  expectCodec(lengthPrefixed('octet-counting'), [
    { name: 'two', bytes: raw('3 <1>1 x'), frames: [raw('<1>'), raw('x')] },
    { name: 'nothing counted', bytes: raw('0 '), frames: [], error: invalid },
    { name: 'another framing', bytes: raw('<1>'), frames: [], error: invalid },
  ]);
  expect(refusal(lengthPrefixed('octet-counting'), raw()).code).toBe('frame-invalid');
});

describe('what a length counts', () => {
  test('itself', () => {
    expectCodec(lengthPrefixed('u16', { adjustment: -2 }), [
      { name: 'two', bytes: raw(0, 3, 'a', 0, 2), frames: [raw('a'), raw()] },
      { name: 'less than itself', bytes: raw(0, 1), frames: [], error: invalid },
    ]);
    expect(encodeAll(lengthPrefixed('varint', { adjustment: -1 }), [raw('a')])).toEqual(
      raw(2, 'a'),
    );
  });

  test('the content without something behind the length', () => {
    expectCodec(lengthPrefixed('u8', { adjustment: 2, strip: 3, header: raw(0, 'xy') }), [
      { name: 'dropped', bytes: raw(1, 'xya'), frames: [raw('a')] },
      { name: 'empty', bytes: raw(0, 'xy'), frames: [raw()] },
    ]);
    expectCodec(lengthPrefixed('u8', { adjustment: 2 }), [
      { name: 'content', bytes: raw(1, 'xya'), frames: [raw('xya')] },
    ]);
    expect(refusal(lengthPrefixed('u8', { adjustment: 2 }), raw('a')).code).toBe('frame-invalid');
  });

  test('more than there is', () => {
    expectCodec(lengthPrefixed('netstring', { adjustment: -1 }), [
      { name: 'one more', bytes: raw('2:a,'), frames: [raw('a')] },
      { name: 'nothing less one', bytes: raw('0:,'), frames: [], error: invalid },
    ]);
  });
});

describe('something before the length', () => {
  test('whole frames: the encoder fills in a length that is open, and refuses a wrong one', () => {
    const framing = lengthPrefixed('u16', { offset: 1 });
    expectCodec(framing, [
      { name: 'two', bytes: raw(7, 0, 1, 'a', 8, 0, 0), frames: [raw(7, 0, 1, 'a'), raw(8, 0, 0)] },
      { name: 'cut off in front', bytes: raw(7), frames: [], error: cut },
    ]);
    expect(encodeAll(framing, [raw(7, 0, 0, 'ab')])).toEqual(raw(7, 0, 2, 'ab'));
    expect(refusal(framing, raw(7, 99, 99, 'ab')).message).toMatch(
      /says 25443, and ought to say 2;/,
    );
    const digits = lengthPrefixed('ascii3', { offset: 1 });
    for (const open of [raw(7, 0, 0, 0, 'ab'), raw(7, '000ab'), raw(7, '002ab')]) {
      expect(encodeAll(digits, [open])).toEqual(raw(7, '002ab'));
    }
    expect(refusal(digits, raw(7, 'no!ab')).message).toMatch(/says nothing, and ought to say 2;/);
    for (const short of [raw(), raw(7), raw(7, 0)]) {
      expect(refusal(framing, short).code).toBe('frame-invalid');
    }
  });

  test('a frame that is shorter than its length is none, whatever the length would be', () => {
    const framing = lengthPrefixed('u32', { strip: 0, adjustment: -4 });
    for (let length = 0; length < 4; length++) {
      expect(refusal(framing, new Uint8Array(length)).code).toBe('frame-invalid');
    }
    expectCodec(framing, [{ name: 'least', bytes: raw(0, 0, 0, 4), frames: [raw(0, 0, 0, 4)] }]);
  });

  test('dropped', () => {
    expectCodec(lengthPrefixed('u16le', { offset: 2, strip: 4, header: raw('MZ', 0, 0) }), [
      { name: 'two', bytes: raw('MZ', 1, 0, 'aMZ', 0, 0), frames: [raw('a'), raw()] },
      {
        name: 'nobody compares it',
        bytes: raw('ZM', 1, 0, 'a'),
        frames: [raw('a')],
        readOnly: true,
      },
    ]);
    const { code, message } = refusal(lengthPrefixed('u8', { offset: 1, strip: 2 }), raw('a'));
    expect(code).toBe('frame-invalid');
    expect(message).toContain('option header');
  });

  test('more is dropped than the length', () => {
    expectCodec(lengthPrefixed('u8', { strip: 3, header: raw(0, 'xy') }), [
      { name: 'one', bytes: raw(3, 'xya'), frames: [raw('a')] },
      { name: 'fewer are there', bytes: raw(1, 'x'), frames: [], error: invalid },
    ]);
  });

  test('before a length of no fixed size', () => {
    const framing = lengthPrefixed('varint', { offset: 1 });
    expectCodec(framing, [
      { name: 'two', bytes: raw(7, 1, 'a', 8, 0), frames: [raw(7, 1, 'a'), raw(8, 0)] },
      { name: 'another spelling', bytes: raw(7, 0x81, 0, 'a'), frames: [raw(7, 0x81, 0, 'a')] },
    ]);
    for (const wrong of [
      raw(7),
      raw(7, 2, 'a'),
      raw(7, 0, 'a'),
      raw(7, new Uint8Array(10).fill(255)),
    ]) {
      expect(refusal(framing, wrong).code).toBe('frame-invalid');
    }
  });

  test('a header belongs to whoever gave it', () => {
    const header = raw(0, 'x');
    const framing = lengthPrefixed('u8', { adjustment: 1, strip: 2, header });
    header.fill(9);
    expect(encodeAll(framing, [raw('a')])).toEqual(raw(1, 'xa'));
  });
});

describe('the limit counts the whole frame', () => {
  test.each([
    ['u32', {}, 4],
    ['u32', { adjustment: -4 }, 4],
    ['u16', { adjustment: 3, strip: 5, header: raw(0, 0, 'xyz') }, 5],
    ['u8', { offset: 4, strip: 5, header: raw('wxyz', 0) }, 5],
    ['varint', {}, 1],
    ['ascii4', {}, 4],
    ['netstring', {}, 4],
    ['octet-counting', {}, 3],
  ] as const)('%s with %j', (format, options, around) => {
    const framing = lengthPrefixed(format, { ...options, maxLength: 40 });
    const wide = lengthPrefixed(format, options);
    const [less, most, more] = [39, 40, 41].map((length) => pattern(length - around));
    if (less === undefined || most === undefined || more === undefined) throw new Error('three');
    const above = encodeAll(wide, [more]);
    expect(above).toHaveLength(41);
    expectCodec(
      framing,
      [
        { name: 'below', bytes: encodeAll(wide, [less]), frames: [less] },
        { name: 'at', bytes: encodeAll(wide, [most]), frames: [most] },
        { name: 'above', bytes: above, frames: [], error: tooLarge },
      ],
      { maxFrameLength: 40 },
    );
    expect(refusal(framing, more)).toMatchObject({
      code: 'frame-too-large',
      limit: { option: 'maxLength', value: 40 },
    });
  });

  test('no frame is longer than its length can say', () => {
    expect(lengthPrefixed('u8').maxLength).toBe(256);
    expect(refusal(lengthPrefixed('u8'), new Uint8Array(256)).code).toBe('frame-too-large');
    expect(refusal(lengthPrefixed('ascii1'), raw('0123456789')).code).toBe('frame-too-large');
    expect(encodeAll(lengthPrefixed('u8'), [new Uint8Array(255)])).toHaveLength(256);
  });

  test.each([
    ['u64', new Uint8Array(8).fill(255)],
    ['u56le', new Uint8Array(7).fill(255)],
    ['u64', raw(0, 0x20, 0, 0, 0, 0, 0, 0)],
    ['varint', raw(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1)],
    ['ascii15', raw('999999999999999')],
    ['netstring', raw('999999999999999:')],
  ] as const)('%s above all bounds is too large', (format, bytes) => {
    const framing = lengthPrefixed(format, { maxLength: Number.MAX_SAFE_INTEGER });
    const near = format === 'ascii15' || format === 'netstring';
    expectCodec(near ? lengthPrefixed(format) : framing, [
      { name: 'it', bytes, frames: [], error: tooLarge },
    ]);
  });
});

test.each([
  ['u8', { offset: -1 }],
  ['u8', { offset: 0.5 }],
  ['u8', { adjustment: NaN }],
  ['u8', { strip: -1 }],
  ['u8', { strip: 1.5 }],
  ['varint', { strip: 1 }],
  ['u8', { header: raw(1, 2) }],
  ['varint', { header: raw(1) }],
  ['u8', { maxLength: 0 }],
  ['u8', { maxLength: 1.5 }],
] as const)('%s refuses options %j', (format, options) => {
  expect(() => lengthPrefixed(format, options)).toThrow(RangeError);
});
