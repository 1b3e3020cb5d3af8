/**
 * ClientConnection: the conversation on one connection, seen from who asks.
 *
 * ```
 *              first answer carries in-reply-to
 *   unproven ----------------------------------> proven: many in flight, answers in any order, cancel
 *      |  one in flight, answers in order
 *      '--> first answer without: 10 ms of probation, then the next
 * ```
 *
 * A server written after the guide answers once and closes. Its end of the stream comes right behind its answer,
 * but it may be read a moment later, and a second request sent in that moment would be lost. So a first answer
 * that proves nothing puts the connection on probation. Rules:
 *
 * - A request that nobody wants any more is cancelled where the peer is proven; its id stays in use until its
 *   final answer comes, which is dropped (`cancels.ts`). Elsewhere the connection is given up, with whatever else
 *   is on it.
 * - An answer without `in-reply-to` is the oldest request's, until the peer is proven. From then on it can
 *   only be about the connection: an error of a message that could not be read, or a goodbye.
 * - What breaks the protocol closes the connection, and nothing is sent. Behind a goodbye nothing is sent
 *   either; what is unanswered goes back, marked as unprocessed. After an error that loses the framing, earlier
 *   requests are still answered.
 */
import type { RemoteProtocolError } from '@wireline/framing/decoder';
import {
  binaryMessage,
  readConversation,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';
import type { ConnectionOwner } from '../connection-owner.ts';
import type { ConnectionParts } from '../connection-parts.ts';
import { Connection } from '../connection.ts';
import { ConnectionBrokenError, ConnectionClosedError } from '../errors.ts';
import type { LimitHit } from '../limit-hit.ts';
import type { Transport } from '../transport.ts';
import { Cancels } from './cancels.ts';
import { checkType, errorOf, losesFraming, misuse } from './check-answer.ts';
import type { Carrier, PendingRequest } from './pending-request.ts';
import { Probation } from './probation.ts';
import { withConversation } from './with-conversation.ts';

/** Who has the connection. */
export interface ClientConnectionOwner {
  /** The server has answered something. */
  onAnswered(): void;
  /** There may be room for another request. */
  onRoom(): void;
  /** It is over; `lost` says why, where something was asked on it, nothing answered, and nobody here ended it. */
  onClosed(connection: ClientConnection, lost: Error | undefined): void;
  /** These were in flight and will get no answer here, oldest first. */
  onInterrupted(requests: readonly PendingRequest[], interruption: Interruption): void;
}

/** Why requests got no answer. */
export interface Interruption {
  /** `unprocessed`: the server has said so. */
  readonly kind: 'unprocessed' | 'unknown';
  /** What to fail those with that are not repeated. */
  readonly error: ConnectionBrokenError;
}

/** What all connections of a client share. */
export interface ClientConnectionParts extends ConnectionParts {
  /** The server, as messages name it. */
  readonly target: string;
  /** Whether requests carry ids. */
  readonly sendsIds: boolean;
  /** Whether the caller vouches for a peer that takes several requests at once. */
  readonly isVouchedFor: boolean;
  readonly maxInFlight: number;
}

/** 256 KiB wait to be sent: enough for the line, and the rest can still be given up unsent. */
export const MAX_UNSENT = 256 * 1024;

const NO_BYTES = new Uint8Array(0);

/** The content of a cancel is of length 0, and its type is of no meaning. */
const CANCEL = binaryMessage(NO_BYTES, 'application/octet-stream');

/** One connection of a client's. */
export class ClientConnection implements ConnectionOwner, Carrier {
  readonly #owner: ClientConnectionOwner;
  readonly #parts: ClientConnectionParts;
  readonly #transport: Transport;
  readonly #connection: Connection;
  /** By their ids, which count up: oldest first. */
  readonly #inFlight = new Map<number, PendingRequest>();
  readonly #cancels: Cancels;
  #lastId = 0;
  #answers = 0;
  #isProven = false;
  #isExclusive = false;
  /** Nothing more is sent on it. */
  #isRetired = false;
  /** Whether it was this side that ended it. */
  #isGivenUp = false;
  #saidGoodbye = false;
  /** What the server said of the whole connection, before it ended that. */
  #lastWords: Message | undefined;
  readonly #probation: Probation;

  constructor(transport: Transport, owner: ClientConnectionOwner, parts: ClientConnectionParts) {
    this.#owner = owner;
    this.#parts = parts;
    this.#transport = transport;
    this.#probation = new Probation(parts.clock, () => this.#lookOnce());
    this.#cancels = new Cancels(parts.clock, (problem) => {
      this.#connection.abort(new ConnectionBrokenError(problem));
    });
    this.#connection = new Connection(transport, this, parts);
  }

  /** Whether it will take requests, now or later. */
  get isUsable(): boolean {
    return !this.#isRetired;
  }

  /** Whether it belongs to one request in parts, until that is over. */
  get isExclusive(): boolean {
    return this.#isExclusive;
  }

  /** Whether nothing is going on, and anything may be sent. */
  get isIdle(): boolean {
    return this.canTake && this.#busyCount === 0;
  }

  /** Whether another request may be sent now. */
  get canTake(): boolean {
    if (this.#isRetired || this.#isExclusive || this.#probation.lasts) return false;
    if (!this.hasRoom) return false;
    const busy = this.#busyCount;
    const { maxInFlight, isVouchedFor } = this.#parts;
    return busy === 0 || ((this.#isProven || isVouchedFor) && busy < maxInFlight);
  }

  get maxContentLength(): number {
    return this.#parts.encoder.limits.maxContentLength;
  }

  get hasRoom(): boolean {
    return this.#connection.sendingLength < MAX_UNSENT;
  }

  /**
   * Sends a request. One in parts has the connection for itself until it is over.
   *
   * @throws LocalProtocolError when the message breaks a limit; nothing was written then.
   */
  send(request: PendingRequest): void {
    const id = this.#lastId + 1;
    const { sendsIds } = this.#parts;
    this.#connection.write(
      sendsIds
        ? withConversation(request.message, {
            id,
            deadlineMs: request.maybeDeadlineMs(),
            more: request.hasParts,
          })
        : request.message,
    );
    this.#lastId = id;
    request.id = id;
    this.#inFlight.set(id, request);
    this.#isExclusive = request.isInParts;
    request.sentOn(this);
  }

  writePart(
    part: OutgoingMessage,
    { id, more }: { readonly id: number; readonly more: boolean },
  ): void {
    this.#connection.write(withConversation(part, { id, more }));
  }

  giveUp(request: PendingRequest): void {
    if (this.#inFlight.get(request.id) !== request) return;
    this.#inFlight.delete(request.id);
    if (this.#isProven) {
      this.#cancel(request.id);
      this.#cancels.add(request.id);
    } else {
      const told = 'a request before it was given up, and its connection with it';
      this.#isGivenUp = true;
      this.#connection.abort(new ConnectionClosedError(told));
    }
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    if (!this.#isClosed) this.#connection.resume();
  }

  hold(bytes: number): void {
    if (!this.#isClosed) this.#connection.hold(bytes);
  }

  /** Closes at once. */
  close(): void {
    this.#giveUpAll();
  }

  /** Sees whether anything takes too long. */
  check(now: number): void {
    this.#connection.check(now);
  }

  onMessage(answer: Message): void {
    const { inReplyTo, more, closing } = readConversation(answer.header);
    if (inReplyTo === undefined) {
      if (more) throw misuse(answer, 'it has more, and does not say in reply to what');
      this.#takeUnnamed(answer, closing);
      return;
    }
    const request = this.#parts.sendsIds ? this.#inFlight.get(inReplyTo) : undefined;
    if (request === undefined) {
      if (!this.#cancels.has(inReplyTo)) {
        throw misuse(answer, `in-reply-to is ${inReplyTo}, and no request of that id is in flight`);
      }
      if (!more) {
        this.#cancels.answered(inReplyTo);
        this.#answered(answer, closing);
      }
      return;
    }
    this.#isProven = true;
    this.#cancels.heard();
    this.#probation.end();
    checkType(answer, request, { more });
    if (more) request.partCame(answer);
    else this.#finish(request, answer, closing);
  }

  onBadMessage(error: RemoteProtocolError): void {
    // It was an answer, however bad: only others may still be worked for.
    if (this.#busyCount > 1) this.#connection.abort(error);
    else this.#connection.close(error);
  }

  onInputEnd(error: Error | undefined): void {
    this.#connection.close(error);
  }

  onLastReceived(): void {
    if (this.#isClosed) return;
    this.#probation.end();
    this.#owner.onRoom();
  }

  onFlushed(): void {
    if (this.#isExclusive) for (const request of this.#inFlight.values()) request.resumeSending();
    else this.#owner.onRoom();
  }

  onIdle(): void {
    if (this.#busyCount === 0) this.#giveUpAll();
  }

  onShed(hit: LimitHit): void {
    this.#giveUpAll(new ConnectionClosedError(hit.message));
  }

  onLimit(): void {} // the error that follows says it

  onClosed(error: Error | undefined): void {
    this.#isRetired = true;
    this.#probation.end();
    this.#cancels.clear();
    const interrupted = [...this.#inFlight.values()];
    this.#inFlight.clear();
    const [first] = interrupted;
    if (first === undefined) {
      this.#owner.onClosed(this, undefined);
      return;
    }
    const told = this.#broken(error);
    if (interrupted.length === 1 && this.#lastWords !== undefined) first.answered(this.#lastWords);
    else {
      const kind = this.#saidGoodbye ? 'unprocessed' : 'unknown';
      this.#owner.onInterrupted(interrupted, { kind, error: told });
    }
    const isLost = this.#answers === 0 && !this.#isGivenUp && !this.#saidGoodbye;
    this.#owner.onClosed(this, isLost ? told : undefined);
  }

  get #isClosed(): boolean {
    return this.#connection.state === 'closed';
  }

  get #busyCount(): number {
    return this.#inFlight.size + this.#cancels.size;
  }

  /** An answer that does not say in reply to what. */
  #takeUnnamed(answer: Message, closing: boolean): void {
    const [oldest] = this.#inFlight.values();
    if (!this.#isProven) {
      if (oldest === undefined) throw misuse(answer, 'nobody had asked for it');
      this.#finish(oldest, answer, closing);
      return;
    }
    if (closing) {
      this.#takeGoodbye(answer); // an error in it is why it goes, and no word about any request
      return;
    }
    if (!losesFraming(answer)) {
      throw misuse(answer, 'it does not say in reply to what, and all requests have ids');
    }
    this.#isRetired = true;
    this.#lastWords = answer;
    if (this.#inFlight.size <= 1) this.#connection.close();
  }

  #finish(request: PendingRequest, answer: Message, closing: boolean): void {
    this.#inFlight.delete(request.id);
    // The server need not hear everything to say no: nothing of the request follows a cancel.
    const wasCutShort = request.stopSending();
    request.answered(answer);
    if (wasCutShort) {
      if (this.#isProven) this.#cancel(request.id);
      else this.#isRetired = true;
    }
    this.#answered(answer, closing);
  }

  /** A request is through. */
  #answered(answer: Message, closing: boolean): void {
    this.#answers += 1;
    this.#owner.onAnswered();
    if (closing) {
      this.#takeGoodbye();
      return;
    }
    if (losesFraming(answer)) this.#isRetired = true;
    if (this.#busyCount === 0) {
      const isDone = this.#isRetired || (!this.#isProven && !this.#mayGoOn);
      this.#isExclusive = false;
      if (isDone) {
        this.#connection.close();
        return;
      }
    }
    if (!this.#isProven && !this.#parts.isVouchedFor && this.#answers === 1)
      this.#probation.start();
    this.#owner.onRoom();
  }

  /** Whether another request may follow an answer that proves nothing. */
  get #mayGoOn(): boolean {
    // Where bytes are unsent the server has answered without having read everything.
    return !this.#isExclusive && this.#connection.sendingLength === 0;
  }

  /** That was the last answer: the requests that are left were not processed. */
  #takeGoodbye(words?: Message): void {
    this.#saidGoodbye = true;
    const cause = words === undefined ? undefined : errorOf(words);
    const why = cause === undefined ? '' : `: ${cause.message}`;
    this.#connection.close(
      new Error(`the server said goodbye before it answered${why}`, { cause }),
    );
  }

  /** This side ends it: with a reset where the server owes answers, so that it works for nobody any more. */
  #giveUpAll(error?: Error): void {
    this.#isGivenUp = true;
    if (this.#busyCount > 0) this.#connection.abort(error);
    else this.#connection.close(error);
  }

  #cancel(id: number): void {
    this.#connection.write(withConversation(CANCEL, { id, cancel: true }));
  }

  /** Before anything is sent behind the first answer, what the kernel has is taken in. */
  #lookOnce(): void {
    const work = (): void => this.#connection.receiveLast();
    if (this.#transport.whenSeen === undefined) work();
    else this.#transport.whenSeen(work);
  }

  #broken(error: Error | undefined): ConnectionBrokenError {
    const cause = error ?? (this.#lastWords && errorOf(this.#lastWords));
    const reason = cause?.message ?? 'the server closed the connection before it answered';
    return new ConnectionBrokenError(
      `request from ${this.#parts.target}: ${reason}`,
      cause === undefined ? undefined : { cause },
    );
  }
}
