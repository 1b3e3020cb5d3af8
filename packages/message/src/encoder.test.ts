import { BufferFullError, LocalProtocolError, SendBuffer } from '@wireline/framing';
import { describe, expect, test } from 'vitest';
import { NATIVE_BYTEORDER } from './byteorder.ts';
import { MessageEncoder, type MessageEncoderOptions } from './encoder.ts';
import { binaryMessage, jsonMessage, type OutgoingMessage } from './message.ts';

test('says the byte order of the machine unless told', () => {
  expect(new MessageEncoder().byteorder).toBe(NATIVE_BYTEORDER);
  expect(written(jsonMessage({}))).toContain(`{"byteorder": "${NATIVE_BYTEORDER}", `);
  expect(written(jsonMessage({}), { byteorder: 'big' })).toContain('{"byteorder": "big", ');
});

test('the length of the header and of the content are those of the bytes', () => {
  const encoder = new MessageEncoder({ byteorder: 'big' });
  // Around each number of digits, in text of one, two, three and four bytes a character.
  for (const character of ['a', '\u00e9', '\u20ac', '\u{1f436}']) {
    for (const count of [
      0, 1, 2, 9, 10, 48, 49, 99, 190, 191, 192, 193, 194, 200, 989, 990, 9999,
    ]) {
      const buffer = new SendBuffer();
      buffer.append(Uint8Array.of(1, 2, 3));
      const content = new TextEncoder().encode(`{"a": "${character.repeat(count)}"}`);
      encoder.encode(jsonMessage({ a: character.repeat(count) }), buffer);
      const header = `{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": ${content.length}}`;
      const expected = [1, 2, 3, 0, header.length, ...new TextEncoder().encode(header), ...content];
      expect(buffer.bytes.slice(buffer.start, buffer.end)).toEqual(Uint8Array.from(expected));
    }
  }
});

test('a header longer than 255 bytes uses both bytes of its length', () => {
  const text = written(binaryMessage(new Uint8Array(0), 'x'.repeat(300)));
  expect(text.charCodeAt(0) * 256 + text.charCodeAt(1)).toBe(text.length - 2);
  expect(text.charCodeAt(0)).toBe(1);
});

test('remembers a few headers and writes all of them right', () => {
  const encoder = new MessageEncoder({ byteorder: 'little' });
  for (const round of [1, 2, 3]) {
    for (const type of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const buffer = new SendBuffer();
      encoder.encode(binaryMessage(new Uint8Array(round), type), buffer);
      expect(textOf(buffer)).toContain(
        `"content-type": "${type}", "content-encoding": "binary", "content-length": ${round}}`,
      );
    }
  }
});

describe('refuses, and writes nothing', () => {
  test.each<[string, OutgoingMessage, string, string | undefined]>([
    ['an array', jsonMessage([1]), 'content-invalid', 'content'],
    ['a date', jsonMessage(new Date(0)), 'content-invalid', 'content'],
    ['NaN', jsonMessage({ a: [NaN] }), 'content-invalid', 'value.a[0]'],
    [
      'an unknown encoding',
      jsonMessage({}, { contentEncoding: 'hex' }),
      'encoding-unknown',
      'content-encoding',
    ],
    [
      'a character that the encoding lacks',
      jsonMessage({ a: '\u20ac' }, { contentEncoding: 'latin-1' }),
      'content-invalid',
      'content',
    ],
    [
      'bytes that would be read as JSON',
      binaryMessage(new Uint8Array(2), 'text/json; a=b'),
      'header-invalid',
      'content-type',
    ],
    [
      'a required key among the extensions',
      jsonMessage({}, { extensions: { 'content-length': 1 } }),
      'header-invalid',
      'content-length',
    ],
    [
      'an extension that is no JSON',
      jsonMessage({}, { extensions: { x: NaN } }),
      'header-invalid',
      'extensions.x',
    ],
    [
      'a header over the limit',
      jsonMessage({}, { extensions: { x: 'x'.repeat(400) } }),
      'header-too-large',
      'header',
    ],
    ['content over the limit', jsonMessage({ a: 'x'.repeat(93) }), 'content-too-large', 'content'],
    [
      'bytes over the limit',
      binaryMessage(new Uint8Array(101), 'x'),
      'content-too-large',
      'content',
    ],
  ])('%s', (_, message, code, field) => {
    const buffer = new SendBuffer();
    buffer.append(Uint8Array.of(1));
    const encoder = new MessageEncoder({ maxHeaderLength: 400, maxContentLength: 100 });
    const error = errorOf(() => encoder.encode(message, buffer));
    expect(error).toBeInstanceOf(LocalProtocolError);
    expect(error).toMatchObject({ code, field });
    expect(String(error)).toMatch(/write .+: .+/);
    expect(buffer.length).toBe(1);
  });

  test('what the buffer has no room for', () => {
    const buffer = new SendBuffer({ maxLength: 100 });
    const encoder = new MessageEncoder();
    expect(() => encoder.encode(jsonMessage({}), buffer)).toThrow(BufferFullError);
    expect(buffer.length).toBe(0);
  });
});

test('writes content at the limit', () => {
  const limits = { maxContentLength: 100 };
  expect(written(jsonMessage({ a: 'x'.repeat(91) }), limits)).toContain('"content-length": 100}');
  expect(written(binaryMessage(new Uint8Array(100), 'x'), limits)).toContain('100}');
});

test('writes a header at the limit, and none that is a byte longer', () => {
  const message = jsonMessage({}, { extensions: { trace: '\u00e9' } });
  const length = written(message).indexOf('}{}') - 1;
  expect(written(message, { maxHeaderLength: length })).toContain('{}');
  expect(() => written(message, { maxHeaderLength: length - 1 })).toThrow(LocalProtocolError);
});

test.each([0, 65_536, 1.5, NaN])('the header limit cannot be %d', (maxHeaderLength) => {
  expect(() => new MessageEncoder({ maxHeaderLength })).toThrow(RangeError);
});

test.each([-1, 1.5, Infinity])('the content limit cannot be %d', (maxContentLength) => {
  expect(() => new MessageEncoder({ maxContentLength })).toThrow(RangeError);
});

function written(message: OutgoingMessage, options: MessageEncoderOptions = {}): string {
  const buffer = new SendBuffer();
  new MessageEncoder(options).encode(message, buffer);
  return textOf(buffer);
}

function textOf(buffer: SendBuffer): string {
  return String.fromCharCode(...buffer.bytes.subarray(buffer.start, buffer.end));
}

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
