/**
 * Content: from the bytes that a header describes to a JSON object, and back.
 *
 * The content type `text/json`, exactly so, possibly with parameters after a semicolon, is text; anything
 * else is bytes, which nobody here looks into. Text is in the encoding that a `charset` parameter names,
 * or else in the one of `content-encoding`.
 *
 * Errors here leave the framing intact: the decoder has already removed the content from its buffer.
 */
import { LocalProtocolError } from '@wireline/framing/decoder';
import type { Byteorder } from './byteorder.ts';
import { findTextCodec } from './character-sets/find-text-codec.ts';
import { MessageError } from './errors.ts';
import type { Header } from './header.ts';
import { isJsonObject, readJson, type JsonObject, type JsonValue } from './json.ts';
import { show } from './show.ts';
import { CharacterError } from './character-sets/text-codec.ts';

/** The content type of JSON. */
export const TEXT_JSON = 'text/json';

/** What follows the type: nothing but parameters. */
const PARAMETERS = /^\s*;/;

/** The `charset` parameter: RFC 9110 section 5.6.6, its name in any case, its value perhaps quoted. */
const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]*))/i;

/** The encoding of textual content; undefined says that the content is binary. */
export function textEncodingOf(header: Header): string | undefined {
  const { contentType, contentEncoding } = header;
  if (contentType === TEXT_JSON) return contentEncoding;
  if (!isTextJson(contentType)) return undefined;
  const charset = CHARSET.exec(contentType);
  return charset?.[1] ?? charset?.[2] ?? contentEncoding;
}

/** Whether a content type is `text/json`, with or without parameters. */
export function isTextJson(contentType: string): boolean {
  if (!contentType.startsWith(TEXT_JSON)) return false;
  return (
    contentType.length === TEXT_JSON.length || PARAMETERS.test(contentType.slice(TEXT_JSON.length))
  );
}

/**
 * Reads a JSON object from `bytes`, which may be a view: nothing of it is kept.
 *
 * @param encoding what {@link textEncodingOf} said
 * @param offset where in the stream the message starts, for errors
 * @throws MessageError with the code `encoding-unknown` or `content-invalid`.
 */
export function readJsonContent(
  bytes: Uint8Array,
  encoding: string,
  header: Header,
  offset: number,
): JsonObject {
  const codec = findTextCodec(encoding);
  if (codec === undefined) {
    throw new MessageError(
      'encoding-unknown',
      `read content in the encoding ${show(encoding)}: it is unknown here; utf-8 is always known`,
      { offset, field: 'content-encoding', bytes, header },
    );
  }
  const invalid = (problem: string, cause?: unknown) =>
    new MessageError(
      'content-invalid',
      `read ${bytes.length} bytes of ${TEXT_JSON} in ${encoding}: ${problem}`,
      { offset, field: 'content', bytes, header, cause },
    );
  let value: JsonValue;
  try {
    value = readJson(codec.decode(bytes, header.byteorder));
  } catch (cause) {
    // Bad characters and bad JSON are the peer's doing; anything else would be a fault of ours.
    if (!(cause instanceof CharacterError || cause instanceof SyntaxError)) throw cause;
    throw invalid(cause.message, cause);
  }
  if (isJsonObject(value)) return value;
  throw invalid(`it is ${kindOf(value)}, no object`);
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/**
 * Writes text in an encoding other than UTF-8, which the encoder writes by itself.
 *
 * @throws LocalProtocolError with the code `encoding-unknown` or `content-invalid`.
 */
export function encodeText(text: string, encoding: string, byteorder: Byteorder): Uint8Array {
  const attempt = `write content in the encoding ${show(encoding)}`;
  const codec = findTextCodec(encoding);
  if (codec === undefined) {
    const message = `${attempt}: it is unknown here; utf-8 is always known`;
    throw new LocalProtocolError('encoding-unknown', message, { field: 'content-encoding' });
  }
  try {
    return codec.encode(text, byteorder);
  } catch (cause) {
    if (!(cause instanceof CharacterError)) throw cause;
    const message = `${attempt}: ${cause.message}; utf-8 can express everything`;
    throw new LocalProtocolError('content-invalid', message, { field: 'content', cause });
  }
}
