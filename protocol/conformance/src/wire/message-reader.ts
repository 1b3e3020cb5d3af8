/**
 * Takes messages out of a stream, strictly: what the specification calls malformed is an error here.
 *
 * Of its own, written after the specification. It reads what peers answer: UTF-8 only, since answers are in
 * UTF-8. How a message is written (order of keys, spaces, escapes) is looked at, and noted in `form`: it is
 * judged by one check and not by all.
 */
import { isObject, parseJson, writeJson, type Json, type JsonObject } from './json.ts';

/** More than this would be refused by a receiver with the default limits. */
const MAX_HEADER = 4096;
const MAX_CONTENT = 32 * 1024 * 1024;

const REQUIRED = ['byteorder', 'content-type', 'content-encoding', 'content-length'] as const;
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A message that came. */
export interface Received {
  readonly header: JsonObject;
  readonly type: string;
  readonly content: Uint8Array;
  /** What the content means, where it is JSON. */
  readonly value: JsonObject | undefined;
  /** What is written otherwise than "JSON, written" has it. */
  readonly form: string | undefined;
  /** When it was whole, in milliseconds of `performance.now()`. */
  readonly at: number;
}

/** The peer sent what is no message. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  readonly code = 'malformed';
}

/** Reads one stream. */
export class MessageReader {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #needed = 2;

  /** How many bytes of an unfinished message there are. */
  get pending(): number {
    return this.#length;
  }

  /**
   * Takes the next bytes, and returns the messages that they complete.
   *
   * @throws MalformedError when they are no message.
   */
  push(chunk: Uint8Array): Received[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return [];
    let rest: Uint8Array = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const messages: Received[] = [];
    for (;;) {
      const needed = neededFor(rest);
      if (typeof needed === 'number') {
        this.#needed = needed;
        break;
      }
      messages.push(needed.message);
      rest = rest.subarray(needed.length);
    }
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    return messages;
  }
}

/** The message at the front of `bytes` and its length, or how many bytes there must be for the next look. */
function neededFor(bytes: Uint8Array): number | { message: Received; length: number } {
  if (bytes.length < 2) return 2;
  const headerLength = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (headerLength === 0) throw new MalformedError('the length of a header is 0');
  if (headerLength > MAX_HEADER) {
    throw new MalformedError(`the length of a header is ${headerLength}, over ${MAX_HEADER}`);
  }
  const contentAt = 2 + headerLength;
  if (bytes.length < contentAt) return contentAt;
  const headerText = decode(bytes.subarray(2, contentAt), 'a header');
  const header = readHeader(headerText);
  const length = contentAt + header.contentLength;
  if (bytes.length < length) return length;
  const content = Uint8Array.prototype.slice.call(bytes, contentAt, length);
  return { message: readMessage(headerText, header, content), length };
}

interface ReadHeader {
  readonly fields: JsonObject;
  readonly type: string;
  readonly encoding: string;
  readonly contentLength: number;
}

function readHeader(text: string): ReadHeader {
  const fields = parseJson(text);
  if (!isObject(fields)) throw new MalformedError(`a header is no JSON object: ${text}`);
  const missing = REQUIRED.find((key) => !Object.hasOwn(fields, key));
  if (missing !== undefined) throw new MalformedError(`a header has no ${missing}: ${text}`);
  const byteorder = fields['byteorder'];
  if (byteorder !== 'little' && byteorder !== 'big') {
    throw new MalformedError(`byteorder is neither "little" nor "big": ${text}`);
  }
  const type = fields['content-type'];
  const encoding = fields['content-encoding'];
  if (typeof type !== 'string' || typeof encoding !== 'string') {
    throw new MalformedError(`content-type or content-encoding is no string: ${text}`);
  }
  const contentLength = fields['content-length'];
  if (
    typeof contentLength !== 'number' ||
    !Number.isSafeInteger(contentLength) ||
    contentLength < 0
  ) {
    throw new MalformedError(`content-length is no whole number: ${text}`);
  }
  if (contentLength > MAX_CONTENT) {
    throw new MalformedError(`content-length is over the limit of ${MAX_CONTENT}: ${text}`);
  }
  return { fields, type, encoding, contentLength };
}

function readMessage(headerText: string, header: ReadHeader, content: Uint8Array): Received {
  const { fields, type } = header;
  const base = { header: fields, type, content, at: performance.now() };
  const form = formOf(headerText, fields);
  // A cancel has no content, whatever its type.
  const isJson = /^text\/json *(;|$)/.test(type) && fields['cancel'] !== true;
  if (!isJson) return { ...base, value: undefined, form };
  if (!/^utf[-_ ]8$/i.test(header.encoding)) {
    throw new MalformedError(`JSON in another encoding than utf-8: ${headerText}`);
  }
  const text = decode(content, 'content');
  const value: Json | undefined = parseJson(text);
  if (!isObject(value)) throw new MalformedError(`content is no JSON object: ${text}`);
  const contentForm = writeJson(value) === text ? undefined : `content is written as ${text}`;
  return { ...base, value, form: form ?? contentForm };
}

/** What is wrong with the way in which a header is written. */
function formOf(text: string, fields: JsonObject): string | undefined {
  const inOrder = REQUIRED.every((key, index) => Object.keys(fields)[index] === key);
  if (!inOrder) return `the keys of a header are in another order: ${text}`;
  return writeJson(fields) === text ? undefined : `a header is written as ${text}`;
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new MalformedError(`${what} is not UTF-8: ${Buffer.from(bytes).toString('hex')}`);
  }
}
