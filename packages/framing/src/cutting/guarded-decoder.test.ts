/** Frames above the limit, and how streams end: the same for all framings. */
import { describe, expect, test } from 'vitest';
import {
  expectCodec,
  heldBytesOf,
  inChunks,
  joinPieces,
  outcomes,
  pattern,
  raw,
} from '../../test/codec.ts';
import { NEED_DATA, type FrameDecoder } from '../decoder.ts';
import { RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { ComposableFraming } from '../framing.ts';
import { text } from '../contents/text.ts';
import { delimited } from '../framings/delimited.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { headed } from '../framings/headed.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { typeByte } from '../framings/type-byte.ts';
import type { FramingOptions } from '../limits.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';

const LIMIT = 12;
const CHUNKS = [[], [1], [2], [3], [5, 1], [11], [12], [13], [20]];

interface Kind {
  readonly name: string;
  readonly create: (options: FramingOptions) => ComposableFraming<unknown>;
  /** A frame of so many bytes on the wire. */
  readonly frame: (length: number) => Uint8Array;
}

const content = (length: number) => new Uint8Array(length).fill(0x61);

const KINDS: readonly Kind[] = [
  {
    name: 'delimited',
    create: (options) => delimited('#', options),
    frame: (length) => raw(content(length - 1), '#'),
  },
  {
    name: 'delimited by three bytes',
    create: (options) => delimited('#*#', options),
    frame: (length) => raw(content(length - 4), '#', '#*#'),
  },
  {
    name: 'lengthPrefixed',
    create: (options) => lengthPrefixed('u16', options),
    frame: (length) => raw(0, length - 2, content(length - 2)),
  },
  {
    name: 'netstring',
    create: (options) => lengthPrefixed('netstring', options),
    frame: (length) => {
      const digits = String(length - 4).length;
      const inside = length - 2 - digits;
      return raw(`${inside}:`, content(inside), ',');
    },
  },
  {
    name: 'typeByte of a length',
    create: (options) => typeByte({ 1: lengthPrefixed('u8') }, options),
    frame: (length) => raw(1, length - 2, content(length - 2)),
  },
  {
    name: 'typeByte of a delimiter',
    create: (options) => typeByte({ 1: delimited('#*#') }, options),
    frame: (length) => raw(1, content(length - 4), '#*#'),
  },
  {
    name: 'the body of typeByte has the limit',
    create: ({ overlong = 'fail' }) =>
      typeByte({ 1: delimited('#', { maxLength: LIMIT - 1 }) }, { overlong }),
    frame: (length) => raw(1, content(length - 2), '#'),
  },
  {
    name: 'headed in headed',
    create: (options) =>
      headed(
        lengthPrefixed('u8'),
        () => headed(lengthPrefixed('u8'), () => delimited('#')),
        options,
      ),
    frame: (length) => raw(1, 'h', 1, 'i', content(length - 5), '#'),
  },
];

/** The decoder of whole frames, and that of pieces as if it were one. */
const READERS: readonly (readonly [
  string,
  (framing: ComposableFraming<unknown>, chunks: Iterable<Uint8Array>) => unknown[],
])[] = [
  ['whole', (framing, chunks) => outcomes(framing.createDecoder(), chunks)],
  ['in pieces', (framing, chunks) => joinPieces(outcomes(framing.createPieceDecoder(), chunks))],
];

describe.each(KINDS)('$name', ({ create, frame }) => {
  const small = frame(LIMIT - 3);
  const most = frame(LIMIT);
  const above = frame(LIMIT + 2); // no netstring has one byte more
  const far = frame(LIMIT + 100);

  test.each(READERS)('a frame at the limit is one, %s', (_name, read) => {
    for (const lengths of CHUNKS) {
      expect(most).toHaveLength(LIMIT);
      const found = read(create({ maxLength: LIMIT }), inChunks(raw(most, small, most), lengths));
      expect(found).toMatchObject([{ frame: {} }, { frame: {} }, { frame: {} }]);
    }
  });

  test.each(READERS)('above it the framing is lost, %s', (_name, read) => {
    for (const bad of [above, far]) {
      for (const lengths of CHUNKS) {
        const found = read(create({ maxLength: LIMIT }), inChunks(raw(small, bad, small), lengths));
        expect(found).toMatchObject([
          { frame: {} },
          { code: 'frame-too-large', framing: 'lost', offset: small.length },
        ]);
      }
    }
  });

  test.each(READERS)('or it is skipped, with one error for each, %s', (_name, read) => {
    for (const lengths of CHUNKS) {
      const found = read(
        create({ maxLength: LIMIT, overlong: 'skip' }),
        inChunks(raw(small, above, far, small, above, most), lengths),
      );
      expect(found).toMatchObject([
        { frame: {} },
        { code: 'frame-too-large', framing: 'intact', offset: small.length },
        { code: 'frame-too-large', framing: 'intact', offset: small.length + above.length },
        { frame: {} },
        {
          code: 'frame-too-large',
          framing: 'intact',
          offset: 2 * small.length + above.length + far.length,
        },
        { frame: {} },
      ]);
    }
  });

  test.each(READERS)('or the stream is closed, %s', (_name, read) => {
    for (const lengths of CHUNKS) {
      const found = read(
        create({ maxLength: LIMIT, overlong: 'close' }),
        inChunks(raw(small, far, small, far.subarray(0, 3)), lengths),
      );
      expect(found).toMatchObject([{ frame: {} }]);
    }
  });

  test.each(['fail', 'skip', 'close'] as const)('the verifier finds nothing: %s', (overlong) => {
    const framing = create({ maxLength: LIMIT, overlong });
    const [first] = outcomes(framing.createDecoder(), [small]);
    const value = first !== undefined && 'frame' in first ? first.frame : undefined;
    const error = {
      code: 'frame-too-large',
      framing: overlong === 'fail' ? 'lost' : 'intact',
    } as const; // an expected error
    const good = { frame: value };
    expectCodec(
      framing,
      [
        { name: 'good', bytes: raw(small, small), frames: [value, value] },
        overlong === 'close'
          ? { name: 'bad', bytes: raw(small, far), expected: [good], closes: true }
          : overlong === 'skip'
            ? {
                name: 'bad',
                bytes: raw(small, far, above, small),
                expected: [good, { error }, { error }, good],
              }
            : // Up to where it is known to be too long.
              {
                name: 'bad',
                bytes: raw(small, far.subarray(0, LIMIT)),
                expected: [good, { error }],
              },
      ],
      { maxFrameLength: LIMIT },
    );
  });

  test('a skipped frame holds no memory', () => {
    const framing = create({ maxLength: LIMIT, overlong: 'skip' });
    for (const decoder of [framing.createDecoder(), framing.createPieceDecoder()]) {
      const buffer = new ReceiveBuffer({ maxLength: 64 });
      for (const chunk of inChunks(frame(LIMIT + 200).subarray(0, -1), [7])) {
        buffer.append(chunk);
        // What comes before the limit is known to be exceeded comes as pieces.
        while (decoder.decode(buffer) !== NEED_DATA);
        expect(buffer.length + heldBytesOf(decoder)).toBeLessThanOrEqual(LIMIT);
      }
    }
  });

  test('a stream that ends within a skipped frame is cut', () => {
    for (const cut of [LIMIT, LIMIT + 50, LIMIT + 99]) {
      const framing = create({ maxLength: LIMIT, overlong: 'skip' });
      const found = outcomes(
        framing.createDecoder(),
        inChunks(raw(small, far.subarray(0, cut)), [4]),
      );
      expect(found).toMatchObject([
        { frame: {} },
        { code: 'truncated', framing: 'lost', offset: small.length },
      ]);
    }
  });

  test('a clean end and a cut one are told apart, at each byte', () => {
    const bytes = raw(small, most);
    for (let length = 0; length <= bytes.length; length++) {
      const isClean = length === 0 || length === small.length || length === bytes.length;
      for (const read of READERS) {
        const found = read[1](
          create({ maxLength: LIMIT }),
          inChunks(bytes.subarray(0, length), [3]),
        );
        const codes = found.map((each) =>
          typeof each === 'object' && each !== null && 'code' in each ? each.code : 'frame',
        );
        const whole = (length >= small.length ? 1 : 0) + (length === bytes.length ? 1 : 0);
        expect(codes).toEqual([
          ...Array.from({ length: whole }, () => 'frame'),
          ...(isClean ? [] : ['truncated']),
        ]);
      }
    }
  });
});

describe('what is wrong behind the limit is not seen before the limit is, however the bytes come', () => {
  const small = { maxLength: 5 } as const; // an option
  test.each([
    ['digits', lengthPrefixed('netstring', small), raw('123456x')],
    ['a varint', lengthPrefixed('varint', small), new Uint8Array(11).fill(0x80)],
    [
      'in a body',
      headed(fixedLength(1), () => lengthPrefixed('netstring', small)),
      raw('h123456x'),
    ],
    ['in a head', headed(lengthPrefixed('netstring', small), () => 1), raw('123456x')],
    ['a type', typeByte({ 1: lengthPrefixed('ascii5') }, { maxLength: 3 }), raw(1, 'abcde')],
    [
      'a head',
      headed(delimited('#', { content: text() }), () => 0, { maxLength: 1 }),
      raw(0x80, '#'),
    ],
  ] as const)('%s', (_name, framing: ComposableFraming<unknown>, bytes) => {
    for (const lengths of [[], [1], [5, 1], [2]]) {
      for (const decoder of [framing.createDecoder(), framing.createPieceDecoder()]) {
        const found = outcomes<unknown>(decoder, inChunks(bytes, lengths));
        expect(found.at(-1)).toEqual({ code: 'frame-too-large', framing: 'lost', offset: 0 });
      }
    }
  });

  test('and where it is skipped, all heads of it are', () => {
    const inner = headed(lengthPrefixed('u8'), () => delimited('#', { maxLength: 3 }));
    const framing = headed(lengthPrefixed('u8'), () => inner, { maxLength: 7, overlong: 'skip' });
    const bytes = raw(1, 'h', 6, 'iiiiii', 'abcdef#', 1, 'h', 1, 'i', 'ab#');
    const expected = [
      { code: 'frame-too-large', framing: 'intact', offset: 0 },
      { frame: { head: raw('h'), body: { head: raw('i'), body: raw('ab') } } },
    ];
    for (const lengths of CHUNKS) {
      expect(outcomes(framing.createDecoder(), inChunks(bytes, lengths))).toEqual(expected);
    }
  });
});

describe('errors', () => {
  const thrownBy = (decoder: FrameDecoder<unknown>, buffer: ReceiveBuffer): RemoteProtocolError => {
    try {
      decoder.decode(buffer);
    } catch (error) {
      if (error instanceof RemoteProtocolError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  };

  test('one that loses the framing comes again, from each call', () => {
    const decoder = delimited('#', { maxLength: 4 }).createDecoder();
    const buffer = new ReceiveBuffer();
    buffer.append(raw('abcde'));
    const error = thrownBy(decoder, buffer);
    buffer.append(raw('#a#'));
    expect(thrownBy(decoder, buffer)).toBe(error);
    expect(() => decoder.end(buffer)).toThrow(error);
    expect(buffer.offset).toBe(0);
  });

  test('they say what was too long, and which option raises the limit', () => {
    const say = (framing: ComposableFraming<unknown>, bytes: Uint8Array) => {
      const buffer = new ReceiveBuffer();
      buffer.append(bytes);
      return thrownBy(framing.createDecoder(), buffer);
    };
    expect(say(lengthPrefixed('u32', { maxLength: 10 }), raw(0, 0, 1, 0))).toMatchObject({
      message: 'read a frame of 260 bytes: the limit is 10; raise maxLength to accept it',
      limit: { option: 'maxLength', value: 10 },
      sample: '00 00 01 00',
    });
    expect(say(delimited('#', { maxLength: 3 }), raw('abc')).message).toContain(
      'more than 3 bytes',
    );
    expect(say(lengthPrefixed('u64'), new Uint8Array(8).fill(255)).message).toContain(
      'more than 9007199254740991 bytes',
    );
  });

  test('none shows bytes of another stream: the shared buffer has them behind its own', () => {
    const scratch = new Uint8Array(64).fill(0x53);
    const framings = [
      lengthPrefixed('ascii2'),
      lengthPrefixed('u16', { adjustment: -2 }),
      delimited('#', { maxLength: 2 }),
      typeByte({ 1: 1 }),
      headed(lengthPrefixed('ascii1'), () => NaN),
    ];
    for (const framing of framings) {
      const buffer = new ReceiveBuffer();
      buffer.beginReceive(scratch).set([0, 0]);
      buffer.endReceive(2);
      expect(thrownBy(framing.createDecoder(), buffer).sample).toBe('00 00');
      expect(thrownBy(framing.createPieceDecoder(), receivedAgain(scratch)).sample).toBe('00 00');
    }
  });

  function receivedAgain(scratch: Uint8Array): ReceiveBuffer {
    const buffer = new ReceiveBuffer();
    buffer.beginReceive(scratch).set([0, 0]);
    buffer.endReceive(2);
    return buffer;
  }

  test('a cut frame says how much of it came', () => {
    const truncation = (framing: ComposableFraming<unknown>, bytes: Uint8Array): unknown => {
      const buffer = new ReceiveBuffer();
      const decoder = framing.createDecoder();
      buffer.append(bytes);
      while (decoder.decode(buffer) !== NEED_DATA);
      try {
        decoder.end(buffer);
      } catch (error) {
        expect(error).toBeInstanceOf(TruncatedFrameError);
        return error;
      }
      return undefined;
    };
    expect(truncation(delimited('\r\n'), raw('ab\r\ncd'))).toMatchObject({
      message: 'read a frame: the stream ended after 2 bytes of it, before the delimiter "\\r\\n"',
      offset: 4,
      sample: '63 64',
    });
    expect(truncation(lengthPrefixed('u8'), raw(3, 'ab'))).toMatchObject({
      message: 'read a frame: the stream ended 1 bytes short of 4',
      offset: 0,
    });
    expect(truncation(lengthPrefixed('u16'), raw(3))).toMatchObject({
      message: 'read a frame: the stream ended after 1 bytes of it, before its length',
    });
    expect(
      truncation(
        headed(delimited(':'), () => 1),
        raw('ab'),
      ),
    ).toMatchObject({
      message:
        'read a frame: the stream ended after 2 bytes of it, before the delimiter ":" (of its head)',
    });
    expect(truncation(lengthPrefixed('u8'), raw())).toBeUndefined();
  });
});

test('long frames above the limit are dropped as they come', () => {
  const framing = lengthPrefixed('u32', { maxLength: 1000, overlong: 'skip' });
  const bytes = raw(0, 4, 0, 0, pattern(4 * 65536), 0, 0, 0, 1, 'a');
  const decoder = framing.createDecoder();
  expect(outcomes(decoder, inChunks(bytes, [70_000]))).toMatchObject([
    { code: 'frame-too-large', framing: 'intact', offset: 0 },
    { frame: raw('a') },
  ]);
  expect(heldBytesOf(decoder)).toBe(0);
});
