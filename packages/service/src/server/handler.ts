/**
 * What a server asks of its user: an answer to each request.
 */
import type { Message, OutgoingMessage } from '@wireline/message';
import type { Address } from '@wireline/socket';

/** What a handler knows besides the request itself. */
export interface RequestContext {
  /** Who asks. */
  readonly remoteAddress: Address;
  /** Aborts when the connection is gone, so that nobody works for a peer that will not hear it. */
  readonly signal: AbortSignal;
}

/**
 * Answers a request, at once or later. What it throws becomes an error answer with the code `internal`,
 * without a word of the reason; the reason goes to the server's observer. To refuse a request, return an
 * `errorAnswer`.
 */
export type Handler = (
  request: Message,
  context: RequestContext,
) => OutgoingMessage | Promise<OutgoingMessage>;
