import { describe, expect, test } from 'vitest';
import { expectCodec, outcomes, raw, refusal } from '../../test/codec.ts';
import type { Framing } from '../framing.ts';
import { text } from '../contents/text.ts';
import { lines } from './delimited.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { switching } from './switching.ts';
import { untilClose } from './until-close.ts';

const binary = lengthPrefixed('u8', { content: text(), maxLength: 20 });

function upgrading(first: Framing<string> = lines()): Framing<string> {
  return switching(first, (frame) => {
    if (frame === 'BINARY') return binary;
    if (frame === 'LINES') return first;
    if (frame === 'REST') return untilClose({ content: text() });
    return undefined;
  });
}

test('there and back', () => {
  expectCodec(upgrading(), [
    { name: 'no switch', bytes: raw('a\nb\n'), frames: ['a', 'b'] },
    {
      name: 'both',
      bytes: raw('a\nBINARY\n', 3, 'a\nb', 5, 'LINES', 'c\n', 'BINARY\n', 5, 'LINES'),
      frames: ['a', 'BINARY', 'a\nb', 'LINES', 'c', 'BINARY', 'LINES'],
    },
    {
      name: 'what follows stays',
      bytes: raw('BINARY\n', 1, 'a'),
      frames: ['BINARY', 'a'],
      trailing: raw('b\n'),
    },
    {
      name: 'cut off behind the switch',
      bytes: raw('BINARY\n', 3, 'a'),
      frames: ['BINARY'],
      error: { code: 'truncated', framing: 'lost' },
    },
    {
      name: 'to the end',
      bytes: raw('a\nREST\nb\nc'),
      frames: ['a', 'REST', 'b\nc'],
      lastFrameEndsWithStream: true,
    },
  ]);
});

test('many lines in the same chunk do not hide the switch', () => {
  const bytes = raw('a\nBINARY\n', 2, '\n\n', 5, 'LINES', '\n\n');
  const frames = ['a', 'BINARY', '\n\n', 'LINES', '', ''];
  expect(outcomes(upgrading().createDecoder(), [bytes])).toEqual(
    frames.map((frame) => ({ frame })),
  );
});

test('the encoder follows, and refuses what the framing of the moment would', () => {
  expect(refusal(upgrading(), 'a\nb').code).toBe('frame-invalid');
  expect(refusal(upgrading(binary), 'x'.repeat(20)).code).toBe('frame-too-large');
});

test('a frame that was refused switches nothing', () => {
  const asked: string[] = [];
  const framing = switching(lines({ maxLength: 3 }), (frame) => {
    asked.push(frame);
    return undefined;
  });
  expect(refusal(framing, 'BINARY').code).toBe('frame-too-large');
  expect(asked).toEqual([]);
});

describe('above the limit', () => {
  test('of the framing of the moment', () => {
    const small = lines({ maxLength: 8, overlong: 'close' });
    const decoder = upgrading(small).createDecoder();
    expect(
      outcomes(decoder, [raw('BINARY\n', 10, '0123456789', 5, 'LINES', '0123456789\n')]),
    ).toEqual([{ frame: 'BINARY' }, { frame: '0123456789' }, { frame: 'LINES' }]);
    expect(decoder.closed).toBe(true);
  });
});
