/**
 * ServerConnection: one peer's requests and our answers to them.
 *
 * Answers to requests without ids leave in the order of the requests; those to requests with ids when they are
 * ready, under that id. Nothing that happens here touches another connection: a bad message is answered, a
 * failing handler is answered for, a broken transport ends this connection alone. Back-pressure: while too many
 * handlers are at work, too many answers unsent, or too many parts unread, nothing more is received, and the
 * peer's own sends come to a halt.
 *
 * The file is long because all of it is one decision: what the connection owes, and whether it may be read on.
 * What could leave has left: what a request is by itself is in `server-request.ts`, how many there are in
 * `requests.ts`, how one comes to its answer in `answering.ts`, the queue of answers in `owed-answers.ts`, what is
 * wrong with a message in `misuse.ts`.
 */
import type { RemoteProtocolError } from '@wireline/framing/decoder';
import {
  errorAnswer,
  FRAMING_AFTER,
  MessageError,
  readConversation,
  type Conversation,
  type Header,
  type Message,
  type MessageErrorCode,
  type OutgoingMessage,
} from '@wireline/message';
import type { Address } from '@wireline/socket';
import type { Clock } from '@wireline/socket/event-loop';
import type { ConnectionParts } from '../connection-parts.ts';
import type { ConnectionOwner } from '../connection-owner.ts';
import { Connection } from '../connection.ts';
import { RequestRefusedError } from '../errors.ts';
import {
  idleHit,
  incompleteHit,
  inFlightHit,
  isLimitName,
  partsHit,
  queuedHit,
  type LimitHit,
  type LimitName,
} from '../limit-hit.ts';
import type { Log } from '../log.ts';
import type { Transport } from '../transport.ts';
import { withClosing } from '../closing.ts';
import { ask, DEADLINE_EXCEEDED, outcomeOf, type AnswerOutlet } from './answering.ts';
import type { RunningCounters } from './counters.ts';
import type { Answer, AnswerParts, Handler, Peer } from './handler.ts';
import { checkPart, checkPlace } from './misuse.ts';
import type { ObservedConnection, ServerObserver } from './observer.ts';
import { OwedAnswers, type Place } from './owed-answers.ts';
import { inReplyTo } from './replies.ts';
import { Requests } from './requests.ts';
import type { ConnectionLimits } from './server-limits.ts';
import { ServerRequest, type RequestOwner } from './server-request.ts';

/** What all connections of a server share. */
export interface ServerConnectionParts extends ConnectionParts {
  readonly handler: Handler;
  readonly observer: ServerObserver;
  readonly log: Log;
  /** Hears of failing handlers where neither log nor observer does. */
  readonly handlerFailed: ((error: unknown) => void) | undefined;
  readonly limits: ConnectionLimits;
  readonly counters: RunningCounters;
  /** Close after the first answer. */
  readonly closeAfterAnswer: boolean;
  /** Called once, when the connection is over. */
  readonly onClosed: (connection: ServerConnection) => void;
}

/** 256 KiB: while so much waits to be sent, no more parts are asked for. */
const PARTS_ROOM = 256 * 1024;

/** A connection of a server's. */
export class ServerConnection
  implements ConnectionOwner, ObservedConnection, RequestOwner, AnswerOutlet, Peer
{
  readonly id: number;
  requestCount = 0;
  readonly #parts: ServerConnectionParts;
  readonly #connection: Connection;
  /** Made when an answer has to wait: where handlers answer at once, none ever does. */
  #owed: OwedAnswers | undefined;
  /** Requests that were not answered at once. */
  readonly #requests = new Requests();
  /** Of how many requests more parts wait than may. */
  #fullParts = 0;
  #asking = false;
  #lastRequestRead = false;
  /** Going down, the last answer says so, and until it is known which one that is, none leaves. */
  #goodbye: 'none' | 'looking for the last request' | 'with the last answer' = 'none';
  #inputError: Error | undefined;
  /** Which limits this connection's observer has heard of: each is told once, and counted each time. */
  #told: Set<LimitName> | undefined;

  constructor(id: number, transport: Transport, parts: ServerConnectionParts) {
    this.id = id;
    this.#parts = parts;
    this.#connection = new Connection(transport, this, parts);
  }

  get remoteAddress(): Address {
    return this.#connection.remoteAddress;
  }

  get peer(): Peer {
    return this;
  }

  get address(): Address {
    return this.#connection.remoteAddress;
  }

  get connection(): number {
    return this.id;
  }

  get log(): Log {
    return this.#parts.log;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get maxStreamQueued(): number {
    return this.#parts.limits.maxStreamQueued;
  }

  /** Answers the requests that have come by now, says with the last answer that it closes, and closes. */
  drain(): void {
    this.#goodbye = 'looking for the last request';
    this.#connection.receiveLast();
  }

  /** Closes at once. */
  close(error?: Error): void {
    this.#connection.close(error);
  }

  /** Sees whether anything takes too long. */
  check(now: number): void {
    this.#connection.check(now);
  }

  /** Says that a request holds `bytes` more, or fewer. */
  hold(bytes: number): void {
    if (!this.#closed) this.#connection.hold(bytes);
  }

  giveBack(bytes: Uint8Array): void {
    this.#connection.giveBack(bytes);
  }

  forgetSpares(): void {
    this.#connection.forgetSpares();
  }

  /** More parts of a request wait for its handler than may wait. */
  onFull(): void {
    this.#fullParts += 1;
    this.onLimit(partsHit(this.maxStreamQueued));
    this.#updateInput();
  }

  onDrained(): void {
    this.#fullParts -= 1;
    this.#updateInput();
  }

  /** What still comes is thrown away, until the last part. */
  onAbandoned(): void {}

  /** What is answered for a handler that failed. */
  handlerFailed(request: ServerRequest, error: unknown): OutgoingMessage {
    if (error instanceof RequestRefusedError) return errorAnswer(error.code, error.message);
    request.log.error({ err: error }, 'a handler failed to answer');
    this.#parts.observer.handlerFailed?.(this, request.message, error);
    this.#parts.handlerFailed?.(error);
    return errorAnswer('internal', 'the server failed to answer; its log says why');
  }

  get hasRoomForParts(): boolean {
    if (this.#goodbye === 'looking for the last request') return false;
    return this.#connection.sendingLength <= PARTS_ROOM;
  }

  get maxContentLength(): number {
    return this.#parts.encoder.limits.maxContentLength;
  }

  writePart(part: OutgoingMessage): void {
    this.#connection.write(part);
  }

  onMessage(message: Message): void {
    try {
      this.#take(message);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.#connection.stopInput();
      this.onBadMessage(error);
    }
  }

  onBadMessage(found: RemoteProtocolError): void {
    const error = this.#misuseIn(found) ?? found;
    const header = error instanceof MessageError ? error.header : undefined;
    const id = header === undefined ? undefined : maybeId(header);
    const known = this.#requests.withId(id);
    if (known === undefined) this.#countRequest(false);
    this.#countBadInput(error);
    const code = isMessageErrorCode(error.code) ? error.code : 'internal';
    const answer = errorAnswer(code, error.message);
    if (error.framing === 'lost') {
      this.#lastRequestRead = true;
      this.#inputError = error;
      const why = 'the peer broke the protocol before its last part came';
      if (known === undefined) {
        this.#queue(inReplyTo(id, answer), undefined);
      } else if (known.isWhole || known.isAnswered) {
        // Under an id in use it would be taken for the answer to the request that has it.
        this.#queue(answer, undefined);
      } else {
        known.abandon(why, 'AbortError');
        this.#settle(known, answer);
      }
      this.#cutOff(why);
    } else if (known !== undefined) {
      if (!known.isAnswered) known.abandon('one of its parts is bad', 'AbortError');
      this.#settle(known, answer);
      if (header?.extensions['more'] !== true) this.#whole(known);
    } else if (header?.extensions['more'] === true) {
      this.#throwAwayRest(header, answer);
    } else {
      this.#queue(inReplyTo(id, answer), undefined);
    }
    this.#updateInput();
    this.#finishWhenAnswered();
  }

  onLastReceived(): void {
    this.#goodbye = 'with the last answer';
    this.#lastRequestRead = true;
    // Requests that have begun are read to their end.
    if (this.#requests.incomplete === 0) this.#connection.stopInput();
    this.#writeReadyAnswers();
    this.#resumeOutgoing();
    this.#finishWhenAnswered();
  }

  onInputEnd(error: RemoteProtocolError | undefined): void {
    this.#lastRequestRead = true;
    this.#inputError = error;
    this.#cutOff('the peer ended its stream before its last part came');
    this.#finishWhenAnswered();
  }

  onFlushed(): void {
    if (this.#owedCount > 0) {
      this.#writeReadyAnswers();
      this.#finishWhenAnswered();
    }
    this.#resumeOutgoing();
    this.#updateInput();
  }

  onIdle(): void {
    // A handler takes its time, or the peer does to read, which is another time-out's business.
    if (this.#requests.busy + this.#owedCount > 0 || this.#connection.sendingLength > 0) return;
    if (this.#hasOutgoing()) return;
    const { idleMs } = this.#parts.timeouts;
    const awaited = this.#requests.incomplete > 0 ? 'another part' : 'a request';
    this.onLimit(idleHit(awaited, idleMs));
    this.#connection.stopInput();
    this.#lastRequestRead = true;
    this.#cutOff(`no part came for ${idleMs} ms`, 'timeout');
    this.#connection.finish();
  }

  onShed(hit: LimitHit): void {
    this.onLimit(hit);
    this.#lastRequestRead = true;
    this.#goodbye = 'with the last answer';
    const told = 'this server is out of memory for requests; try again later, or send less at once';
    this.#queue(errorAnswer('overloaded', told), undefined);
    this.#cutOff('this server is out of memory for requests', 'overloaded');
    this.#finishWhenAnswered();
  }

  onLimit(hit: LimitHit): void {
    const { counters, observer, log } = this.#parts;
    counters.limits[hit.option] += 1;
    if (this.#told?.has(hit.option)) return;
    this.#told = (this.#told ?? new Set()).add(hit.option);
    log.warn({ connection: this.id, limit: hit.option, value: hit.value }, hit.message);
    observer.limitReached?.(hit, this);
  }

  onClosed(error: Error | undefined): void {
    for (const request of this.#requests) {
      request.abandon('the connection is gone', 'AbortError');
      request.answered();
    }
    this.#parts.onClosed(this);
    try {
      this.#parts.observer.closed?.(this, error ?? this.#inputError);
    } catch (failure) {
      // There is no connection left to end, and the others have done nothing.
      process.emitWarning(failure instanceof Error ? failure : String(failure));
    }
  }

  get #closed(): boolean {
    return this.#connection.state === 'closed';
  }

  get #owedCount(): number {
    return this.#owed?.size ?? 0;
  }

  /** How many requests nobody but handlers, and answers before theirs, can bring on. */
  get #inFlight(): number {
    return this.#requests.busy + (this.#owed?.ready ?? 0);
  }

  get #isFull(): boolean {
    const { maxInFlight, maxQueued } = this.#parts.limits;
    return this.#inFlight >= maxInFlight || this.#connection.sendingLength > maxQueued;
  }

  /** Takes a message: a request, a part of one, or the end of one. */
  #take(message: Message): void {
    const conversation = readConversation(message.header);
    checkPlace(message.header, conversation);
    const { id, cancel } = conversation;
    const known = this.#requests.withId(id);
    if (cancel) {
      if (known !== undefined) this.#cancel(known);
    } else if (known === undefined) {
      // Going down, what had not begun is not begun: the goodbye says so.
      if (this.#lastRequestRead) return;
      this.#begin(message, conversation);
    } else {
      checkPart(message.header, known);
      known.addPart(message, !conversation.more);
      if (!conversation.more) this.#whole(known);
    }
    this.#updateInput();
    this.#finishWhenAnswered();
  }

  #begin(message: Message, conversation: Conversation): void {
    const { maxInFlight } = this.#parts.limits;
    this.#countRequest(conversation.more);
    const request = this.#createRequest(message, conversation);
    if (!request.isWhole) {
      if (this.#requests.incomplete >= maxInFlight) {
        this.#refuseMoreParts(request);
        return;
      }
      this.#add(request);
    }
    this.#asking = true; // a handler may close the server it runs in
    const answer = ask(request, this.#parts.handler, this);
    this.#asking = false;
    if (this.#closed) {
      request.abandon('the connection is gone', 'AbortError');
      if (!request.isAnswered) request.answered();
    }
    if ('kind' in answer) {
      if (request.isWhole) this.#queue(answer, request);
      else this.#settle(request, answer);
    } else {
      if (request.isWhole) this.#add(request);
      this.#answerLater(request, answer).catch((error: Error) => this.close(error));
    }
  }

  #createRequest(message: Message, conversation: Conversation): ServerRequest {
    return new ServerRequest(message, conversation, {
      owner: this,
      headerAt: this.#connection.headerAt,
    });
  }

  /** A first part was bad: what follows of it belongs to nothing any more. */
  #throwAwayRest(header: Header, answer: OutgoingMessage): void {
    const rest: Message = { kind: 'binary', header, bytes: new Uint8Array() };
    const request = this.#createRequest(rest, readConversation(header));
    if (this.#requests.incomplete >= this.#parts.limits.maxInFlight) {
      this.#refuseMoreParts(request);
    } else {
      this.#queue(answer, request);
      this.#add(request);
      this.#settled(request);
    }
  }

  /** What is wrong with the header of a message whose content is bad: that is known first, and weighs more. */
  #misuseIn(error: RemoteProtocolError): MessageError | undefined {
    const header = error instanceof MessageError ? error.header : undefined;
    if (header === undefined || error.framing === 'lost') return undefined;
    try {
      const conversation = readConversation(header);
      checkPlace(header, conversation);
      const known = this.#requests.withId(conversation.id);
      if (known !== undefined) checkPart(header, known);
      return undefined;
    } catch (misuse) {
      if (!(misuse instanceof MessageError)) throw misuse;
      this.#connection.stopInput();
      return misuse;
    }
  }

  /** So many requests that are never finished are nobody's need. */
  #refuseMoreParts(request: ServerRequest): void {
    const { maxInFlight } = this.#parts.limits;
    this.onLimit(incompleteHit(maxInFlight));
    const told = `${maxInFlight} requests on this connection wait for their parts; finish some first`;
    this.#stopReading();
    this.#cutOff('this server reads no more of this connection', 'overloaded');
    this.#goodbye = 'with the last answer';
    this.#queue(errorAnswer('overloaded', told), request);
  }

  /** Registers a request that is not over within this call. */
  #add(request: ServerRequest): void {
    this.#requests.add(request);
    this.#holdFor(request, request.message.header.contentLength);
    if (request.id === undefined) (this.#owed ??= new OwedAnswers()).add(request);
  }

  /** The last part of a request is through. */
  #whole(request: ServerRequest): void {
    this.#requests.whole(request);
    if (this.#requests.incomplete > 0) return;
    const closes = this.#parts.closeAfterAnswer || this.#goodbye === 'with the last answer';
    if (closes) this.#stopReading();
  }

  #stopReading(): void {
    this.#connection.stopInput();
    this.#lastRequestRead = true;
  }

  #cancel(request: ServerRequest): void {
    if (!request.isAnswered) {
      request.abandon('it was cancelled', 'AbortError');
      this.#settle(request, errorAnswer('cancelled', 'the request was cancelled'));
    }
    if (!request.isWhole) this.#whole(request);
  }

  /** Nothing more comes of the requests that have not come whole. */
  #cutOff(why: string, code: MessageErrorCode = 'content-invalid'): void {
    if (this.#requests.incomplete === 0) return;
    for (const request of this.#requests) {
      if (request.isWhole) continue;
      if (!request.isAnswered) {
        request.abandon(why, 'AbortError');
        this.#settle(request, errorAnswer(code, why));
      }
      this.#whole(request);
    }
  }

  #countRequest(hasParts: boolean): void {
    this.requestCount += 1;
    this.#parts.counters.requests += 1;
    if (this.#parts.closeAfterAnswer && !hasParts && this.#requests.incomplete === 0)
      this.#stopReading();
  }

  #countBadInput(error: RemoteProtocolError): void {
    const { counters, observer, log } = this.#parts;
    counters.badInputs += 1;
    if (error.limit !== undefined && isLimitName(error.limit.option)) {
      counters.limits[error.limit.option] += 1;
    }
    log.warn({ connection: this.id, code: error.code, offset: error.offset }, error.message);
    observer.badInput?.(this, error);
  }

  /** Waits for the answer, or for its parts. */
  async #answerLater(
    request: ServerRequest,
    answering: Promise<Answer> | AnswerParts,
  ): Promise<void> {
    this.#requests.begun(request);
    request.watchDeadline(() => this.#guard(() => this.#expire(request)));
    const answer = await outcomeOf(request, answering, this);
    if (answer !== undefined) this.#settle(request, answer);
    this.#requests.done(request);
    if (this.#closed) return;
    this.#updateInput();
    this.#finishWhenAnswered();
  }

  /** What fails outside of the connection's own turn ends it and no other. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.close(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #expire(request: ServerRequest): void {
    if (request.isAnswered) return;
    request.abandon('its deadline has passed', 'TimeoutError');
    this.#settle(request, DEADLINE_EXCEEDED);
  }

  #resumeOutgoing(): void {
    for (const request of this.#requests) request.outgoing?.resume();
  }

  #hasOutgoing(): boolean {
    for (const request of this.#requests) if (request.outgoing !== undefined) return true;
    return false;
  }

  /** The final answer to a request that was registered is known. The first one counts. */
  #settle(request: ServerRequest, answer: OutgoingMessage): void {
    if (request.isAnswered) return;
    this.#settled(request);
    if (this.#closed) return;
    const place = request.id === undefined ? this.#owed?.placeOf(request) : undefined;
    if (place === undefined) {
      this.#queue(answer, request);
    } else {
      this.#owed?.fill(place, answer);
      this.#writeReadyAnswers();
      if (this.#owed?.has(place)) this.#holdAnswer(place);
    }
    this.#updateInput();
    this.#finishWhenAnswered();
  }

  #settled(request: ServerRequest): void {
    this.#requests.answered(request);
    this.#holdFor(request, 0);
  }

  /** Writes an answer; one that has no id, behind those that are owed to earlier requests without. */
  #queue(answer: OutgoingMessage, request: ServerRequest | undefined): void {
    const waits =
      this.#goodbye === 'looking for the last request' ||
      this.#connection.sendingLength > this.#parts.limits.maxQueued ||
      (this.#owedCount > 0 && request?.id === undefined);
    if (waits) this.#holdAnswer((this.#owed ??= new OwedAnswers()).add(request, answer));
    else this.#write(answer, request);
  }

  #writeReadyAnswers(): void {
    if (this.#goodbye === 'looking for the last request') return;
    while (this.#connection.sendingLength <= this.#parts.limits.maxQueued) {
      const place = this.#owed?.next();
      if (place?.answer === undefined) return;
      this.#holdFor(place, 0);
      this.#write(place.answer, place.request);
    }
  }

  /** Reports that an answer has to wait, and with it its request. */
  #holdAnswer(place: Place): void {
    const { request, answer } = place;
    const answerBytes = answer === undefined ? 0 : this.#connection.lengthOf(answer);
    this.#holdFor(place, (request?.message.header.contentLength ?? 0) + answerBytes);
  }

  /** Reports what is held for something from now on. */
  #holdFor(holder: { heldBytes: number }, bytes: number): void {
    if (bytes === holder.heldBytes) return;
    this.hold(bytes - holder.heldBytes);
    holder.heldBytes = bytes;
  }

  /** Writes an answer; in place of one that cannot be written, one that says so. */
  #write(answer: OutgoingMessage, request: ServerRequest | undefined): void {
    if (this.#closed) return;
    let written = answer;
    try {
      written = this.#withGoodbye(request === undefined ? answer : inReplyTo(request.id, answer));
      this.#connection.write(written);
    } catch (error) {
      if (request === undefined) throw error;
      written = this.#withGoodbye(inReplyTo(request.id, this.handlerFailed(request, error)));
      this.#connection.write(written);
    }
    if (request !== undefined) this.#parts.observer.answered?.(this, request.message, written);
  }

  #withGoodbye(answer: OutgoingMessage): OutgoingMessage {
    const isLast =
      this.#goodbye === 'with the last answer' &&
      this.#requests.unanswered === 0 &&
      this.#owedCount === 0;
    return isLast ? withClosing(answer) : answer;
  }

  /** Reads on, or does not, by how much is under way. */
  #updateInput(): void {
    if (this.#isFull) {
      this.#connection.pause();
      this.#tellFull();
    } else if (this.#fullParts > 0) {
      this.#connection.pause();
    } else {
      this.#connection.resume();
    }
  }

  #tellFull(): void {
    const { maxInFlight, maxQueued } = this.#parts.limits;
    const inFlight = this.#inFlight;
    if (inFlight >= maxInFlight) this.onLimit(inFlightHit(inFlight, maxInFlight));
    else this.onLimit(queuedHit(this.#connection.sendingLength, maxQueued));
  }

  #finishWhenAnswered(): void {
    if (!this.#lastRequestRead || this.#asking) return;
    if (this.#owedCount === 0 && this.#requests.unanswered === 0) this.#connection.finish();
  }
}

function isMessageErrorCode(code: string): code is MessageErrorCode {
  return Object.hasOwn(FRAMING_AFTER, code);
}

/** Which request a bad message is, if that can be read. */
function maybeId({ extensions }: Header): number | undefined {
  const id = extensions['message-id'];
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 1 ? id : undefined;
}
