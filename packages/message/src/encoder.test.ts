import {
  BlockPool,
  BufferFullError,
  LocalProtocolError,
  SendBuffer,
} from '@wireline/framing/decoder';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { NATIVE_BYTEORDER } from './byteorder.ts';
import { MessageEncoder, type MessageEncoderOptions } from './encoder.ts';
import { writeJson } from './json-writer.ts';
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

describe('the way that content takes cannot be told from the bytes', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('\ud800', '"\\\n', '\u{1f436}'.repeat(30), 'x'.repeat(1300), 'y'.repeat(5000)),
  );
  const value = fc.dictionary(
    text,
    fc.oneof(
      { weight: 8, arbitrary: text },
      fc.oneof(fc.maxSafeInteger(), fc.boolean(), fc.constantFrom(null, undefined, 0.5, [1], {})),
    ),
    { maxKeys: 5 },
  );
  const extensions = fc.option(fc.dictionary(fc.constantFrom('message-id', 'trace'), text), {
    nil: undefined,
  });
  const sent = fc.nat(300);

  test('a header, and what writeJson writes', () => {
    const encoder = new MessageEncoder({ byteorder: 'big', maxHeaderLength: 65_535 });
    const pool = new BlockPool();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, extensions), { maxLength: 4 }),
        sent,
        (messages, count) => {
          const buffer = new SendBuffer({ pool });
          buffer.append(new Uint8Array(count + 1));
          buffer.consume(count);
          const expected: number[] = [0];
          for (const [content, more] of messages) {
            encoder.encode(jsonMessage(content, more && { extensions: more }), buffer);
            const bytes = new TextEncoder().encode(writeJson(content));
            const head = {
              byteorder: 'big',
              'content-type': 'text/json',
              'content-encoding': 'utf-8',
              'content-length': bytes.length,
            };
            const header = new TextEncoder().encode(writeJson({ ...head, ...more }));
            expected.push(header.length >> 8, header.length & 0xff, ...header, ...bytes);
          }
          expect(bytesOf(buffer)).toEqual(Uint8Array.from(expected));
          buffer.clear();
        },
      ),
    );
  });

  test('small flat content needs neither a text nor an encoder of the platform', () => {
    const encodeInto = vi.spyOn(TextEncoder.prototype, 'encodeInto');
    try {
      const content = { result: 'Follow the white rabbit. \u{1f430}', ok: true, count: 1 };
      expect(written(jsonMessage(content)).endsWith('"ok": true, "count": 1}')).toBe(true);
      expect(encodeInto).not.toHaveBeenCalled();
      written(jsonMessage({ nested: {} }));
      expect(encodeInto).toHaveBeenCalled();
    } finally {
      encodeInto.mockRestore();
    }
  });

  test('a message fits wherever its bytes fit', () => {
    const bytes = Uint8Array.from(written(jsonMessage({ a: 'x' })), (one) => one.charCodeAt(0));
    const buffer = new SendBuffer({ maxLength: bytes.length });
    new MessageEncoder().encode(jsonMessage({ a: 'x' }), buffer);
    expect(bytesOf(buffer)).toEqual(bytes);
  });
});

describe("somebody else's code", () => {
  const encoder = new MessageEncoder();
  const inner = jsonMessage({ inner: 'x'.repeat(50) });

  test.each<[string, (encodeInner: () => string) => OutgoingMessage]>([
    [
      'a getter',
      (encodeInner) =>
        jsonMessage({
          a: 'first',
          get b() {
            return encodeInner();
          },
        }),
    ],
    ['toJSON', (encodeInner) => jsonMessage({ toJSON: () => ({ a: 'first', b: encodeInner() }) })],
    [
      'a getter among the extensions',
      (encodeInner) =>
        jsonMessage(
          { a: 'first', b: 'second' },
          {
            extensions: {
              get trace() {
                return encodeInner();
              },
            },
          },
        ),
    ],
  ])('%s may encode a message, which comes first', (_, create) => {
    const buffer = new SendBuffer();
    const message = create(() => {
      encoder.encode(inner, buffer);
      return 'second';
    });
    encoder.encode(message, buffer);
    const plain = create(() => 'second');
    expect(textOf(buffer)).toBe(written(inner) + written(plain));
  });

  test.each<[string, unknown]>([
    ['text', 'text'],
    ['an escape', '\u0001'],
    ['half a character', '\ud800'],
    ['a long text', 'x'.repeat(5000)],
    ['a fraction', 0.5],
    ['a bigint', 1n],
    ['an array', [1]],
    ['undefined', undefined],
  ])('a getter is called once, also in front of %s', (_, last) => {
    let calls = 0;
    const value = {
      get a() {
        calls += 1;
        return calls;
      },
      last,
    };
    expect(written(jsonMessage(value))).toContain('{"a": 1');
    expect(calls).toBe(1);
  });
});

function written(message: OutgoingMessage, options: MessageEncoderOptions = {}): string {
  const buffer = new SendBuffer();
  new MessageEncoder(options).encode(message, buffer);
  return textOf(buffer);
}

function textOf(buffer: SendBuffer): string {
  return String.fromCharCode(...bytesOf(buffer));
}

function bytesOf(buffer: SendBuffer): Uint8Array {
  return buffer.bytes.slice(buffer.start, buffer.end);
}

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('the extensions of conversations', () => {
  const values = fc.oneof(
    fc.integer(),
    fc.constantFrom<unknown>(
      -0,
      0,
      1,
      2 ** 53 - 1,
      1.5,
      true,
      false,
      null,
      'text',
      [1],
      { a: 1 },
      5n,
    ),
  );
  const extensions = fc.dictionary(
    fc.constantFrom(
      'message-id',
      'in-reply-to',
      'more',
      'cancel',
      'deadline-ms',
      'closing',
      'trace',
    ),
    values,
  );

  test('are written as all other JSON is', () => {
    fc.assert(
      fc.property(extensions, (given) => {
        const header = written(jsonMessage({}, { extensions: given }));
        const text = writeJson(given, { code: 'header-invalid', root: 'extensions' });
        expect(header).toContain(text === '{}' ? '}{}' : `, ${text.slice(1)}{}`);
      }),
    );
  });
});

test('the header of bytes alone is the one that they come with', () => {
  const encoder = new MessageEncoder();
  const message = binaryMessage(Uint8Array.of(1, 2, 3), 'image/png', {
    extensions: { more: true },
  });
  const whole = new SendBuffer();
  const header = new SendBuffer();
  encoder.encode(message, whole);
  encoder.encodeHeader(message, header);
  header.append(message.bytes);
  expect(bytesOf(header)).toEqual(bytesOf(whole));
  expect(() => encoder.encodeHeader({ ...message, contentType: 'text/json' }, header)).toThrow(
    'text/json',
  );
});
