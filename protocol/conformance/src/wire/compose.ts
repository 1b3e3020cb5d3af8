/**
 * Messages put together byte by byte, the wrong ones too: nothing is checked here.
 */
import { writeJson, type Json, type JsonObject } from './json.ts';

const NOTHING = new Uint8Array(0);

/** A message of these bytes: the length of the header, the header, the content. */
export function frame(headerText: string, content: Uint8Array = NOTHING): Uint8Array {
  const header = Buffer.from(headerText, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(header.length);
  return Buffer.concat([length, header, content]);
}

/** A message with JSON content in UTF-8. Extensions go behind the four required keys, in their order. */
export function jsonMessage(value: Json, extensions: JsonObject = {}): Uint8Array {
  const content = Buffer.from(writeJson(value), 'utf8');
  return frame(writeJson(headerOf('text/json', 'utf-8', content.length, extensions)), content);
}

/** What a message of bytes may have besides its bytes. */
export interface BytesOptions {
  /** The content type. Default: that of the guide's client. */
  readonly type?: string;
  /** Extension headers. */
  readonly extensions?: JsonObject;
}

/** A message with bytes as content. */
export function bytesMessage(content: Uint8Array, options: BytesOptions = {}): Uint8Array {
  const { type = 'binary/custom-client-binary-type', extensions = {} } = options;
  return frame(writeJson(headerOf(type, 'binary', content.length, extensions)), content);
}

/** What a message of encoded text may have besides its bytes. */
export interface EncodedOptions {
  /** The content type. Default: `text/json`. */
  readonly type?: string;
  /** The byte order of the header. Default: `little`. */
  readonly byteorder?: string;
}

/** A JSON message whose content was encoded by whoever calls. */
export function encodedMessage(
  encoding: string,
  content: Uint8Array,
  options: EncodedOptions = {},
): Uint8Array {
  const { type = 'text/json', byteorder = 'little' } = options;
  return frame(writeJson(headerOf(type, encoding, content.length, { byteorder })), content);
}

/** Many messages, one behind the other. */
export function together(...messages: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(messages);
}

function headerOf(type: string, encoding: string, length: number, more: JsonObject): JsonObject {
  return {
    byteorder: 'little',
    'content-type': type,
    'content-encoding': encoding,
    'content-length': length,
    ...more,
  };
}
