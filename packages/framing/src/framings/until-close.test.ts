import { SendBuffer } from '@wireline/framing';
import { expect, test } from 'vitest';
import { expectCodec, heldBytesOf, outcomes, pattern, raw, refusal } from '../../test/codec.ts';
import { text } from '../contents/text.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { untilClose } from './until-close.ts';

test('all that comes', () => {
  expectCodec(
    untilClose({ maxLength: 300 }),
    [
      { name: 'bytes', bytes: raw('abc'), frames: [raw('abc')], lastFrameEndsWithStream: true },
      { name: 'nothing', bytes: raw(), frames: [raw()], lastFrameEndsWithStream: true },
      {
        name: 'at the limit',
        bytes: pattern(300),
        frames: [pattern(300)],
        lastFrameEndsWithStream: true,
      },
      {
        name: 'above it',
        bytes: pattern(301),
        frames: [],
        error: { code: 'frame-too-large', framing: 'lost' },
      },
    ],
    { maxFrameLength: 300 },
  );
});

test('text', () => {
  expectCodec(untilClose({ content: text() }), [
    { name: 'characters', bytes: raw('aé€🐶'), frames: ['aé€🐶'], lastFrameEndsWithStream: true },
  ]);
  expect(outcomes(untilClose({ content: text() }).createDecoder(), [raw('a', 0xff)])).toEqual([
    { code: 'content-invalid', framing: 'intact', offset: 0 },
  ]);
});

test('above the limit: skipped or closed', () => {
  const chunks = [pattern(200), pattern(200), raw('x')];
  expect(
    outcomes(untilClose({ maxLength: 300, overlong: 'skip' }).createDecoder(), chunks),
  ).toEqual([{ code: 'frame-too-large', framing: 'intact', offset: 0 }]);
  const closing = untilClose({ maxLength: 300, overlong: 'close' }).createDecoder();
  expect(outcomes(closing, chunks)).toEqual([]);
  expect(closing.closed).toBe(true);
});

test('much comes in many parts, and is held once', () => {
  const whole = pattern(200 * 1024);
  const decoder = untilClose().createDecoder();
  const buffer = new ReceiveBuffer();
  for (let at = 0; at < whole.length; at += 70_000) {
    buffer.append(whole.subarray(at, at + 70_000));
    decoder.decode(buffer);
    expect(heldBytesOf(decoder) + buffer.length).toBe(Math.min(at + 70_000, whole.length));
  }
  decoder.end(buffer);
  expect(decoder.decode(buffer)).toEqual(whole);
  expect(heldBytesOf(decoder)).toBe(0);
});

test('one frame, and nothing behind it', () => {
  const encoder = untilClose().createEncoder();
  const buffer = new SendBuffer();
  encoder.encode(raw('a'), buffer);
  expect(() => encoder.encode(raw('b'), buffer)).toThrow('ends with the stream');
  expect(buffer.length).toBe(1);
  expect(refusal(untilClose({ maxLength: 2 }), raw('abc')).code).toBe('frame-too-large');
});
