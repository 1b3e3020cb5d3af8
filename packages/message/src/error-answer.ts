/**
 * Error answers: what the wire says when a request failed.
 *
 * ```
 * {"result": "Error: invalid action 'x'.", "error": {"code": "action-invalid", "message": "invalid action 'x'."}}
 * ```
 *
 * `result` is for old clients, which print it; `error` is for programs.
 */
import type { MessageErrorCode } from './errors.ts';
import { isJsonObject } from './json.ts';
import { jsonMessage, type Message, type OutgoingJson, type OutgoingOptions } from './message.ts';

/** What an error answer says. */
export interface ErrorAnswer {
  /** One of {@link MessageErrorCode}, or a code that only a newer peer knows. */
  readonly code: string;
  readonly message: string;
}

/**
 * Builds an error answer.
 *
 * @param message one sentence for people; it goes to the peer, so it must hold nothing private
 */
export function errorAnswer(
  code: MessageErrorCode,
  message: string,
  options: OutgoingOptions = {},
): OutgoingJson {
  return jsonMessage({ result: `Error: ${message}`, error: { code, message } }, options);
}

/** What a message says if it is an error answer; undefined for any other message. */
export function readErrorAnswer(message: Message): ErrorAnswer | undefined {
  if (message.kind !== 'json' || !Object.hasOwn(message.value, 'error')) return undefined;
  const error = message.value['error'] ?? null;
  if (!isJsonObject(error)) return undefined;
  if (!Object.hasOwn(error, 'code') || !Object.hasOwn(error, 'message')) return undefined;
  const { code, message: text } = error;
  if (typeof code !== 'string' || typeof text !== 'string') return undefined;
  return { code, message: text };
}
