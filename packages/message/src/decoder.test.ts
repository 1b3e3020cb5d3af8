import {
  NEED_DATA,
  ReceiveBuffer,
  RemoteProtocolError,
  SendBuffer,
  TruncatedFrameError,
} from '@wireline/framing/decoder';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { MessageDecoder, type MessageDecoderOptions } from './decoder.ts';
import { MessageEncoder } from './encoder.ts';
import { MessageError } from './errors.ts';
import { HeaderRecognizer } from './header-recognizer.ts';
import { binaryMessage, jsonMessage, type Message, type OutgoingMessage } from './message.ts';

describe('limits', () => {
  test('content is refused as soon as the header is known', () => {
    const bytes = encode([binaryMessage(new Uint8Array(17), 'x')]);
    const [error] = decodeAll([bytes.subarray(0, -17)], { maxContentLength: 16 }).results;
    expect(error).toMatchObject({
      code: 'content-too-large',
      limit: { option: 'maxContentLength', value: 16 },
      header: { contentLength: 17 },
    });
    expect(String(error)).toContain('raise maxContentLength');
  });

  test('content at the limit is read', () => {
    const bytes = encode([binaryMessage(new Uint8Array(16), 'x')]);
    expect(decodeAll([bytes], { maxContentLength: 16 }).results).toMatchObject([
      { kind: 'binary' },
    ]);
  });

  test('they hold for recognised headers too', () => {
    const recognizer = new HeaderRecognizer();
    const bytes = encode([binaryMessage(new Uint8Array(17), 'x')]);
    expect(decodeAll([bytes], { recognizer }).results).toMatchObject([{ kind: 'binary' }]);
    const [error] = decodeAll([bytes], { recognizer, maxContentLength: 16 }).results;
    expect(error).toMatchObject({ code: 'content-too-large' });
  });

  test('a header is refused as soon as its length is known, and read at the limit', () => {
    const bytes = encode([binaryMessage(new Uint8Array(0), 'x')]);
    const length = bytes.length - 2;
    const { results } = decodeAll([bytes], { maxHeaderLength: length });
    expect(results).toMatchObject([{ kind: 'binary' }]);
    const [error] = decodeAll([bytes.subarray(0, 2)], { maxHeaderLength: length - 1 }).results;
    expect(error).toMatchObject({
      code: 'header-too-large',
      limit: { option: 'maxHeaderLength', value: length - 1 },
    });
  });
});

test('an error that goes back to the peer does not repeat all that it sent', () => {
  const long = 'x'.repeat(3000);
  const header = {
    byteorder: 'big',
    'content-type': 'text/json',
    'content-encoding': long,
    'content-length': 0,
  };
  const bytes = new TextEncoder().encode(`\0\0${JSON.stringify(header)}`);
  new DataView(bytes.buffer).setUint16(0, bytes.length - 2);
  const [error] = decodeAll([bytes]).results;
  expect(error).toMatchObject({ code: 'encoding-unknown' });
  expect(String(error).length).toBeLessThan(200);
});

describe('other protocols', () => {
  test.each([
    ['GET / HTTP/1.1\r\n', 'HTTP'],
    ['POST / HTTP/1.1\r\n', 'HTTP'],
    ['PRI * HTTP/2.0\r\n', 'HTTP'],
    ['HTTP/1.1 200 OK\r\n', 'web server'],
    ['\x16\x03\x01\x02', 'TLS'],
    ['SSH-2.0-x\r\n', 'SSH'],
    ['{"a": 1}', 'JSON without'],
  ])('%j is named in the error', (text, name) => {
    // Two bytes are enough.
    for (const length of [2, text.length]) {
      const [error] = decodeAll([ascii(text.slice(0, length))]).results;
      expect(error).toMatchObject({ code: 'header-too-large', offset: 0 });
      expect(String(error)).toMatch(/this looks like /);
      expect(String(error)).toContain(name);
    }
  });

  test('only at the start of a stream', () => {
    const first = encode([binaryMessage(new Uint8Array(0), 'x')]);
    const [, error] = decodeAll([first, ascii('GET / ')]).results;
    expect(error).toMatchObject({ offset: first.length, sample: '47 45 54 20 2f 20' });
    expect(String(error)).not.toContain('HTTP');
    expect(String(error)).toContain('raise maxHeaderLength');
  });
});

describe('the end of a stream', () => {
  const bytes = encode([binaryMessage(ascii('hello'), 'x')]);
  const headerEnd = bytes.length - 5;

  test.each([
    [1, 'header length', 'the stream ended 1 bytes short of 2'],
    [2, 'header', `the stream ended ${headerEnd - 2} bytes short of ${headerEnd}`],
    [headerEnd, 'content', 'the stream ended 5 bytes short of 5'],
    [headerEnd + 3, 'content', 'the stream ended 2 bytes short of 5'],
  ])('after %i bytes names what is missing', (length, field, missing) => {
    const { results, end } = decodeAll([bytes, bytes.subarray(0, length)]);
    expect(results).toHaveLength(1);
    expect(end).toBeInstanceOf(TruncatedFrameError);
    expect(end).toMatchObject({ field, offset: bytes.length });
    expect(String(end)).toContain(missing);
  });

  test('between two messages is clean', () => {
    expect(decodeAll([bytes, bytes]).end).toBeUndefined();
    expect(decodeAll([]).end).toBeUndefined();
  });
});

test('binary content is owned by the receiver', () => {
  const buffer = new ReceiveBuffer();
  const scratch = new Uint8Array(1024);
  const bytes = encode([binaryMessage(ascii('hello'), 'x')]);
  buffer.beginReceive(scratch).set(bytes);
  buffer.endReceive(bytes.length);
  const message = new MessageDecoder().decode(buffer);
  buffer.settle();
  scratch.fill(0);
  expect(message).toMatchObject({ kind: 'binary', bytes: ascii('hello') });
});

test('decoders may share a recogniser', () => {
  const recognizer = new HeaderRecognizer();
  const bytes = encode([jsonMessage({ a: 1 })]);
  const [first] = decodeAll([bytes], { recognizer }).results;
  const [second] = decodeAll([bytes], { recognizer }).results;
  expect(second).toEqual(first);
  expect(headerOf(second)).toBe(headerOf(first));
});

test('small objects whose keys were seen before need no decoder of the platform', () => {
  const bytes = encode([jsonMessage({ action: 'search', value: 'morpheus' })]);
  const recognizer = new HeaderRecognizer();
  const [first] = decodeAll([bytes], { recognizer }).results;
  const decode = vi.spyOn(TextDecoder.prototype, 'decode');
  try {
    expect(decodeAll([bytes], { recognizer }).results).toEqual([first]);
    expect(decode).not.toHaveBeenCalled();
  } finally {
    decode.mockRestore();
  }
});

test.each([
  ['escapes', { action: 'search', value: 'a\n' }],
  ['nesting', { action: 'search', value: ['a'] }],
  ['length', { action: 'search', value: 'a'.repeat(1000) }],
])('objects that are not so simple are read all the same: %s', (_, value) => {
  const messages = [value, { action: 'a', value: 1 }, value, value].map((one) => jsonMessage(one));
  expect(decodeAll([encode(messages)]).results.map(contentOf)).toEqual(messages.map(contentOf));
});

test('objects in another encoding are read in that one', () => {
  const small = jsonMessage({ action: 'a', value: 'x' });
  const latin1 = jsonMessage(
    { action: 'a', value: '\u00c3\u00a9' },
    { contentEncoding: 'latin-1' },
  );
  const messages = [small, latin1, small, latin1];
  expect(decodeAll([encode(messages)]).results.map(contentOf)).toEqual(messages.map(contentOf));
});

/** Key order matters nowhere; `-0` is written as `0`. */
const json = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  .filter(isSafe);
const extensions = fc
  .dictionary(
    fc.constantFrom('message-id', 'in-reply-to', 'deadline-ms', 'trace', '__proto__'),
    fc.nat(),
  )
  .map((record) => ({ extensions: record }));
const outgoing: fc.Arbitrary<OutgoingMessage> = fc.oneof(
  fc.tuple(json, extensions).map(([value, options]) => jsonMessage(value, options)),
  fc
    .tuple(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 20 }), extensions)
    .filter(([, type]) => !type.startsWith('text/json'))
    .map(([bytes, type, options]) => binaryMessage(bytes, type, options)),
);

test('what was encoded is decoded, however it is cut', () => {
  const cuts = fc.array(fc.nat(2000), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(outgoing, { maxLength: 5 }), cuts, (messages, positions) => {
      const bytes = encode(messages);
      const { results, end } = decodeAll(cut(bytes, positions));
      expect(end).toBeUndefined();
      expect(results.map(contentOf)).toEqual(messages.map(contentOf));
    }),
  );
});

test('random bytes give messages or remote errors, and bounded memory', () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    outgoing.map((message) => encode([message])),
    fc.tuple(outgoing, fc.nat(), fc.nat(255)).map(([message, position, byte]) => {
      const bytes = encode([message]);
      bytes[position % bytes.length] = byte;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(fc.array(junk, { maxLength: 6 }), (chunks) => {
      const { results, end, mostHeld, received } = decodeAll(chunks);
      for (const result of [...results, end]) {
        if (result instanceof Error) expect(result).toBeInstanceOf(RemoteProtocolError);
      }
      expect(mostHeld).toBeLessThanOrEqual(2 * received + 64 * 1024);
    }),
    { numRuns: 1000 },
  );
});

test('an announced length reserves nothing', () => {
  const bytes = encode([binaryMessage(new Uint8Array(1024 * 1024), 'x')]);
  const { mostHeld } = decodeAll([bytes.subarray(0, 200)]);
  expect(mostHeld).toBeLessThan(128 * 1024);
});

test('32 MiB in pieces of 64 KiB: a few copies of each byte, and it is parsed once', () => {
  const length = 32 * 1024 * 1024;
  const bytes = encode([binaryMessage(new Uint8Array(length).fill(7), 'x')]);
  const buffer = new ReceiveBuffer();
  const decoder = new MessageDecoder();
  let copied = 0;
  let message: Message | typeof NEED_DATA = NEED_DATA;
  for (let at = 0; at < bytes.length; at += 65536) {
    const store = buffer.bytes;
    buffer.append(bytes.subarray(at, at + 65536));
    copied += buffer.bytes === store ? 0 : buffer.length;
    copied += Math.min(65536, bytes.length - at);
    message = decoder.decode(buffer);
  }
  expect(message).toMatchObject({ kind: 'binary', header: { contentLength: length } });
  expect(copied).toBeLessThan(4 * length);
  expect(buffer.length).toBe(0);
});

interface Outcome {
  readonly results: readonly unknown[];
  readonly end: unknown;
  readonly mostHeld: number;
  readonly received: number;
}

/** Runs a decoder over chunks: everything that came out, and how it took the end. */
function decodeAll(chunks: readonly Uint8Array[], options: MessageDecoderOptions = {}): Outcome {
  const decoder = new MessageDecoder(options);
  const buffer = new ReceiveBuffer();
  const results: unknown[] = [];
  let mostHeld = 0;
  let received = 0;
  for (const chunk of chunks) {
    buffer.append(chunk);
    received += chunk.length;
    mostHeld = Math.max(mostHeld, buffer.heldBytes);
    for (;;) {
      const result = resultOf(() => decoder.decode(buffer));
      if (result === NEED_DATA) break;
      results.push(result);
      if (result instanceof MessageError && result.framing === 'intact') continue;
      if (result instanceof Error) return { results, end: undefined, mostHeld, received };
    }
  }
  return { results, end: resultOf(() => decoder.end(buffer)), mostHeld, received };
}

function encode(messages: readonly OutgoingMessage[]): Uint8Array {
  const buffer = new SendBuffer();
  const encoder = new MessageEncoder();
  for (const message of messages) encoder.encode(message, buffer);
  return buffer.bytes.slice(buffer.start, buffer.end);
}

/** What a message carries, in a form that both directions share. */
function contentOf(message: unknown): unknown {
  // Only messages of either direction come here; a test fails on anything else.
  const {
    kind,
    value,
    bytes,
    header,
    extensions: sent,
  } = message as Message & OutgoingMessage & { value?: unknown; bytes?: unknown };
  return { kind, content: value ?? bytes, extensions: { ...(header?.extensions ?? sent) } };
}

function cut(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const edges = [0, ...positions.map((position) => position % (bytes.length + 1)), bytes.length];
  edges.sort((left, right) => left - right);
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

function isSafe(value: unknown): boolean {
  if (typeof value === 'number') {
    return !Object.is(value, -0) && (Number.isSafeInteger(value) || !Number.isInteger(value));
  }
  return typeof value !== 'object' || value === null || Object.values(value).every(isSafe);
}

function resultOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function headerOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'header' in message
    ? message.header
    : undefined;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
