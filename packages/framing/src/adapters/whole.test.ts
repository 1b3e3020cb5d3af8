/** One frame to bytes, a whole stream to frames. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { LocalProtocolError, RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import { delimited, lines } from '../framings/delimited.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { untilClose } from '../framings/until-close.ts';
import { decodeFrames, encodeFrame } from './whole.ts';

const MiB = 1024 * 1024;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('encodeFrame', () => {
  test('gives memory that no later frame touches', () => {
    const first = encodeFrame(lines(), 'one');
    const second = encodeFrame(lines(), 'two');
    expect([first, second]).toEqual([bytes('one\n'), bytes('two\n')]);
    expect(first.buffer).not.toBe(second.buffer);
    expect(first.buffer.byteLength, 'no more than the frame').toBe(4);
  });

  test.each([0, 1, 8 * 1024 - 4, 8 * 1024 - 3, 40 * MiB])('of %i bytes of content', (length) => {
    const framing = lengthPrefixed('u32', { maxLength: 64 * MiB });
    const content = new Uint8Array(length).fill(7);
    const encoded = encodeFrame(framing, content);
    expect(encoded.length).toBe(length + 4);
    const [decoded, ...others] = decodeFrames(framing, encoded);
    expect(others).toEqual([]);
    expect(decoded !== undefined && Buffer.compare(decoded, content)).toBe(0);
  });

  test('refuses what the framing refuses, and goes on', () => {
    expect(() => encodeFrame(fixedLength(3), bytes('ab'))).toThrow(LocalProtocolError);
    expect(encodeFrame(fixedLength(3), bytes('abc'))).toEqual(bytes('abc'));
  });
});

describe('decodeFrames', () => {
  test('gives all frames, also those that the end completes', () => {
    const frames = decodeFrames(lines(), bytes('a\r\nb\n'));
    expectTypeOf(frames).toEqualTypeOf<string[]>();
    expect(frames).toEqual(['a', 'b']);
    expect(decodeFrames(lines({ unterminated: 'frame' }), bytes('a\nb'))).toEqual(['a', 'b']);
    expect(decodeFrames(untilClose(), bytes(''))).toEqual([bytes('')]);
    expect(decodeFrames(lines(), bytes(''))).toEqual([]);
  });

  test('throws for what is wrong, and for what is cut', () => {
    expect(() => decodeFrames(lines(), bytes('a\nb'))).toThrow(TruncatedFrameError);
    const short = delimited('\n', { maxLength: 2 });
    expect(() => decodeFrames(short, bytes('a\nabc\n'))).toThrow(RemoteProtocolError);
    const skipping = delimited('\n', { maxLength: 2, overlong: 'skip' });
    expect(() => decodeFrames(skipping, bytes('a\nabc\n'))).toThrow(RemoteProtocolError);
    // A caller without types.
    expect(() => decodeFrames(lines(), 'a\n' as unknown as Uint8Array)).toThrow(TypeError);
  });

  test('of a stream closed by a frame above the limit: those before it', () => {
    const framing = delimited('\n', { maxLength: 2, overlong: 'close' });
    expect(decodeFrames(framing, bytes('a\nabc\nb\n'))).toEqual([bytes('a')]);
  });

  test('takes more bytes than a receive buffer holds by itself', () => {
    const stream = new Uint8Array(65 * MiB).fill(0x0a);
    stream.fill(0x61, 0, 65 * MiB - 2);
    const frames = decodeFrames(delimited('\n', { maxLength: 65 * MiB }), stream);
    expect(frames.map(({ length }) => length)).toEqual([65 * MiB - 2, 0]);
  });
});
