import { describe, expect, test } from 'vitest';
import { expectCodec, outcomes, pattern, raw, refusal } from '../../test/codec.ts';
import { text } from '../contents/text.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import { delimited } from './delimited.ts';
import { fixedLength } from './fixed-length.ts';
import { headed } from './headed.ts';
import type { BodyFraming } from './headed-cutter.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { typeByte } from './type-byte.ts';
import { untilClose } from './until-close.ts';

const cut = { code: 'truncated', framing: 'lost' } as const; // an expected error
const tooLarge = { code: 'frame-too-large', framing: 'lost' } as const; // an expected error

const head = delimited('\r\n\r\n', { content: text(), maxLength: 40 });
const lengthOf = (value: string) => Number(/^Length: ([0-9]+)$/.exec(value)?.[1]);

test('a head with the length of its body', () => {
  expectCodec(headed(head, lengthOf), [
    {
      name: 'two',
      bytes: raw('Length: 2\r\n\r\nabLength: 0\r\n\r\n'),
      frames: [
        { head: 'Length: 2', body: raw('ab') },
        { head: 'Length: 0', body: raw() },
      ],
    },
    { name: 'cut in the body', bytes: raw('Length: 2\r\n\r\na'), frames: [], error: cut },
    { name: 'cut in the head', bytes: raw('Length: 2\r\n\r'), frames: [], error: cut },
    {
      name: 'no length',
      bytes: raw('Type: 2\r\n\r\n'),
      frames: [],
      error: { code: 'length-invalid', framing: 'lost' },
    },
    { name: 'a head above its limit', bytes: raw('x'.repeat(40)), frames: [], error: tooLarge },
  ]);
});

describe('a head that is wrong loses the framing, whatever it says itself', () => {
  test('its content', () => {
    expectCodec(
      headed(lengthPrefixed('u8', { content: text() }), () => 1),
      [
        { name: 'good', bytes: raw(1, 'ab'), frames: [{ head: 'a', body: raw('b') }] },
        {
          name: 'no text',
          bytes: raw(1, 0xff, 'b', 1, 'ab'),
          frames: [],
          error: { code: 'content-invalid', framing: 'lost' },
        },
      ],
    );
  });

  test('what it says of its body', () => {
    const refusing = headed(fixedLength(1), (): number => {
      throw new FrameFault('head-unwanted', 'read a head: nobody wants it', { framing: 'intact' });
    });
    expectCodec(refusing, [
      {
        name: 'any',
        bytes: raw('ab'),
        frames: [],
        error: { code: 'head-unwanted', framing: 'lost' },
      },
    ]);
    expect(refusal(refusing, { head: raw('a'), body: raw() }).code).toBe('head-unwanted');
  });

  test.each([NaN, -1, 1.5, Infinity])('a length of %d', (length) => {
    expectCodec(
      headed(fixedLength(1), () => length),
      [
        {
          name: 'any',
          bytes: raw('ab'),
          frames: [],
          error: { code: 'length-invalid', framing: 'lost' },
        },
      ],
    );
  });
});

test('bodies of any framing, one in the other', () => {
  const inner = headed(fixedLength(1), ([first = 0]) => first);
  const framing = headed<Uint8Array, BodyFraming<unknown>>(fixedLength(1), ([first]) => {
    if (first === 0x61) return inner;
    if (first === 0x62) return typeByte({ 1: 1, 2: delimited('#') });
    if (first === 0x63) return untilClose();
    return 2;
  });
  const frames = [
    { head: raw('a'), body: { head: raw(2), body: raw('xy') } },
    { head: raw('b'), body: { type: 2, content: raw('xyz') } },
    { head: raw('b'), body: { type: 1, content: raw('x') } },
    { head: raw('z'), body: raw('xy') },
  ];
  expectCodec(framing, [
    { name: 'all', bytes: raw('a', 2, 'xy', 'b', 2, 'xyz#', 'b', 1, 'x', 'zxy'), frames },
    {
      name: 'to the end',
      bytes: raw('zxyc', 'xyz'),
      frames: [frames[3] ?? { head: raw(), body: 0 }, { head: raw('c'), body: raw('xyz') }],
      lastFrameEndsWithStream: true,
    },
  ]);
});

test('a body that may lack its delimiter at the end', () => {
  const framing = headed(fixedLength(1), () => delimited('\n', { unterminated: 'frame' }));
  const first = { frame: { head: raw('1'), body: raw('a') } };
  // Cut behind the head there is no frame; one byte later there is.
  expect(outcomes(framing.createDecoder(), [raw('1a\n2b')])).toEqual([
    first,
    { frame: { head: raw('2'), body: raw('b') } },
  ]);
  expect(outcomes(framing.createDecoder(), [raw('1a\n2')])).toEqual([first, { ...cut, offset: 3 }]);
});

test('the limit counts head and body; each has its own besides', () => {
  const framing = headed(
    lengthPrefixed('u8', { maxLength: 4 }),
    () => delimited('#', { maxLength: 6 }),
    {
      maxLength: 9,
    },
  );
  expectCodec(
    framing,
    [
      {
        name: 'at',
        bytes: raw(3, 'abc', 'defg#'),
        frames: [{ head: raw('abc'), body: raw('defg') }],
      },
      { name: 'all above', bytes: raw(3, 'abc', 'defgh#'), frames: [], error: tooLarge },
      { name: 'the body above', bytes: raw(0, 'abcdef#'), frames: [], error: tooLarge },
      {
        name: 'the body at',
        bytes: raw(0, 'abcde#'),
        frames: [{ head: raw(), body: raw('abcde') }],
      },
      { name: 'the head above', bytes: raw(4, 'abcd#'), frames: [], error: tooLarge },
    ],
    { maxFrameLength: 9 },
  );
  for (const [first, rest] of [
    ['abc', 'defgh'],
    ['', 'abcdef'],
    ['abcd', ''],
  ] as const) {
    const error = refusal(framing, { head: raw(first), body: raw(rest) });
    expect(error).toMatchObject({ code: 'frame-too-large', limit: { option: 'maxLength' } });
  }
});

test('a long body comes whole', () => {
  const body = pattern(200 * 1024);
  const framing = headed(lengthPrefixed('ascii6', { content: text() }), () =>
    delimited(raw(0xfe, 0xfd, 0xfc, 0xfe)),
  );
  const bytes = raw('000001x', body, 0xfe, 0xfd, 0xfc, 0xfe);
  const chunks = Array.from({ length: 5 }, (_, index) =>
    bytes.subarray(index * 50_000, (index + 1) * 50_000),
  );
  expect(outcomes(framing.createDecoder(), chunks)).toEqual([{ frame: { head: 'x', body } }]);
});

describe('what is refused', () => {
  test('a body of another length than the head says', () => {
    const error = refusal(headed(head, lengthOf), { head: 'Length: 3', body: raw('ab') });
    expect(error.code).toBe('frame-invalid');
    expect(error.message).toContain('its head says that it has 3');
    expect(refusal(headed(head, lengthOf), { head: 'nothing', body: raw('ab') }).code).toBe(
      'frame-invalid',
    );
  });

  test('a head that ends with the stream: no body could follow', () => {
    const framing = headed(untilClose(), () => 1);
    expect(refusal(framing, { head: raw('a'), body: raw('b') }).code).toBe('frame-invalid');
  });

  test('a head with a delimiter in it', () => {
    const error = refusal(
      headed(head, () => 0),
      { head: 'a\r\n\r\nb', body: raw() },
    );
    expect(error.code).toBe('frame-invalid');
  });
});
