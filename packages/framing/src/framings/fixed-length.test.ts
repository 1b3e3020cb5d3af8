import { describe, expect, test } from 'vitest';
import { expectCodec, raw, refusal } from '../../test/codec.ts';
import { text } from '../contents/text.ts';
import { fixedLength } from './fixed-length.ts';

test('frames of one length', () => {
  expectCodec(fixedLength(3), [
    { name: 'two frames', bytes: raw('abcdef'), frames: [raw('abc'), raw('def')] },
    { name: 'nothing', bytes: raw(), frames: [] },
    { name: 'what follows stays', bytes: raw('abc'), frames: [raw('abc')], trailing: raw('de') },
    {
      name: 'cut off',
      bytes: raw('abcde'),
      frames: [raw('abc')],
      error: { code: 'truncated', framing: 'lost' },
    },
  ]);
});

test('frames of one byte', () => {
  expectCodec(fixedLength(1), [{ name: 'two', bytes: raw(0, 255), frames: [raw(0), raw(255)] }]);
});

describe('padding', () => {
  test('behind the content', () => {
    expectCodec(fixedLength(5, { padding: '#', content: text() }), [
      { name: 'short', bytes: raw('ab###'), frames: ['ab'] },
      { name: 'of full length', bytes: raw('abcde'), frames: ['abcde'] },
      { name: 'empty', bytes: raw('#####'), frames: [''] },
      { name: 'padding inside', bytes: raw('a##b###abc'), frames: ['a##b', '##abc'] },
    ]);
  });

  test('before the content', () => {
    expectCodec(fixedLength(5, { padding: 0, side: 'start' }), [
      { name: 'short', bytes: raw(0, 0, 0, 'ab'), frames: [raw('ab')] },
      { name: 'of full length', bytes: raw('abcde'), frames: [raw('abcde')] },
      { name: 'empty', bytes: raw(0, 0, 0, 0, 0), frames: [raw()] },
      { name: 'padding at the other end', bytes: raw(0, 0, 'a', 0, 0), frames: [raw('a', 0, 0)] },
    ]);
  });

  test('kept', () => {
    expectCodec(fixedLength(4, { padding: ' ', keepPadding: true, content: text() }), [
      { name: 'short', bytes: raw('ab  '), frames: ['ab  '] },
      { name: 'empty', bytes: raw('    '), frames: ['    '] },
    ]);
    expectCodec(fixedLength(4, { padding: ' ', keepPadding: true, content: text() }), [
      { name: 'it is filled up', bytes: raw('ab  '), frames: ['ab  '] },
    ]);
  });

  test.each([
    ['end', 'ab#'],
    ['end', '#'],
    ['start', '#ab'],
  ] as const)('at the %s, content %j would lose a byte', (side, content) => {
    const { code, message } = refusal(
      fixedLength(5, { padding: '#', side, content: text() }),
      content,
    );
    expect(code).toBe('frame-invalid');
    expect(message).toContain('the padding byte 35');
  });

  test('that is a part of a character', () => {
    const framing = fixedLength(4, { padding: 0xa9, content: text() });
    expect(refusal(framing, 'é').code).toBe('frame-invalid'); // c3 a9
    expectCodec(framing, [
      { name: 'behind', bytes: raw('e', 0xa9, 0xa9, 0xa9), frames: ['e'] },
      {
        name: 'torn',
        bytes: raw('aé', 0xa9),
        expected: [{ error: { code: 'content-invalid', framing: 'intact' } }],
      },
    ]);
  });
});

test('what has not the right length is refused', () => {
  expect(refusal(fixedLength(3), raw('ab'))).toMatchObject({
    code: 'frame-invalid',
    message: 'write a frame of 2 bytes: all have 3; option padding fills short ones up',
  });
  expect(refusal(fixedLength(3), raw('abcd')).code).toBe('frame-too-large');
  expect(refusal(fixedLength(3, { padding: 0 }), raw('abcd')).code).toBe('frame-too-large');
});

test.each([0, -1, 1.5, NaN, Infinity])('a length of %d is none', (length) => {
  expect(() => fixedLength(length)).toThrow(RangeError);
});

test.each(['', '##', 'é', 256, -1, 1.5])('padding %j is no byte', (padding) => {
  expect(() => fixedLength(3, { padding })).toThrow(RangeError);
});
