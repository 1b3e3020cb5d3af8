/**
 * The model: what the protocol says about a stream of bytes, read in the plainest way.
 *
 * It shares no code with the packages and none of their cleverness: it has the whole stream at hand, parses
 * every header, and looks at every token of the JSON. What it needs of the platform is not what the packages
 * use where there is a choice (`isUtf8` and `Buffer` instead of `TextDecoder`, `BigInt` instead of doubles).
 * The vectors in `protocol/vectors` hold it to account.
 *
 * It has no tables of character sets. Of text in an encoding that it does not know it says only where the
 * message ends (`open`).
 */
import { isUtf8 } from 'node:buffer';
import type { Limits } from '@wireline/message';
import { REQUIRED_KEYS } from './vocabulary.ts';

/** The header of a message as the model reads it: what a `Header` must equal. */
export interface ModelHeader {
  readonly byteorder: 'little' | 'big';
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly contentLength: number;
  readonly extensions: Readonly<Record<string, unknown>>;
}

interface Span {
  /** Where in the stream the message starts. */
  readonly start: number;
  /** How many bytes of the stream are consumed when this is out. */
  readonly end: number;
}

/** What must come out of a stream at one place. */
export type Reading = Span &
  (
    | { readonly kind: 'json'; readonly header: ModelHeader; readonly value: unknown }
    | { readonly kind: 'binary'; readonly header: ModelHeader; readonly bytes: Uint8Array }
    | { readonly kind: 'open'; readonly header: ModelHeader }
    | { readonly kind: 'error'; readonly code: ModelErrorCode; readonly field: string | undefined }
  );

/** The codes that reading can end in. */
export type ModelErrorCode =
  | 'header-too-large'
  | 'header-invalid'
  | 'length-invalid'
  | 'content-too-large'
  | 'encoding-unknown'
  | 'content-invalid'
  | 'truncated';

/** Nothing can be read behind an error of these codes. */
export const LOSES_FRAMING: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>([
  'header-too-large',
  'header-invalid',
  'length-invalid',
  'content-too-large',
  'truncated',
]);

/** Reads a stream from its first byte to its end. */
export function readStream(bytes: Uint8Array, limits: Limits): readonly Reading[] {
  const readings: Reading[] = [];
  for (let at = 0; at < bytes.length;) {
    const reading = readMessage(bytes, at, limits);
    readings.push(reading);
    if (reading.kind === 'error' && LOSES_FRAMING.has(reading.code)) break;
    at = reading.end;
  }
  return readings;
}

function readMessage(bytes: Uint8Array, start: number, limits: Limits): Reading {
  const fail = (code: ModelErrorCode, field?: string, end = start): Reading => ({
    kind: 'error',
    start,
    end,
    code,
    field,
  });
  if (bytes.length < start + 2) return fail('truncated', 'header length');
  const headerLength = (bytes[start] ?? 0) * 256 + (bytes[start + 1] ?? 0);
  if (headerLength > limits.maxHeaderLength) return fail('header-too-large', 'header length');
  const headerEnd = start + 2 + headerLength;
  if (bytes.length < headerEnd) return fail('truncated', 'header');
  const header = readHeader(bytes.subarray(start + 2, headerEnd));
  if ('code' in header) return fail(header.code, header.field);
  if (header.contentLength > limits.maxContentLength) {
    return fail('content-too-large', 'content-length');
  }
  const end = headerEnd + header.contentLength;
  if (bytes.length < end) return fail('truncated', 'content', headerEnd);

  const content = bytes.subarray(headerEnd, end);
  // A cancel has no content, so its type means nothing.
  const isCancel = content.length === 0 && header.extensions['cancel'] === true;
  const encoding = isCancel ? undefined : textEncodingOf(header);
  if (encoding === undefined) return { kind: 'binary', start, end, header, bytes: content };
  const text = decodeText(content, encoding, header.byteorder);
  if (text === 'open') return { kind: 'open', start, end, header };
  if (text === 'unknown') return fail('encoding-unknown', 'content-encoding', end);
  if (text === 'invalid') return fail('content-invalid', 'content', end);
  const value = parse(text.text);
  if (!isObject(value) || hasFault(text.text, { inContent: true })) {
    return fail('content-invalid', 'content', end);
  }
  return { kind: 'json', start, end, header, value };
}

interface HeaderFault {
  readonly code: 'header-invalid' | 'length-invalid';
  readonly field: string | undefined;
}

function readHeader(bytes: Uint8Array): ModelHeader | HeaderFault {
  const invalid = (field?: string): HeaderFault => ({ code: 'header-invalid', field });
  if (!isUtf8(bytes)) return invalid();
  const text = utf8(bytes);
  const parsed = parse(text);
  if (!isObject(parsed)) return invalid();
  const members = new Map<string, unknown>(Object.entries(parsed));
  for (const key of REQUIRED_KEYS) if (!members.has(key)) return invalid(key);
  const byteorder = members.get('byteorder');
  if (byteorder !== 'little' && byteorder !== 'big') return invalid('byteorder');
  const contentType = members.get('content-type');
  if (typeof contentType !== 'string') return invalid('content-type');
  const contentEncoding = members.get('content-encoding');
  if (typeof contentEncoding !== 'string') return invalid('content-encoding');
  const length = members.get('content-length');
  const isLength = typeof length === 'number' && length % 1 === 0 && length >= 0;
  if (!isLength || length > 2 ** 53 - 1) return { code: 'length-invalid', field: 'content-length' };
  if (hasFault(text, { inContent: false })) return invalid();
  for (const key of REQUIRED_KEYS) members.delete(key);
  return {
    byteorder,
    contentType,
    contentEncoding,
    contentLength: Math.abs(length), // -0 is 0
    extensions: Object.fromEntries(members),
  };
}

/** The encoding of text; undefined for bytes. */
function textEncodingOf({ contentType, contentEncoding }: ModelHeader): string | undefined {
  if (!/^text\/json(\s*;|$)/.test(contentType)) return undefined;
  // The first parameter of that name counts, wherever a semicolon stands before it.
  for (const parameter of semicolonsOf(contentType)) {
    const [name] = /^\s*charset\s*=\s*/i.exec(parameter) ?? [];
    if (name === undefined) continue;
    const value = parameter.slice(name.length);
    const closing = value.indexOf('"', 1);
    if (value.startsWith('"') && closing !== -1) return value.slice(1, closing);
    return value.split(/[\s;"]/, 1)[0] ?? '';
  }
  return contentEncoding;
}

/** What stands behind each semicolon, to the end. */
function semicolonsOf(text: string): readonly string[] {
  return Array.from(text.matchAll(/;/g), ({ index }) => text.slice(index + 1));
}

type Decoded = { readonly text: string } | 'invalid' | 'unknown' | 'open';

/** Encodings in the spellings that the model knows, and how each is read. */
const READERS: ReadonlyMap<string, (bytes: Buffer, byteorder: 'little' | 'big') => Decoded> =
  new Map([
    ...['utf-8', 'UTF-8', 'utf8', 'UTF_8'].map((name) => [name, readUtf8] as const),
    ...['ascii', 'us-ascii'].map((name) => [name, readAscii] as const),
    ...['latin-1', 'iso-8859-1'].map((name) => [name, readLatin1] as const),
    ['utf-16-le', (bytes) => readUtf16(bytes, 'little')],
    ['utf-16-be', (bytes) => readUtf16(bytes, 'big')],
    ['utf-32-le', (bytes) => readUtf32(bytes, 'little')],
    ['utf-32-be', (bytes) => readUtf32(bytes, 'big')],
    ['utf-16', readMarkedUtf16],
    ['utf-32', readMarkedUtf32],
    ...'binary hex base64 klingon ucs2 utf-7 utf-8-sig rot13 __proto__ constructor toString'
      .split(' ')
      .map((name) => [name, () => 'unknown'] as const),
    ['', () => 'unknown'],
    ['_internal', () => 'unknown'],
  ]);

function decodeText(bytes: Uint8Array, encoding: string, byteorder: 'little' | 'big'): Decoded {
  const read = READERS.get(encoding);
  return read === undefined ? 'open' : read(Buffer.from(bytes), byteorder);
}

function readUtf8(bytes: Buffer): Decoded {
  return isUtf8(bytes) ? { text: utf8(bytes) } : 'invalid';
}

function readAscii(bytes: Buffer): Decoded {
  return bytes.every((byte) => byte < 0x80) ? { text: bytes.toString('latin1') } : 'invalid';
}

function readLatin1(bytes: Buffer): Decoded {
  return { text: bytes.toString('latin1') };
}

function readUtf16(bytes: Buffer, order: 'little' | 'big'): Decoded {
  if (bytes.length % 2 !== 0) return 'invalid';
  const text = (order === 'little' ? bytes : bytes.swap16()).toString('utf16le');
  // UTF-8 has no lone surrogates: they do not come back.
  return Buffer.from(text).toString() === text ? { text } : 'invalid';
}

function readUtf32(bytes: Buffer, order: 'little' | 'big'): Decoded {
  if (bytes.length % 4 !== 0) return 'invalid';
  const points = Array.from({ length: bytes.length / 4 }, (_, index) =>
    order === 'little' ? bytes.readUInt32LE(index * 4) : bytes.readUInt32BE(index * 4),
  );
  const isCharacter = (point: number) => point < 0xd800 || (point > 0xdfff && point < 0x110000);
  if (!points.every(isCharacter)) return 'invalid';
  return { text: points.map((point) => String.fromCodePoint(point)).join('') };
}

/** A byte order mark decides and is no text; the sender's order decides where there is none. */
function readMarkedUtf16(bytes: Buffer, byteorder: 'little' | 'big'): Decoded {
  const mark = bytes.toString('hex', 0, 2);
  if (mark === 'fffe') return readUtf16(bytes.subarray(2), 'little');
  if (mark === 'feff') return readUtf16(bytes.subarray(2), 'big');
  return readUtf16(bytes, byteorder);
}

function readMarkedUtf32(bytes: Buffer, byteorder: 'little' | 'big'): Decoded {
  const mark = bytes.toString('hex', 0, 4);
  if (mark === 'fffe0000') return readUtf32(bytes.subarray(4), 'little');
  if (mark === '0000feff') return readUtf32(bytes.subarray(4), 'big');
  return readUtf32(bytes, byteorder);
}

/** The tokens that matter in valid JSON: strings, to jump over them, brackets and numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[{]|[\]}]|-?\d[\d.eE+-]*/g;
const MAX_DEPTH = 64;
const LARGEST_INTEGER = 2n ** 53n - 1n;

/** Whether valid JSON breaks a further rule: it nests too deep, or has a number that a double cannot hold. */
function hasFault(text: string, { inContent }: { readonly inContent: boolean }): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('"')) continue;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (Math.abs(Number(token)) > Number.MAX_VALUE) return true;
    else if (inContent && /^-?\d+$/.test(token)) {
      const integer = BigInt(token);
      if (integer > LARGEST_INTEGER || integer < -LARGEST_INTEGER) return true;
    }
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** The value of a JSON text; undefined if it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Node's own reader of UTF-8 leaves a byte order mark where it is. */
function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
