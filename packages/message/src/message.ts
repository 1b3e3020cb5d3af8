/**
 * A message, as it came and as it goes.
 *
 * A message has a header and content, and the content is one of two kinds: a JSON object or bytes. What
 * came carries the header that it came with. What goes out has no header yet: the encoder makes it.
 */
import type { Header } from './header.ts';
import type { JsonObject } from './json.ts';

/** A message whose content was a JSON object. */
export interface JsonMessage {
  readonly kind: 'json';
  readonly header: Header;
  readonly value: JsonObject;
}

/** A message whose content is bytes; its header's `contentType` says what they mean. */
export interface BinaryMessage {
  readonly kind: 'binary';
  readonly header: Header;
  /** Owned by whoever receives the message. */
  readonly bytes: Uint8Array;
}

/** A message that came. */
export type Message = JsonMessage | BinaryMessage;

/** Extension headers of a message that goes out, in the order in which they are written. */
export type OutgoingExtensions = Readonly<Record<string, unknown>>;

/** A JSON object to be sent. */
export interface OutgoingJson {
  readonly kind: 'json';
  readonly value: object;
  /** A character encoding that `findTextCodec` knows. */
  readonly contentEncoding: string;
  readonly extensions: OutgoingExtensions | undefined;
}

/** Bytes to be sent. They must not change before they are encoded. */
export interface OutgoingBinary {
  readonly kind: 'binary';
  readonly bytes: Uint8Array;
  /** Anything but `text/json`. */
  readonly contentType: string;
  readonly extensions: OutgoingExtensions | undefined;
}

/** A message that goes out. */
export type OutgoingMessage = OutgoingJson | OutgoingBinary;

/** Options of {@link binaryMessage}. */
export interface OutgoingOptions {
  /** Headers besides the four required ones. */
  readonly extensions?: OutgoingExtensions;
}

/** Options of {@link jsonMessage}. */
export interface OutgoingJsonOptions extends OutgoingOptions {
  /** The character encoding; `utf-8` unless told. */
  readonly contentEncoding?: string;
}

/**
 * A message with a JSON object as content.
 *
 * @param value what becomes a JSON object: a plain object, or one with `toJSON`. It is written when the
 *   message is encoded, and what cannot be written is refused then.
 * @example
 * ```ts
 * encoder.encode(jsonMessage({ action: 'search', value: 'morpheus' }), buffer);
 * ```
 */
export function jsonMessage(value: object, options: OutgoingJsonOptions = {}): OutgoingJson {
  const { contentEncoding = 'utf-8', extensions } = options;
  return { kind: 'json', value, contentEncoding, extensions };
}

/**
 * A message with bytes as content.
 *
 * @example
 * ```ts
 * encoder.encode(binaryMessage(pixels, 'image/png'), buffer);
 * ```
 */
export function binaryMessage(
  bytes: Uint8Array,
  contentType: string,
  options: OutgoingOptions = {},
): OutgoingBinary {
  return { kind: 'binary', bytes, contentType, extensions: options.extensions };
}
