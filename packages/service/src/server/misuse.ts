/**
 * What a peer may not say to a server: rules about messages that are whole by themselves and make no sense where
 * they stand. All of them lose the framing: what belongs to what is not known any more.
 */
import { MessageError, type Conversation, type Header } from '@wireline/message';
import type { ServerRequest } from './server-request.ts';

/**
 * Checks what a message says of itself.
 *
 * @throws MessageError
 */
export function checkPlace(header: Header, conversation: Conversation): void {
  const { id, inReplyTo, more, cancel } = conversation;
  if (inReplyTo !== undefined) {
    const problem = `it answers ${inReplyTo}, and a server has asked nothing`;
    throw misuse(header, { code: 'id-invalid', field: 'in-reply-to', problem });
  }
  if (id === undefined && (more || cancel)) {
    const field = more ? 'more' : 'cancel';
    const problem = `${field} is true without a message-id that says of what`;
    throw misuse(header, { code: 'id-invalid', field, problem });
  }
  if (cancel && header.contentLength > 0) {
    const problem = 'it cancels a request, and has content';
    throw misuse(header, { code: 'length-invalid', field: 'content-length', problem });
  }
}

/**
 * Checks a message whose id is in flight: it must be a part of that request.
 *
 * @throws MessageError
 */
export function checkPart(header: Header, request: ServerRequest): void {
  if (request.isWhole) {
    const problem = `the id ${request.id} is in use by a request that is not answered`;
    throw misuse(header, { code: 'id-invalid', field: 'message-id', problem });
  }
  const { contentType } = header;
  const expected = request.message.header.contentType;
  if (contentType === expected) return;
  const problem = `a part of the request ${request.id} is ${contentType}, where the first was ${expected}`;
  throw misuse(header, { code: 'header-invalid', field: 'content-type', problem });
}

function misuse(
  header: Header,
  facts: {
    readonly code: 'id-invalid' | 'length-invalid' | 'header-invalid';
    readonly field: string;
    readonly problem: string;
  },
): MessageError {
  const { code, field, problem } = facts;
  return new MessageError(code, `read a message: ${problem}`, { header, field });
}
