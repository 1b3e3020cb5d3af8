/**
 * MessageDecoder: cuts a byte stream into messages.
 *
 * ```
 *   0        2              2+H                 2+H+L
 *   +--------+--------------+--------------------+
 *   |   H    | JSON header  | content            |
 *   | u16 BE | H bytes      | L bytes            |
 *   +--------+--------------+--------------------+
 *       |           |                 |
 *    too large?  parsed once,     left in the buffer until it is complete,
 *    say so now  then removed     then removed and read
 * ```
 *
 * A limit speaks as soon as the number that exceeds it has come, not when the bytes have. An error that
 * leaves the framing intact is thrown after the bad message was removed, so the next call reads the next
 * message. After one that loses the framing every call throws that same error.
 */
import {
  createLengthField,
  NEED_DATA,
  TruncatedFrameError,
  UNKNOWN,
  type Decoder,
  type NeedData,
  type ReceiveBuffer,
} from '@wireline/framing/decoder';
import { readJsonContent, textEncodingOf } from './content.ts';
import { FlatJsonReader, MAX_FLAT_LENGTH } from './flat-json-reader.ts';
import { isCancel } from './conversation.ts';
import { MessageError } from './errors.ts';
import { HeaderRecognizer } from './header-recognizer.ts';
import { parseHeader } from './header-parser.ts';
import type { Header } from './header.ts';
import type { JsonObject } from './json.ts';
import { resolveLimits, type Limits } from './limits.ts';
import type { Message } from './message.ts';
import { recognizeOtherProtocol } from './other-protocols.ts';

/** The length of a header. */
const headerLength = createLengthField('u16');

/** The bytes of `H`. */
const LENGTH_BYTES = headerLength.width;

/** One for all decoders of the thread: it keeps nothing but keys and short words. */
const flatReader = new FlatJsonReader();

/** Options of {@link MessageDecoder}. */
export interface MessageDecoderOptions extends Partial<Limits> {
  /** The header shapes to compare with; one of its own unless told. Decoders of one thread may share. */
  readonly recognizer?: HeaderRecognizer;
}

/**
 * Reads the messages of one stream.
 *
 * @example
 * ```ts
 * const decoder = new MessageDecoder({ maxContentLength: 1024 * 1024 });
 * buffer.append(chunk);
 * for (let message = decoder.decode(buffer); message !== NEED_DATA; message = decoder.decode(buffer)) {
 *   if (message.kind === 'json') console.log(message.value);
 * }
 * ```
 */
export class MessageDecoder implements Decoder<Message> {
  readonly limits: Limits;
  readonly #recognizer: HeaderRecognizer;
  /** The header of the message whose content is being waited for. */
  #header: Header | undefined;
  /** Where in the stream the current message starts. */
  #offset = 0;
  #failure: MessageError | undefined;

  constructor(options: MessageDecoderOptions = {}) {
    this.limits = resolveLimits(options);
    this.#recognizer = options.recognizer ?? new HeaderRecognizer();
  }

  /** Whether a header was read whose content is not complete. */
  get insideContent(): boolean {
    return this.#header !== undefined;
  }

  /**
   * Takes the next message out of `buffer`.
   *
   * @throws MessageError when the peer broke the protocol; its `framing` says whether to go on.
   */
  decode(buffer: ReceiveBuffer): Message | NeedData {
    const header = this.#header ?? this.#maybeHeader(buffer);
    if (header === NEED_DATA) return NEED_DATA;
    const { contentLength } = header;
    if (buffer.length < contentLength) {
      this.#header = header;
      buffer.expect(contentLength);
      return NEED_DATA;
    }
    this.#header = undefined;
    const encoding = textEncodingOf(header);
    if (encoding === undefined || (contentLength === 0 && isCancel(header))) {
      return { kind: 'binary', header, bytes: buffer.take(contentLength) };
    }
    return { kind: 'json', header, value: this.#takeJson(buffer, encoding, header) };
  }

  /**
   * Says that the stream has ended. Returns if it ended between two messages.
   *
   * @throws TruncatedFrameError when it ended inside one.
   * @throws MessageError the one that lost the framing before, if any did.
   */
  end(buffer: ReceiveBuffer): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#header !== undefined) {
      throw truncated('content', buffer, this.#header.contentLength, this.#offset);
    }
    if (buffer.length === 0) return;
    const length = headerLength.read(buffer.bytes, buffer.start, buffer.end);
    throw length === UNKNOWN
      ? truncated('header length', buffer, LENGTH_BYTES, buffer.offset)
      : truncated('header', buffer, LENGTH_BYTES + length, buffer.offset);
  }

  /** Removes the content, which is complete, and reads it as JSON. */
  #takeJson(buffer: ReceiveBuffer, encoding: string, header: Header): JsonObject {
    const { bytes, start } = buffer;
    const { contentLength } = header;
    const end = start + contentLength;
    buffer.consume(contentLength);
    const maybeFlat = encoding === 'utf-8' && contentLength <= MAX_FLAT_LENGTH;
    const flat = maybeFlat ? flatReader.maybeRead(bytes, start, end) : undefined;
    if (flat !== undefined) return flat;
    // A view will do: what JSON is made of is copied by decoding its characters.
    const value = readJsonContent(bytes.subarray(start, end), encoding, header, this.#offset);
    if (maybeFlat) flatReader.learn(value);
    return value;
  }

  /** Removes the next header, once it is complete and within the limits. */
  #maybeHeader(buffer: ReceiveBuffer): Header | NeedData {
    if (this.#failure !== undefined) throw this.#failure;
    const { bytes } = buffer;
    const length = headerLength.read(bytes, buffer.start, buffer.end);
    if (length === UNKNOWN) return NEED_DATA;
    const { maxHeaderLength } = this.limits;
    if (length > maxHeaderLength) throw this.#fail(headerTooLarge(buffer, length, maxHeaderLength));
    if (buffer.length < LENGTH_BYTES + length) return NEED_DATA;
    const start = buffer.start + LENGTH_BYTES;
    const end = start + length;
    this.#offset = buffer.offset;
    let header = this.#recognizer.recognize(bytes, start, end);
    if (header === undefined) {
      header = this.#parseHeader(bytes.subarray(start, end));
      this.#recognizer.learn(bytes, start, end, header);
    }
    if (header.contentLength > this.limits.maxContentLength) {
      const raw = bytes.subarray(start, end);
      throw this.#fail(contentTooLarge(header, raw, this.#offset, this.limits.maxContentLength));
    }
    buffer.consume(LENGTH_BYTES + length);
    return header;
  }

  #parseHeader(bytes: Uint8Array): Header {
    try {
      return parseHeader(bytes, this.#offset);
    } catch (error) {
      if (error instanceof MessageError) this.#fail(error);
      throw error;
    }
  }

  /** Remembers an error that nothing can follow. */
  #fail(error: MessageError): MessageError {
    this.#failure = error;
    return error;
  }
}

function headerTooLarge(buffer: ReceiveBuffer, length: number, limit: number): MessageError {
  const { bytes, start, end, offset } = buffer;
  const sample = bytes.subarray(start, end);
  const other = offset === 0 ? recognizeOtherProtocol(sample) : undefined;
  const advice =
    other === undefined
      ? 'the first two bytes are its length, so the peer may speak another protocol; if not, raise maxHeaderLength'
      : `this looks like ${other}`;
  return new MessageError(
    'header-too-large',
    `read a header of ${length} bytes: the limit is ${limit}; ${advice}`,
    {
      offset,
      field: 'header length',
      bytes: sample,
      limit: { option: 'maxHeaderLength', value: limit },
    },
  );
}

function contentTooLarge(
  header: Header,
  bytes: Uint8Array,
  offset: number,
  limit: number,
): MessageError {
  return new MessageError(
    'content-too-large',
    `read content of ${header.contentLength} bytes: the limit is ${limit}; raise maxContentLength to accept it`,
    {
      offset,
      field: 'content-length',
      bytes,
      limit: { option: 'maxContentLength', value: limit },
      header,
    },
  );
}

function truncated(
  field: string,
  buffer: ReceiveBuffer,
  needed: number,
  offset: number,
): TruncatedFrameError {
  const { bytes, start, end, length } = buffer;
  return new TruncatedFrameError(
    `read the ${field} of a message: the stream ended ${needed - length} bytes short of ${needed}`,
    { offset, field, bytes: bytes.subarray(start, end) },
  );
}
