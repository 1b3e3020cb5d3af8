/**
 * MessageEncoder: writes messages, byte for byte as a Python peer would.
 *
 * The header's keys have a fixed order, so a header is a template in which one number changes:
 *
 * ```
 *   H  {"byteorder": "little", ... "content-length": 41  }
 *   |---------------- template --------------------|##|--|  or  , "message-id": 7}
 * ```
 *
 * The length of the content has to be known before its header. Small content is written on a stage first,
 * where its length shows, and copied (`content-stage.ts`); what is flat gets there without a text in between
 * (`flat-json-writer.ts`). Of long UTF-8 the length is counted in the text, so that it is written once, where
 * it is to be sent from.
 *
 * Nothing is committed to the buffer before all of it is written: a message that cannot be written leaves
 * no trace. What runs somebody else's code, getters and `toJSON`, runs before anything is written at all.
 */
import { LocalProtocolError, type Encoder, type SendBuffer } from '@wireline/framing/decoder';
import { NATIVE_BYTEORDER, type Byteorder } from './byteorder.ts';
import { encodeText, isTextJson, TEXT_JSON } from './content.ts';
import { copyStage, maybeStageText } from './content-stage.ts';
import { countDigits, utf8Length, writeDigits, writeUtf8 } from '@wireline/framing/text';
import { maybeStageRecord, type FlatRecord } from './flat-json-writer.ts';
import { REQUIRED_KEYS } from './header.ts';
import { writeFlatJson, writeJson, writeJsonUnlessFlat } from './json-writer.ts';
import { resolveLimits, type Limits } from './limits.ts';
import type { OutgoingBinary, OutgoingExtensions, OutgoingMessage } from './message.ts';

/** JSON answers, JSON in another encoding, two kinds of binary content: more is rare on one connection. */
const MAX_TEMPLATES = 4;

/** The bytes of `H`. */
const LENGTH_BYTES = 2;

/** What a header ends with when it has no extensions. */
const CLOSING_BRACE = '}';

const utf8 = new TextEncoder();

/** Options of {@link MessageEncoder}. */
export interface MessageEncoderOptions extends Partial<Limits> {
  /** What the header says about the sender; the machine's own order unless told. */
  readonly byteorder?: Byteorder;
}

/** What stays the same in the headers of one kind of content. */
interface Template {
  readonly contentType: string;
  readonly contentEncoding: string;
  /** A header up to its content length. */
  readonly prefix: string;
  /** For each number of digits a header without extensions, its length in front. */
  readonly headers: (Uint8Array | undefined)[];
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
      checkContent(bytes);
      this.#writeBytes(buffer, contentType, 'binary', extensions, bytes);
      return;
    }
    const { value, contentEncoding, extensions } = message;
    const content = writeJsonUnlessFlat(value);
    if (typeof content === 'string' && content.charCodeAt(0) !== 0x7b /* { */) {
      const problem = 'write JSON content: it is no object; wrap it in one';
      throw new LocalProtocolError('content-invalid', problem, { field: 'content' });
    }
    if (contentEncoding === 'utf-8') {
      this.#writeUtf8(buffer, extensions, content);
    } else {
      const text = typeof content === 'string' ? content : writeFlatJson(content);
      const bytes = encodeText(text, contentEncoding, this.byteorder);
      this.#writeBytes(buffer, TEXT_JSON, contentEncoding, extensions, bytes);
    }
  }

  /**
   * Appends the header of a message of bytes alone: for whoever sends its content from where it is.
   *
   * @throws LocalProtocolError as {@link encode} does.
   */
  encodeHeader({ bytes, contentType, extensions }: OutgoingBinary, buffer: SendBuffer): void {
    checkBinaryType(contentType);
    const template = this.#templateOf(contentType, 'binary');
    const suffix = suffixOf(extensions);
    const end = this.#writeHeader(buffer, template, suffix, bytes.length, 0);
    buffer.commit(end - buffer.end);
  }

  #writeUtf8(
    buffer: SendBuffer,
    extensions: OutgoingExtensions | undefined,
    content: string | FlatRecord,
  ): void {
    const template = this.#templateOf(TEXT_JSON, 'utf-8');
    // Extensions may have getters, so they are written before anything is on the stage.
    const suffix = suffixOf(extensions);
    let staged = typeof content === 'string' ? undefined : maybeStageRecord(content);
    if (staged === undefined) {
      const text = typeof content === 'string' ? content : writeFlatJson(content);
      staged = maybeStageText(text);
      if (staged === undefined) {
        this.#writeText(buffer, template, suffix, text);
        return;
      }
    }
    const at = this.#writeHeader(buffer, template, suffix, staged);
    copyStage(staged, buffer.bytes, at);
    buffer.commit(at + staged - buffer.end);
  }

  #writeText(buffer: SendBuffer, template: Template, suffix: string, text: string): void {
    const length = utf8Length(text);
    const at = this.#writeHeader(buffer, template, suffix, length);
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
    const template = this.#templateOf(contentType, contentEncoding);
    const at = this.#writeHeader(buffer, template, suffixOf(extensions), bytes.length);
    buffer.bytes.set(bytes, at);
    buffer.commit(at + bytes.length - buffer.end);
  }

  /**
   * Reserves room for a message, or for so much of its content, and writes its header. Returns where in
   * `buffer.bytes` content goes.
   */
  #writeHeader(
    buffer: SendBuffer,
    template: Template,
    suffix: string,
    contentLength: number,
    reserved: number = contentLength,
  ): number {
    const header = headerOf(template, countDigits(contentLength));
    // The template ends with the brace already.
    const extra = suffix === CLOSING_BRACE ? 0 : utf8Length(suffix) - CLOSING_BRACE.length;
    const headerLength = header.length - LENGTH_BYTES + extra;
    this.#checkLimits(headerLength, contentLength);
    const at = buffer.reserve(LENGTH_BYTES + headerLength + reserved);
    const { bytes } = buffer;
    bytes.set(header, at);
    const brace = at + header.length - CLOSING_BRACE.length;
    writeDigits(contentLength, bytes, brace);
    if (extra > 0) {
      bytes[at] = headerLength >> 8;
      bytes[at + 1] = headerLength & 0xff;
      writeUtf8(suffix, extra + CLOSING_BRACE.length, bytes, brace);
    }
    return brace + CLOSING_BRACE.length + extra;
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
  const prefix = `${text.slice(0, -1)}, "content-length": `;
  return { contentType, contentEncoding, prefix, headers: [] };
}

/** The header of a template for content lengths of so many digits, which are to be filled in. */
function headerOf({ prefix, headers }: Template, digits: number): Uint8Array {
  const known = headers[digits];
  if (known !== undefined) return known;
  const text = utf8.encode(prefix + '0'.repeat(digits) + CLOSING_BRACE);
  const header = Uint8Array.of(text.length >> 8, text.length & 0xff, ...text);
  headers[digits] = header;
  return header;
}

/** The end of a header with extensions: a comma, the extensions, the closing brace. */
function suffixOf(extensions: OutgoingExtensions | undefined): string {
  if (extensions === undefined) return CLOSING_BRACE;
  const plain = maybePlainSuffix(extensions);
  if (plain !== undefined) return plain;
  for (const key of REQUIRED_KEYS) {
    if (!Object.hasOwn(extensions, key)) continue;
    const message = `write the extension header ${key}: the encoder writes it by itself`;
    throw new LocalProtocolError('header-invalid', message, { field: key });
  }
  const text = writeJson(extensions, { code: 'header-invalid', root: 'extensions' });
  return text === '{}' ? CLOSING_BRACE : `, ${text.slice(1)}`;
}

/** The extensions that are on every message of a conversation, as they stand in a header. */
const PLAIN_KEYS: ReadonlyMap<string, string> = new Map(
  ['message-id', 'in-reply-to', 'more', 'cancel', 'deadline-ms', 'closing'].map((key) => [
    key,
    `, "${key}": `,
  ]),
);

/** The same where all extensions are of these, and whole numbers and booleans: nothing of them needs a look. */
function maybePlainSuffix(extensions: OutgoingExtensions): string | undefined {
  if (typeof extensions['toJSON'] === 'function') return undefined;
  let suffix = '';
  for (const key of Object.keys(extensions)) {
    const start = PLAIN_KEYS.get(key);
    if (start === undefined) return undefined;
    const value = extensions[key];
    if (typeof value !== 'boolean' && !isPlainNumber(value)) return undefined;
    suffix += `${start}${value}`;
  }
  return suffix + CLOSING_BRACE;
}

/** Whether digits are all there is to a number: `-0`, for one, is written in JSON without its sign. */
function isPlainNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

/** Programs without types give texts, and what is copied of these is zeros. */
function checkContent(bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  const message = `write binary content: it is ${typeof bytes}, no bytes; encode text with a TextEncoder`;
  throw new LocalProtocolError('content-invalid', message, { field: 'content' });
}

/** The other side would read such bytes as JSON. */
function checkBinaryType(contentType: string): void {
  if (!isTextJson(contentType)) return;
  const message = `write binary content of the type ${contentType}: that type is JSON; use jsonMessage`;
  throw new LocalProtocolError('header-invalid', message, { field: 'content-type' });
}
