/**
 * `@wireline/message`: a header that describes its content, and the content, without I/O.
 *
 * A {@link MessageEncoder} writes messages to a `SendBuffer`, a {@link MessageDecoder} takes them out of a
 * `ReceiveBuffer`. The bytes are those of the Python sockets guide, so its programs can be talked to.
 *
 * @example
 * ```ts
 * import { NEED_DATA, ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
 * import { jsonMessage, MessageDecoder, MessageEncoder } from '@wireline/message';
 *
 * const wire = new SendBuffer();
 * new MessageEncoder().encode(jsonMessage({ action: 'search', value: 'morpheus' }), wire);
 *
 * const received = new ReceiveBuffer();
 * received.append(wire.bytes.subarray(wire.start, wire.end));
 * const message = new MessageDecoder().decode(received);
 * if (message !== NEED_DATA && message.kind === 'json') {
 *   message.value; // { action: 'search', value: 'morpheus' }
 *   message.header.contentLength; // 41
 * }
 * ```
 */
export { NATIVE_BYTEORDER, type Byteorder } from './byteorder.ts';
export { readConversation, type Conversation } from './conversation.ts';
export { MessageDecoder, type MessageDecoderOptions } from './decoder.ts';
export { MessageEncoder, type MessageEncoderOptions } from './encoder.ts';
export { errorAnswer, readErrorAnswer, type ErrorAnswer } from './error-answer.ts';
export {
  FRAMING_AFTER,
  MessageError,
  type IntactErrorCode,
  type MessageErrorCode,
  type MessageErrorFacts,
} from './errors.ts';
export { HeaderRecognizer, type HeaderRecognizerOptions } from './header-recognizer.ts';
export { parseHeader } from './header-parser.ts';
export type { Header } from './header.ts';
export { writeJson, type WriteJsonOptions } from './json-writer.ts';
export { readJson, type JsonArray, type JsonObject, type JsonValue } from './json.ts';
export { DEFAULT_LIMITS, MAX_JSON_DEPTH, type Limits } from './limits.ts';
export {
  binaryMessage,
  jsonMessage,
  type BinaryMessage,
  type JsonMessage,
  type Message,
  type OutgoingBinary,
  type OutgoingExtensions,
  type OutgoingJson,
  type OutgoingJsonOptions,
  type OutgoingMessage,
  type OutgoingOptions,
} from './message.ts';
