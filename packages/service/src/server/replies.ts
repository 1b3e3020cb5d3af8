/**
 * Answers under the ids of their requests.
 */
import type { OutgoingMessage } from '@wireline/message';
import type { ServerRequest } from './server-request.ts';

/** The same answer under the id of its request, if that has one. */
export function inReplyTo(id: number | undefined, answer: OutgoingMessage): OutgoingMessage {
  if (id === undefined) return answer;
  return { ...answer, extensions: { 'in-reply-to': id, ...answer.extensions } };
}

/** A part of an answer that is not its last. */
export function partOf({ id }: ServerRequest, part: OutgoingMessage): OutgoingMessage {
  return { ...part, extensions: { 'in-reply-to': id, more: true, ...part.extensions } };
}
