/**
 * MessageEncoder: writes messages, byte for byte as a Python peer would.
 *
 * The header's keys have a fixed order, so a header is a template in which one number changes:
 *
 * ```
 *   H  {"byteorder": "little", ... "content-length": 41  , "message-id": 7}
 *   |  |------------- prefix, remembered ---------|digits|-- extensions --|
 * ```
 *
 * The length of the content has to be known before its header. For UTF-8 it is counted in the text, so
 * that header and content are written once, where they are to be sent from. Nothing is committed to the
 * buffer before all of it is written: a message that cannot be written leaves no trace.
 */
import { LocalProtocolError, type Encoder, type SendBuffer } from '@wireline/framing';
import { NATIVE_BYTEORDER, type Byteorder } from './byteorder.ts';
import { encodeText, isTextJson, TEXT_JSON } from './content.ts';
import { REQUIRED_KEYS } from './header.ts';
import { writeJson } from './json-writer.ts';
import { resolveLimits, type Limits } from './limits.ts';
import type { OutgoingExtensions, OutgoingMessage } from './message.ts';
import { utf8Length, writeUtf8 } from './utf8.ts';

/** JSON answers, JSON in another encoding, two kinds of binary content: more is rare on one connection. */
const MAX_TEMPLATES = 4;

/** What a header ends with when it has no extensions. */
const CLOSING_BRACE = '}';

const utf8 = new TextEncoder();

/** Options of {@link MessageEncoder}. */
export interface MessageEncoderOptions extends Partial<Limits> {
  /** What the header says about the sender; the machine's own order unless told. */
  readonly byteorder?: Byteorder;
}

/** A header up to its content length. */
interface Template {
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly prefix: Uint8Array;
}

/**
 * Writes messages; keeps nothing but templates between them, so one encoder may serve many connections.
 *
 * @example
 * ```ts
 * const encoder = new MessageEncoder({ byteorder: 'big' });
 * encoder.encode(jsonMessage({ action: 'search', value: 'morpheus' }), buffer);
 * ```
 */
export class MessageEncoder implements Encoder<OutgoingMessage> {
  readonly limits: Limits;
  readonly byteorder: Byteorder;
  /** Newest first; the oldest is forgotten. */
  readonly #templates: Template[] = [];

  constructor(options: MessageEncoderOptions = {}) {
    this.limits = resolveLimits(options);
    this.byteorder = options.byteorder ?? NATIVE_BYTEORDER;
  }

  /**
   * Appends a message to `buffer`, all of it or nothing.
   *
   * @throws LocalProtocolError when it cannot be written, or when a receiver with the same limits would
   *   refuse it.
   */
  encode(message: OutgoingMessage, buffer: SendBuffer): void {
    if (message.kind === 'binary') {
      const { bytes, contentType, extensions } = message;
      checkBinaryType(contentType);
      this.#writeBytes(buffer, contentType, 'binary', extensions, bytes);
      return;
    }
    const { value, contentEncoding, extensions } = message;
    const text = writeJson(value);
    if (text.charCodeAt(0) !== 0x7b /* { */) {
      const problem = 'write JSON content: it is no object; wrap it in one';
      throw new LocalProtocolError('content-invalid', problem, { field: 'content' });
    }
    if (contentEncoding === 'utf-8') {
      this.#writeUtf8(buffer, extensions, text);
    } else {
      const bytes = encodeText(text, contentEncoding, this.byteorder);
      this.#writeBytes(buffer, TEXT_JSON, contentEncoding, extensions, bytes);
    }
  }

  #writeUtf8(buffer: SendBuffer, extensions: OutgoingExtensions | undefined, text: string): void {
    const length = utf8Length(text);
    const at = this.#writeHeader(buffer, TEXT_JSON, 'utf-8', extensions, length);
    writeUtf8(text, length, buffer.bytes, at);
    buffer.commit(at + length - buffer.end);
  }

  #writeBytes(
    buffer: SendBuffer,
    contentType: string,
    contentEncoding: string,
    extensions: OutgoingExtensions | undefined,
    bytes: Uint8Array,
  ): void {
    const at = this.#writeHeader(buffer, contentType, contentEncoding, extensions, bytes.length);
    buffer.bytes.set(bytes, at);
    buffer.commit(at + bytes.length - buffer.end);
  }

  /** Reserves room for a message and writes its header. Returns where in `buffer.bytes` content goes. */
  #writeHeader(
    buffer: SendBuffer,
    contentType: string,
    contentEncoding: string,
    extensions: OutgoingExtensions | undefined,
    contentLength: number,
  ): number {
    const { prefix } = this.#templateOf(contentType, contentEncoding);
    const suffix = extensions === undefined ? CLOSING_BRACE : suffixOf(extensions);
    const digits = countDigits(contentLength);
    const suffixLength = suffix === CLOSING_BRACE ? 1 : utf8Length(suffix);
    const headerLength = prefix.length + digits + suffixLength;
    this.#checkLimits(headerLength, contentLength);
    let at = buffer.reserve(2 + headerLength + contentLength);
    const { bytes } = buffer;
    bytes[at++] = headerLength >> 8;
    bytes[at++] = headerLength & 0xff;
    bytes.set(prefix, at);
    at += prefix.length;
    let rest = contentLength;
    for (let index = digits - 1; index >= 0; index--) {
      bytes[at + index] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    at += digits;
    writeUtf8(suffix, suffixLength, bytes, at);
    return at + suffixLength;
  }

  #checkLimits(headerLength: number, contentLength: number): void {
    const { maxHeaderLength, maxContentLength } = this.limits;
    if (headerLength > maxHeaderLength) {
      const limit = { option: 'maxHeaderLength', value: maxHeaderLength };
      const message = `write a header of ${headerLength} bytes: the limit is ${maxHeaderLength}; raise maxHeaderLength on both sides`;
      throw new LocalProtocolError('header-too-large', message, { field: 'header', limit });
    }
    if (contentLength > maxContentLength) {
      const limit = { option: 'maxContentLength', value: maxContentLength };
      const message = `write content of ${contentLength} bytes: the limit is ${maxContentLength}; raise maxContentLength on both sides`;
      throw new LocalProtocolError('content-too-large', message, { field: 'content', limit });
    }
  }

  #templateOf(contentType: string, contentEncoding: string): Template {
    const templates = this.#templates;
    for (let index = 0; index < templates.length; index++) {
      const template = templates[index];
      if (template?.contentType === contentType && template.contentEncoding === contentEncoding) {
        return template;
      }
    }
    const template = createTemplate(this.byteorder, contentType, contentEncoding);
    templates.unshift(template);
    if (templates.length > MAX_TEMPLATES) templates.pop();
    return template;
  }
}

function createTemplate(
  byteorder: Byteorder,
  contentType: string,
  contentEncoding: string,
): Template {
  const head = { byteorder, 'content-type': contentType, 'content-encoding': contentEncoding };
  const text = writeJson(head, { code: 'header-invalid', root: 'header' });
  const prefix = utf8.encode(`${text.slice(0, -1)}, "content-length": `);
  return { contentType, contentEncoding, prefix };
}

/** The end of a header with extensions: a comma, the extensions, the closing brace. */
function suffixOf(extensions: OutgoingExtensions): string {
  for (const key of REQUIRED_KEYS) {
    if (!Object.hasOwn(extensions, key)) continue;
    const message = `write the extension header ${key}: the encoder writes it by itself`;
    throw new LocalProtocolError('header-invalid', message, { field: key });
  }
  const text = writeJson(extensions, { code: 'header-invalid', root: 'extensions' });
  return text === '{}' ? CLOSING_BRACE : `, ${text.slice(1)}`;
}

/** The other side would read such bytes as JSON. */
function checkBinaryType(contentType: string): void {
  if (!isTextJson(contentType)) return;
  const message = `write binary content of the type ${contentType}: that type is JSON; use jsonMessage`;
  throw new LocalProtocolError('header-invalid', message, { field: 'content-type' });
}

function countDigits(value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits;
}
