import { expect, test } from 'vitest';
import { expectCodec, raw, refusal } from '../../test/codec.ts';
import { text } from '../contents/text.ts';
import { delimited } from './delimited.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { typeByte } from './type-byte.ts';
import { untilClose } from './until-close.ts';

const unknown = { code: 'type-unknown', framing: 'lost' } as const; // an expected error
const cut = { code: 'truncated', framing: 'lost' } as const; // an expected error

test('each type ends in its own way', () => {
  const framing = typeByte({
    0: 0,
    1: 3,
    2: lengthPrefixed('u16', { content: text() }),
    3: delimited('\0', { content: text() }),
    255: lengthPrefixed('netstring'),
  });
  expectCodec(framing, [
    { name: 'of fixed length', bytes: raw(1, 'abc'), frames: [{ type: 1, content: raw('abc') }] },
    {
      name: 'type alone',
      bytes: raw(0, 0),
      frames: [0, 0].map(() => ({ type: 0, content: raw() })),
    },
    { name: 'with a length', bytes: raw(2, 0, 2, 'é'), frames: [{ type: 2, content: 'é' }] },
    { name: 'with an end', bytes: raw(3, 'abc', 0), frames: [{ type: 3, content: 'abc' }] },
    { name: 'with both', bytes: raw(255, '1:a,'), frames: [{ type: 255, content: raw('a') }] },
    {
      name: 'unknown',
      bytes: raw(1, 'abc', 4),
      frames: [{ type: 1, content: raw('abc') }],
      error: unknown,
    },
    { name: 'cut behind the type', bytes: raw(3), frames: [], error: cut },
    {
      name: 'no text',
      bytes: raw(3, 0xff, 0, 0),
      expected: [
        { error: { code: 'content-invalid', framing: 'intact' } },
        { frame: { type: 0, content: raw() } },
      ],
    },
  ]);
});

test('a type that ends with the stream', () => {
  const framing = typeByte({ 1: 1, 2: untilClose() });
  expectCodec(framing, [
    {
      name: 'behind another',
      bytes: raw(1, 'a', 2, 'bcd'),
      frames: [
        { type: 1, content: raw('a') },
        { type: 2, content: raw('bcd') },
      ],
      lastFrameEndsWithStream: true,
    },
    {
      name: 'empty',
      bytes: raw(2),
      frames: [{ type: 2, content: raw() }],
      lastFrameEndsWithStream: true,
    },
  ]);
});

test('what the other side would not know is refused', () => {
  const framing = typeByte({ 1: 2, 2: delimited('\n') });
  // What a program without types may pass.
  for (const type of [0, 3, 257, -1, 1.5, NaN]) {
    const frame = { type, content: raw('ab') } as { type: 1; content: Uint8Array }; // as said
    expect(refusal(framing, frame).code).toBe('type-unknown');
  }
  expect(refusal(framing, { type: 1, content: raw('abc') }).code).toBe('frame-invalid');
  expect(refusal(framing, { type: 2, content: raw('a\n') }).code).toBe('frame-invalid');
  const text = { type: 1, content: 'ab' } as unknown as { type: 1; content: Uint8Array }; // as said
  expect(refusal(framing, text).code).toBe('frame-invalid');
});

test.each([[{}], [{ 256: 1 }], [{ '-1': 1 }], [{ 1.5: 1 }], [{ a: 1 }], [{ 1: -1 }], [{ 1: 0.5 }]])(
  'table %j is none',
  (table) => {
    expect(() => typeByte(table)).toThrow(RangeError);
  },
);
