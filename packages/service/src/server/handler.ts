/**
 * What a server asks of its user: an answer to each request.
 */
import type { Message, OutgoingMessage } from '@wireline/message';
import type { Address } from '@wireline/socket';
import type { Log } from '../log.ts';
import type { LendableParts } from '../parts/incoming-parts.ts';
import type { PartsSource } from '../parts/outgoing-parts.ts';

/** Who asks. */
export interface Peer {
  readonly address: Address;
  /** Which connection it is; counts from 1 within a server. */
  readonly connection: number;
}

/** Until when an answer is of use. */
export interface Deadline {
  /** Milliseconds that are left: 0 when it has passed, Infinity where there is none. */
  readonly remainingMs: number;
}

/** What a handler knows besides the request itself. */
export interface RequestContext {
  readonly peer: Peer;
  readonly deadline: Deadline;
  /**
   * Aborts when nobody wants the answer any more: the request was cancelled, its deadline has passed, or the
   * connection is gone. Hand it on to whatever the handler waits for.
   */
  readonly signal: AbortSignal;
  /** The server's log, with the connection and the request's id in each line. */
  readonly log: Log;
  /**
   * The later parts of the request, as they come; none where it came in one. There once, for one reader. While it
   * does not read, the peer is held up. It throws when they are cut off.
   */
  readonly parts: LendableParts<Message>;
}

/**
 * An answer in parts: what is yielded is sent as a part when there is room for it, what is returned is the final
 * answer. Where nothing is returned that is an empty one, `{}` for JSON. Only for requests with an id.
 */
export type AnswerParts = PartsSource;

/** What a request is answered with. */
export type Answer = OutgoingMessage | AnswerParts;

/**
 * Answers a request, at once, later, or in parts. To refuse a request, throw a `RequestRefusedError` or return an
 * `errorAnswer`. What else it throws becomes an error answer with the code `internal`, without a word of the
 * reason; the reason goes to the server's observer and to its log.
 *
 * @example
 * ```ts
 * const handler: Handler = async function* (request, { signal }) {
 *   for await (const price of prices({ signal })) yield jsonMessage({ price });
 * };
 * ```
 */
export type Handler = (request: Message, context: RequestContext) => Answer | Promise<Answer>;
