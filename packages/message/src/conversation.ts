/**
 * What a header says about the conversation that its message belongs to: the extensions with a meaning.
 *
 * Most messages have none, and then nothing is looked at. Which of them may stand where is not decided here:
 * that takes somebody who knows what is in flight.
 */
import { MessageError, type MessageErrorCode } from './errors.ts';
import { hasExtensions, type Header } from './header.ts';
import type { JsonValue } from './json.ts';
import { show } from './show.ts';

/** The conversation's part of a header. */
export interface Conversation {
  /** The name of a request while it is in flight: `message-id`. */
  readonly id: number | undefined;
  /** Which request this answers: `in-reply-to`. */
  readonly inReplyTo: number | undefined;
  /** Another part of the same message follows. */
  readonly more: boolean;
  /** The request of this id is not wanted any more. */
  readonly cancel: boolean;
  /** So many milliseconds after its header was decoded an answer is of no use: `deadline-ms`. */
  readonly deadlineMs: number | undefined;
  /** This is the last answer on its connection. */
  readonly closing: boolean;
}

/** Of a message that is the whole of it: one request, or its one answer. */
const PLAIN: Conversation = Object.freeze({
  id: undefined,
  inReplyTo: undefined,
  more: false,
  cancel: false,
  deadlineMs: undefined,
  closing: false,
});

/**
 * Reads the extensions that make a conversation.
 *
 * @throws MessageError `id-invalid` for an id that is none; `header-invalid` for another extension of the wrong
 *   kind. Both lose the framing: what belongs to what is not known any more.
 * @example
 * ```ts
 * const { id, more } = readConversation(message.header);
 * ```
 */
export function readConversation(header: Header): Conversation {
  if (!hasExtensions(header)) return PLAIN;
  const { extensions } = header;
  return {
    id: integerOf(header, 'message-id', 'id-invalid'),
    inReplyTo: integerOf(header, 'in-reply-to', 'id-invalid'),
    more: flagOf(header, 'more'),
    cancel: flagOf(header, 'cancel'),
    deadlineMs: integerOf(header, 'deadline-ms', 'header-invalid'),
    closing: extensions['closing'] === true,
  };
}

/** Whether a message ends a request and is nothing else: its content, of length 0, is read by nobody. */
export function isCancel({ contentLength, extensions }: Header): boolean {
  return contentLength === 0 && extensions['cancel'] === true;
}

function integerOf(
  header: Header,
  key: 'message-id' | 'in-reply-to' | 'deadline-ms',
  code: MessageErrorCode,
): number | undefined {
  const value: JsonValue | undefined = header.extensions[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw invalid(header, code, `${key} is ${show(value)}, no whole number in 1..2^53-1`, key);
}

function flagOf(header: Header, key: 'more' | 'cancel'): boolean {
  const value: JsonValue | undefined = header.extensions[key];
  if (value === undefined || value === false) return false;
  if (value === true) return true;
  throw invalid(header, 'header-invalid', `${key} is ${show(value)}, neither true nor false`, key);
}

function invalid(
  header: Header,
  code: MessageErrorCode,
  problem: string,
  field: string,
): MessageError {
  return new MessageError(code, `read a header: ${problem}`, { header, field });
}
