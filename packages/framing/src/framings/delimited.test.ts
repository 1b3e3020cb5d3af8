import { describe, expect, test } from 'vitest';
import { expectCodec, encodeAll, raw, refusal } from '../../test/codec.ts';
import { text } from '../contents/text.ts';
import { delimited } from './delimited.ts';

const cut = { code: 'truncated', framing: 'lost' } as const; // an expected error
const tooLarge = { code: 'frame-too-large', framing: 'lost' } as const; // an expected error

test('one delimiter', () => {
  expectCodec(delimited('#'), [
    { name: 'two frames', bytes: raw('ab#cd#'), frames: [raw('ab'), raw('cd')] },
    { name: 'empty frames', bytes: raw('##a#'), frames: [raw(), raw(), raw('a')] },
    { name: 'nothing', bytes: raw(), frames: [] },
    { name: 'what follows stays', bytes: raw('a#'), frames: [raw('a')], trailing: raw('b') },
    { name: 'cut off', bytes: raw('a#b'), frames: [raw('a')], error: cut },
  ]);
});

test('a delimiter of several bytes, and its beginnings in the content', () => {
  expectCodec(delimited('#*#', { content: text() }), [
    { name: 'two frames', bytes: raw('one#*#two#*#'), frames: ['one', 'two'] },
    { name: 'beginnings', bytes: raw('#*a#*b##*#'), frames: ['#*a#*b#'] },
    { name: 'only half of it', bytes: raw('a#*#b#*'), frames: ['a'], error: cut },
    // The end of one is not the beginning of the next.
    { name: 'none is shared', bytes: raw('a#*#*#*#'), frames: ['a', '*'] },
  ]);
});

test('a delimiter that overlaps itself: the shortest frame wins', () => {
  expectCodec(delimited('##'), [
    { name: 'three', bytes: raw('a###b##'), frames: [raw('a'), raw('#b')] },
    { name: 'four', bytes: raw('####'), frames: [raw(), raw()] },
  ]);
  expect(refusal(delimited('##'), raw('a#')).code).toBe('frame-invalid');
});

test('several delimiters: the first is written, each is read', () => {
  expectCodec(delimited(['\n', ';', 'END']), [
    { name: 'the first', bytes: raw('a\nb\n'), frames: [raw('a'), raw('b')] },
    {
      name: 'any',
      bytes: raw('a;b\ncENDENEND'),
      frames: [raw('a'), raw('b'), raw('c'), raw('EN')],
      readOnly: true,
    },
  ]);
});

test('of two that end with the same byte the longer one', () => {
  const cases = [
    {
      name: 'both',
      bytes: raw('a\r\nb\nc\r\n'),
      frames: [raw('a'), raw('b'), raw('c')],
      readOnly: true,
    },
    {
      name: 'half of one',
      bytes: raw('a\rb\r\n\r\n'),
      frames: [raw('a\rb'), raw()],
      readOnly: true,
    },
  ];
  for (const delimiters of [
    ['\n', '\r\n'],
    ['\r\n', '\n'],
  ]) {
    expectCodec(delimited(delimiters), cases);
  }
  expect(encodeAll(delimited(['\r\n', '\n']), [raw('a')])).toEqual(raw('a\r\n'));
});

test('delimiters with different last bytes, any bytes', () => {
  expectCodec(delimited([raw(0xff, 0x00), raw(0xfe)]), [
    {
      name: 'both',
      bytes: raw('a', 0xff, 'b', 0, 0xff, 0, 0xfe, 0xff, 0xfe),
      frames: [raw('a', 0xff, 'b', 0), raw(), raw(0xff)],
      readOnly: true,
    },
    { name: 'the first', bytes: raw('a', 0xff, 0), frames: [raw('a')] },
  ]);
});

test('a delimiter of 256 bytes', () => {
  const delimiter = Uint8Array.from({ length: 256 }, (_, index) => index);
  const almost = delimiter.subarray(0, 255);
  expectCodec(delimited(delimiter), [
    { name: 'one', bytes: raw('x', delimiter), frames: [raw('x')] },
    { name: 'almost', bytes: raw(almost, delimiter), frames: [almost] },
  ]);
});

test('a delimiter belongs to whoever gave it', () => {
  const delimiter = raw('#');
  const framing = delimited(delimiter);
  delimiter.fill(0);
  expect(encodeAll(framing, [raw('a')])).toEqual(raw('a#'));
});

test('a delimiter in UTF-8', () => {
  expectCodec(delimited('€', { content: text() }), [
    { name: 'between others of its kind', bytes: raw('£₫€a€'), frames: ['£₫', 'a'] },
  ]);
});

test('kept', () => {
  expectCodec(delimited(['\n', '\r\n'], { keepDelimiter: true }), [
    {
      name: 'each as it came',
      bytes: raw('a\r\nb\n\n'),
      frames: [raw('a\r\n'), raw('b\n'), raw('\n')],
    },
    { name: 'cut off', bytes: raw('a\nb'), frames: [raw('a\n')], error: cut },
  ]);
});

describe('without a delimiter at the end of the stream', () => {
  test('a frame, where that is allowed', () => {
    expectCodec(delimited('\r\n', { unterminated: 'frame' }), [
      {
        name: 'last',
        bytes: raw('a\r\nb'),
        frames: [raw('a'), raw('b')],
        lastFrameEndsWithStream: true,
        readOnly: true,
      },
      {
        name: 'half of a delimiter',
        bytes: raw('a\r'),
        frames: [raw('a\r')],
        lastFrameEndsWithStream: true,
        readOnly: true,
      },
      { name: 'none is missing', bytes: raw('a\r\n'), frames: [raw('a')] },
      { name: 'nothing', bytes: raw(), frames: [] },
    ]);
  });

  test('with the delimiter kept', () => {
    expectCodec(delimited('\n', { unterminated: 'frame', keepDelimiter: true }), [
      {
        name: 'last',
        bytes: raw('a\nb'),
        frames: [raw('a\n'), raw('b')],
        lastFrameEndsWithStream: true,
        readOnly: true,
      },
    ]);
  });

  test('and at the limit', () => {
    expectCodec(delimited('\n', { unterminated: 'frame', maxLength: 3 }), [
      {
        name: 'last',
        bytes: raw('ab\nabc'),
        frames: [raw('ab'), raw('abc')],
        lastFrameEndsWithStream: true,
        readOnly: true,
      },
      { name: 'above', bytes: raw('ab\nabcd'), frames: [raw('ab')], error: tooLarge },
    ]);
  });
});

describe('what is refused', () => {
  test.each([
    ['#', 'a#b', 'it has a delimiter at 1'],
    ['##', 'a##b', 'it has a delimiter at 1'],
    ['##', 'ab#', 'it has a delimiter at 2'],
    [['\n', '\r\n'], 'ab\r', 'it has a delimiter at 2'],
    [['\n', ';'], ';', 'it has a delimiter at 0'],
  ])('with %j, content %j', (delimiters, content, problem) => {
    for (const kind of [delimited(delimiters), delimited(delimiters, { maxLength: 100 })]) {
      const error = refusal(kind, raw(content));
      expect(error.code).toBe('frame-invalid');
      expect(error.message).toContain(problem);
    }
  });

  test.each(['', 'a', 'a\nb', 'a\nb\n', '\n\n'])('with the delimiter kept, frame %j', (frame) => {
    expect(refusal(delimited('\n', { keepDelimiter: true }), raw(frame)).code).toBe(
      'frame-invalid',
    );
  });

  test.each([
    [[], 'cut at 0 delimiters'],
    ['', 'a delimiter of 0 bytes'],
    [new Uint8Array(257), 'a delimiter of 257 bytes'],
    [Array.from({ length: 17 }, (_, index) => Uint8Array.of(index)), 'cut at 17 delimiters'],
    [['a', 'a'], 'the first could never be found'],
    [['\r', '\r\n'], 'cut at "\\r\\n" and "\\r"'],
    [['abc', 'b'], 'cut at "abc" and "b"'],
    [[raw(0xff, 1), raw(0xff)], 'cut at ff 01 and ff'],
  ])('delimiters %j', (delimiters, problem) => {
    expect(() => delimited(delimiters)).toThrow(RangeError);
    expect(() => delimited(delimiters)).toThrow(problem);
  });
});
