/** What the presets with a head or an opening refuse: where it makes no sense, nobody knows where the frame ends. */
import { expect, test } from 'vitest';
import { decodeFrames, encodeFrame } from '../adapters/whole.ts';
import { LocalProtocolError } from '../errors.ts';
import type { Framing } from '../framing.ts';
import { verifyDecoder } from '../testing/index.ts';
import { preset } from './presets.ts';

interface Refusal {
  readonly what: string;
  readonly framing: Framing<unknown>;
  readonly stream: string;
  readonly code: string;
}

const REFUSALS: readonly Refusal[] = [
  refusal('lsp', 'a header without Content-Length', 'Content-Type: text\r\n\r\n{}'),
  refusal('lsp', 'a Content-Length in words', 'Content-Length: two\r\n\r\n{}'),
  refusal('lsp', 'a negative Content-Length', 'Content-Length: -1\r\n\r\n{}'),
  refusal(
    'lsp',
    'a Content-Length of more digits than a number has',
    `Content-Length: ${'1'.repeat(16)}\r\n\r\n{}`,
  ),
  refusal('scgi', 'a head that begins with another name', '11:SCGI\x001\0A\x001\0,'),
  refusal('scgi', 'a Content-Length without a number', '16:CONTENT_LENGTH\0\0,'),
  refusal(
    'scgi',
    'a Content-Length that is not the first',
    '28:A\x001\0CONTENT_LENGTH\x000\0SCGI\x001\0,',
  ),
  refusal(
    'scgi',
    'a Content-Length of more digits than a number has',
    `32:CONTENT_LENGTH\0${'1'.repeat(16)}\0,`,
  ),
  refusal('git-pkt-line', 'the length 3, which is less than its own', '0003'),
  refusal('git-pkt-line', 'a length with a sign', '-001'),
  refusal('git-pkt-line', 'a length that is no text', '\xff\xfe\xfd\xfc'),
  refusal('git-pkt-line', 'a length that is no number', 'GET / HTTP/1.1\r\n'),
  { ...refusal('amqp-client', 'AMQP 1.0', 'AMQP\0\x01\0\0'), code: 'content-invalid' },
  {
    ...refusal('http2-client', 'HTTP/1.1', 'GET /index.html HTTP/1.1\r\n'),
    code: 'content-invalid',
  },
  {
    ...refusal('lsp', 'a header of 4097 bytes', lspHead(4097)),
    code: 'frame-too-large',
  },
  {
    ...refusal('postgres-client', 'a start-up message of 10005 bytes', '\0\0\x27\x15\0\x03\0\0'),
    code: 'frame-too-large',
  },
];

test.each(REFUSALS)('$what is refused', ({ what, framing, stream, code }) => {
  verifyDecoder({
    createDecoder: () => framing.createDecoder(),
    cases: [{ name: what, bytes: ascii(stream), frames: [], error: { code, framing: 'lost' } }],
  });
});

test('Content-Length is found in any case, behind other headers', () => {
  const stream = ascii('Content-Type: text\r\ncontent-length:2\r\n\r\n{}');
  expect(decodeFrames(preset('lsp'), stream)).toEqual([
    { head: 'Content-Type: text\r\ncontent-length:2', body: ascii('{}') },
  ]);
});

test('a header may have bytes that are no UTF-8', () => {
  const stream = ascii('X-Name: gr\xfc\xdfe\r\nContent-Length: 2\r\n\r\n{}');
  expect(decodeFrames(preset('lsp'), stream).map(({ body }) => body)).toEqual([ascii('{}')]);
});

test('a header of 4096 bytes is taken', () => {
  const frames = decodeFrames(preset('lsp'), ascii(lspHead(4096)));
  expect(frames.map(({ body }) => body.length)).toEqual([0]);
});

test.each([
  ['to cancel', '\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02'],
  ['for SSL', '\0\0\0\x08\x04\xd2\x16\x2f'],
  ['for GSSAPI', '\0\0\0\x08\x04\xd2\x16\x30'],
])('a request %s leaves the start-up to come', (_, request) => {
  const frames = [request, '\0\0\0\x09\0\x03\0\0\0', 'X\0\0\0\x04'].map(ascii);
  const stream = Uint8Array.from(frames.flatMap((frame) => [...frame]));
  expect(decodeFrames(preset('postgres-client'), stream)).toEqual(frames);
});

test('a start-up message of 10004 bytes is taken, and a first message may be longer', () => {
  const startUp = new Uint8Array(10_004);
  startUp.set(ascii('\0\0\x27\x14\0\x03\0\0'));
  const query = new Uint8Array(20_001);
  query.set(ascii('Q\0\0\x4e\x20'));
  const stream = Uint8Array.from([...startUp, ...query]);
  expect(decodeFrames(preset('postgres-client'), stream)).toEqual([startUp, query]);
});

test.each([63, 64, 125])('a WebSocket frame of %i bytes without a mask is short', (length) => {
  const head = Uint8Array.of(0x82, length);
  const body = new Uint8Array(length).fill(7);
  const bytes = encodeFrame(preset('websocket'), { head, body });
  expect(bytes.length).toBe(2 + length);
  expect(decodeFrames(preset('websocket'), bytes)).toEqual([{ head, body }]);
});

test('a WebSocket frame of 65536 bytes has a length of eight', () => {
  const head = ascii('\x82\x7f');
  const body = new Uint8Array(65_536).fill(7);
  const bytes = encodeFrame(preset('websocket'), { head, body });
  expect(bytes.subarray(0, 11)).toEqual(ascii('\x82\x7f\0\0\0\0\0\x01\0\0\x07'));
  expect(decodeFrames(preset('websocket'), bytes)).toEqual([{ head, body }]);
});

test('the first frame that a client writes is the opening', () => {
  expect(() => encodeFrame(preset('amqp-client'), ascii('AMQP\0\x01\0\0'))).toThrow(
    LocalProtocolError,
  );
});

test.each(['irc', 'nmea-0183'] as const)('%s: what is no UTF-8 loses no line', (name) => {
  const stream = ascii('gr\xfc\xdfe\r\nbye\n');
  expect(decodeFrames(preset(name), stream)).toEqual(['gr\ufffd\ufffde', 'bye']);
});

/** A header of `length` bytes, for a body of none. */
function lspHead(length: number): string {
  const fields = 'Content-Length: 0\r\nContent-Type: ';
  return `${fields}${'x'.repeat(length - fields.length - 4)}\r\n\r\n`;
}

function refusal(
  name: 'lsp' | 'scgi' | 'git-pkt-line' | 'amqp-client' | 'http2-client' | 'postgres-client',
  what: string,
  stream: string,
): Refusal {
  return { what: `${name}: ${what}`, framing: preset(name), stream, code: 'length-invalid' };
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
