/**
 * Answers under the ids of their requests.
 */
import type { OutgoingMessage } from '@wireline/message';
import type { ServerRequest } from './server-request.ts';

/** The same answer under the id of its request, if that has one. */
export function inReplyTo(id: number | undefined, answer: OutgoingMessage): OutgoingMessage {
  const others = othersOf(answer);
  if (id === undefined) {
    return others === answer.extensions || others === undefined
      ? answer
      : { ...answer, extensions: others };
  }
  return { ...answer, extensions: { 'in-reply-to': id, ...others } };
}

/** A part of an answer that is not its last. */
export function partOf({ id }: ServerRequest, part: OutgoingMessage): OutgoingMessage {
  return { ...part, extensions: { 'in-reply-to': id, more: true, ...othersOf(part) } };
}

/** What a server says itself: an answer that goes on with a request's header, or with another server's, has it too. */
const OURS = ['message-id', 'in-reply-to', 'more', 'cancel', 'deadline-ms'] as const; // the items are keys

/** The extensions that a handler may choose; the same object where there are no others. */
function othersOf({ extensions }: OutgoingMessage): OutgoingMessage['extensions'] {
  if (extensions === undefined || !OURS.some((key) => Object.hasOwn(extensions, key)))
    return extensions;
  const others = { ...extensions };
  for (const key of OURS) delete others[key];
  return others;
}
