/**
 * The conversation's headers in a message that goes out. Written for each request, so it makes two objects and
 * looks at little.
 */
import { LocalProtocolError } from '@wireline/framing/decoder';
import type { OutgoingExtensions, OutgoingMessage } from '@wireline/message';

/** What a client says about the conversation. */
export interface OutgoingConversation {
  readonly id: number;
  /** Written unless it is `undefined`. */
  readonly deadlineMs?: number | undefined;
  readonly more?: boolean;
  readonly cancel?: boolean;
}

/** What a client writes by itself, and nobody else. */
const OWN_KEYS = ['message-id', 'in-reply-to', 'more', 'cancel'];

/** The message with the conversation's headers behind its own. */
export function withConversation(
  message: OutgoingMessage,
  { id, deadlineMs, more, cancel }: OutgoingConversation,
): OutgoingMessage {
  const extensions: Record<string, unknown> = { ...message.extensions, 'message-id': id };
  if (deadlineMs !== undefined) extensions['deadline-ms'] = deadlineMs;
  if (more === true) extensions['more'] = true;
  if (cancel === true) extensions['cancel'] = true;
  return message.kind === 'json'
    ? { kind: 'json', value: message.value, contentEncoding: message.contentEncoding, extensions }
    : { kind: 'binary', bytes: message.bytes, contentType: message.contentType, extensions };
}

/**
 * Sees that a caller leaves the conversation to its client.
 *
 * @throws LocalProtocolError when the extensions of a message have a header of the conversation's.
 */
export function checkExtensions(extensions: OutgoingExtensions | undefined): void {
  if (extensions === undefined) return;
  for (const key of OWN_KEYS) {
    if (!Object.hasOwn(extensions, key)) continue;
    const problem = `write the extension header ${key}: the client writes it by itself`;
    throw new LocalProtocolError('header-invalid', problem, { field: key });
  }
}
