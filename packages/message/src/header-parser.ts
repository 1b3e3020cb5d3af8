/**
 * Reads a header, strictly.
 *
 * A header that cannot be trusted takes the framing with it, since it is what says where the next message
 * begins: each error here loses the framing.
 */
import { MessageError, type MessageErrorCode } from './errors.ts';
import { createHeader, REQUIRED_KEYS, type Header } from './header.ts';
import { findJsonFault, isJsonObject, parseJson, type JsonObject, type JsonValue } from './json.ts';
import { show } from './show.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses the bytes of a header. The limits are not its business: the decoder asks about them.
 *
 * @param bytes the header alone, without its length
 * @param offset where in the stream the message starts, for errors
 * @throws MessageError with the code `header-invalid` or `length-invalid`.
 */
export function parseHeader(bytes: Uint8Array, offset = 0): Header {
  const fail: Fail = (code, problem, field, cause) => {
    throw new MessageError(code, `read a header of ${bytes.length} bytes: ${problem}`, {
      bytes,
      offset,
      ...(field !== undefined && { field }),
      cause,
    });
  };
  if (bytes.length === 0) fail('header-invalid', 'its length is 0');
  const text = decodeText(bytes, fail);
  const parsed = parseObject(text, fail);
  for (const key of REQUIRED_KEYS) {
    if (!Object.hasOwn(parsed, key)) fail('header-invalid', `${key} is missing`, key);
  }
  // A rest element copies own properties one by one, so `__proto__` stays one among them.
  const {
    byteorder,
    'content-type': contentType,
    'content-encoding': contentEncoding,
    'content-length': contentLength,
    ...extensions
  } = parsed;
  if (byteorder !== 'little' && byteorder !== 'big') {
    return fail(
      'header-invalid',
      `byteorder is ${show(byteorder)}, neither little nor big`,
      'byteorder',
    );
  }
  if (typeof contentType !== 'string') {
    return fail(
      'header-invalid',
      `content-type is ${show(contentType)}, no string`,
      'content-type',
    );
  }
  if (typeof contentEncoding !== 'string') {
    const problem = `content-encoding is ${show(contentEncoding)}, no string`;
    return fail('header-invalid', problem, 'content-encoding');
  }
  if (!isLength(contentLength)) {
    const problem = `content-length is ${show(contentLength)}, no whole number in 0..2^53-1`;
    return fail('length-invalid', problem, 'content-length');
  }
  const fault = findJsonFault(text, { wideIntegers: true });
  if (fault !== undefined) fail('header-invalid', fault);
  return createHeader(byteorder, contentType, contentEncoding, contentLength, extensions);
}

type Fail = (code: MessageErrorCode, problem: string, field?: string, cause?: unknown) => never;

function decodeText(bytes: Uint8Array, fail: Fail): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    return fail('header-invalid', 'it is not valid UTF-8', undefined, cause);
  }
}

function parseObject(text: string, fail: Fail): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return fail('header-invalid', `it is no JSON: ${reason}`, undefined, cause);
  }
  return isJsonObject(value) ? value : fail('header-invalid', `it is ${show(value)}, no object`);
}

function isLength(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
