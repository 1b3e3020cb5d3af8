/**
 * The search application: what a request means, and what it gets.
 *
 * | request | answer |
 * |---|---|
 * | `{"action": "search", "value": V}` | the entry, or `No match for 'V'.` |
 * | any other action | an error answer, `action-invalid` |
 * | binary content | its first 10 bytes, echoed behind a prefix |
 *
 * The texts are the guide's, byte for byte.
 */
import {
  binaryMessage,
  errorAnswer,
  jsonMessage,
  type JsonObject,
  type OutgoingMessage,
} from '@wireline/message';
import type { Handler } from '@wireline/service/server';
import type { Directory } from './directory.ts';

/** The content type of binary answers. */
export const BINARY_ANSWER_TYPE = 'binary/custom-server-binary-type';

/** How much of a binary request its answer repeats. */
const ECHOED_BYTES = 10;

const ECHO_PREFIX = new TextEncoder().encode(`First ${ECHOED_BYTES} bytes of request: `);

/**
 * A handler that looks names up in `directory`.
 *
 * @example
 * ```ts
 * const server = new Server(createSearchHandler(Directory.builtIn()));
 * ```
 */
export function createSearchHandler(directory: Directory): Handler {
  return (request) =>
    request.kind === 'json' ? answerJson(request.value, directory) : answerBinary(request.bytes);
}

function answerJson(request: JsonObject, directory: Directory): OutgoingMessage {
  const action = request['action'];
  if (action === undefined) {
    return errorAnswer(
      'action-invalid',
      'no action; a request looks like {"action": "search", "value": "morpheus"}.',
    );
  }
  if (action !== 'search') {
    const named = typeof action === 'string' ? action : JSON.stringify(action);
    return errorAnswer('action-invalid', `invalid action '${named}'.`);
  }
  const value = request['value'];
  if (typeof value !== 'string') {
    return errorAnswer('input-invalid', 'invalid value: search needs a "value" that is a string.');
  }
  return jsonMessage({ result: directory.find(value) ?? `No match for '${value}'.` });
}

function answerBinary(bytes: Uint8Array): OutgoingMessage {
  const echoed = bytes.subarray(0, ECHOED_BYTES);
  const content = new Uint8Array(ECHO_PREFIX.length + echoed.length);
  content.set(ECHO_PREFIX);
  content.set(echoed, ECHO_PREFIX.length);
  return binaryMessage(content, BINARY_ANSWER_TYPE);
}
