import { SendBuffer } from '@wireline/framing/decoder';
import {
  errorAnswer,
  MessageEncoder,
  type JsonObject,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';
import { RequestRefusedError, type Handler, type RequestContext } from '@wireline/service/server';
import { describe, expect, test } from 'vitest';
import { Directory } from './directory.ts';
import { createSearchHandler } from './search-handler.ts';

const handler = createSearchHandler(Directory.builtIn());
const header = {
  byteorder: 'big',
  contentType: 'text/json',
  contentEncoding: 'utf-8',
  contentLength: 0,
  extensions: {},
} as const;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const context: RequestContext = {
  peer: { address: { family: 'inet', host: '127.0.0.1', port: 1 }, connection: 1 },
  deadline: { remainingMs: Infinity },
  signal: new AbortController().signal,
  log: { ...silent, child: () => context.log },
  parts: Object.assign((async function* () {})(), { lent: () => context.parts }),
};

/** What a server answers with. */
async function answer(ask: Handler, request: Message): Promise<OutgoingMessage> {
  try {
    const answered = await ask(request, context);
    if ('kind' in answered) return answered;
  } catch (error) {
    if (error instanceof RequestRefusedError) return errorAnswer(error.code, error.message);
    throw error;
  }
  throw new Error('an answer in parts was not asked for');
}

/** The bytes of the answer, as a little-endian server writes them. */
async function answerTo(request: Message): Promise<string> {
  const buffer = new SendBuffer();
  new MessageEncoder({ byteorder: 'little' }).encode(await answer(handler, request), buffer);
  return Buffer.from(buffer.bytes.subarray(buffer.start, buffer.end)).toString();
}

/** The content of the answer to a JSON request. */
async function resultOf(value: JsonObject): Promise<unknown> {
  const bytes = await answerTo({ kind: 'json', header, value });
  return JSON.parse(bytes.slice(bytes.indexOf('}{') + 1));
}

describe('byte for byte as the guide has it', () => {
  test('a search', async () => {
    const value = { action: 'search', value: 'morpheus' };
    expect(await answerTo({ kind: 'json', header, value })).toBe(
      '\0g{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 43}' +
        '{"result": "Follow the white rabbit. \u{1F430}"}',
    );
  });

  test('binary content', async () => {
    const bytes = new TextEncoder().encode('binary\u{1F603}');
    expect(await answerTo({ kind: 'binary', header, bytes })).toBe(
      '\0\x7f{"byteorder": "little", "content-type": "binary/custom-server-binary-type", "content-encoding": "binary", "content-length": 37}' +
        'First 10 bytes of request: binary\u{1F603}',
    );
  });

  test.each([
    ['', 'First 10 bytes of request: '],
    ['123456789', 'First 10 bytes of request: 123456789'],
    ['12345678901', 'First 10 bytes of request: 1234567890'],
  ])('binary content %j', async (text, expected) => {
    const bytes = new TextEncoder().encode(text);
    expect(await answerTo({ kind: 'binary', header, bytes })).toMatch(new RegExp(`}${expected}$`));
  });
});

test('the three entries and a word that is none', async () => {
  expect(await resultOf({ action: 'search', value: 'ring' })).toEqual({
    result: 'In the caves beneath the Misty Mountains. \u{1F48D}',
  });
  expect(await resultOf({ action: 'search', value: '\u{1F436}' })).toEqual({
    result: '\u{1F43E} Playing ball! \u{1F3D0}',
  });
  expect(await resultOf({ action: 'search', value: 'x' })).toEqual({ result: "No match for 'x'." });
});

test.each(['__proto__', 'constructor', 'toString', ''])(
  '%j is a word like any other',
  async (word) => {
    const result = `No match for '${word}'.`;
    expect(await resultOf({ action: 'search', value: word })).toEqual({ result });
  },
);

test.each([
  [{ action: 'dance' }, 'action-invalid', "Error: invalid action 'dance'."],
  [{ action: 5 }, 'action-invalid', "Error: invalid action '5'."],
  [{ action: null }, 'action-invalid', "Error: invalid action 'null'."],
  [
    {},
    'action-invalid',
    'Error: no action; a request looks like {"action": "search", "value": "morpheus"}.',
  ],
  [{ action: 'search' }, 'input-invalid', "Error: invalid input of 'search': value: "],
  [{ action: 'search', value: 5 }, 'input-invalid', "Error: invalid input of 'search': value: "],
  [
    { action: 'search', value: ['x'] },
    'input-invalid',
    "Error: invalid input of 'search': value: ",
  ],
])('%j is refused', async (request, code, start) => {
  expect(await resultOf(request)).toEqual({
    result: expect.stringContaining(start),
    error: { code, message: expect.any(String) },
  });
});

test('what every object inherits is not what the peer sent', async () => {
  // As JSON.parse makes it: an own property of that name.
  const request = JSON.parse('{"__proto__": {"action": "search", "value": "ring"}}') as JsonObject;
  expect(await resultOf(request)).toMatchObject({ error: { code: 'action-invalid' } });
});
