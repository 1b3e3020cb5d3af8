/**
 * ServerConnection: one peer's requests and our answers to them, in order.
 *
 * Nothing that happens here touches another connection: a bad message is answered, a failing handler is
 * answered for, a broken transport ends this connection alone. Back-pressure: while too many requests are
 * unanswered, or too many answers unsent, nothing more is received, and the peer's own sends come to a halt.
 */
import { setMaxListeners } from 'node:events';
import type { RemoteProtocolError } from '@wireline/framing/decoder';
import {
  errorAnswer,
  FRAMING_AFTER,
  type Message,
  type MessageErrorCode,
  type OutgoingMessage,
} from '@wireline/message';
import type { Address } from '@wireline/socket';
import type { ConnectionParts } from '../connection-parts.ts';
import type { ConnectionOwner } from '../connection-owner.ts';
import { Connection } from '../connection.ts';
import { isLimitName, type LimitHit, type LimitName } from '../limit-hit.ts';
import type { Transport } from '../transport.ts';
import { withClosing } from '../closing.ts';
import type { RunningCounters } from './counters.ts';
import type { Handler, RequestContext } from './handler.ts';
import type { ObservedConnection, ServerObserver } from './observer.ts';
import { OwedAnswers, type Place } from './owed-answers.ts';
import type { ConnectionLimits } from './server-limits.ts';

/** What all connections of a server share. */
export interface ServerConnectionParts extends ConnectionParts {
  readonly handler: Handler;
  readonly observer: ServerObserver;
  readonly limits: ConnectionLimits;
  readonly counters: RunningCounters;
  /** Close after the first answer. */
  readonly closeAfterAnswer: boolean;
  /** Called once, when the connection is over. */
  readonly onClosed: (connection: ServerConnection) => void;
}

/** A connection of a server's. */
export class ServerConnection implements ConnectionOwner, ObservedConnection, RequestContext {
  readonly id: number;
  requestCount = 0;
  readonly #parts: ServerConnectionParts;
  /** Made when an answer has to wait: where handlers answer at once, none ever does. */
  #owed: OwedAnswers | undefined;
  readonly #connection: Connection;
  #abort: AbortController | undefined;
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

  /** Made when a handler asks for it: most never do. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      // As many handlers may listen as requests are in flight: that is no leak to be warned of.
      setMaxListeners(0, this.#abort.signal);
    }
    if (this.#closed) this.#abort.abort();
    return this.#abort.signal;
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

  onMessage(request: Message): void {
    this.#countRequest();
    this.#asking = true; // a handler may close the server it runs in
    const answer = this.#ask(request);
    this.#asking = false;
    if (isMessage(answer)) {
      this.#queue(answer, request);
    } else {
      const place = this.#addPlace(request);
      this.#hold(place, request.header.contentLength);
      this.#answerLater(request, answer, place).catch((error: Error) => this.close(error));
    }
    this.#pauseWhenFull();
    this.#finishWhenAnswered();
  }

  onBadMessage(error: RemoteProtocolError): void {
    this.#countRequest();
    const { counters, observer } = this.#parts;
    counters.badInputs += 1;
    if (error.limit !== undefined && isLimitName(error.limit.option)) {
      counters.limits[error.limit.option] += 1;
    }
    observer.badInput?.(this, error);
    if (error.framing === 'lost') {
      this.#lastRequestRead = true;
      this.#inputError = error;
    }
    const code = isMessageErrorCode(error.code) ? error.code : 'internal';
    this.#queue(errorAnswer(code, error.message), undefined);
    this.#pauseWhenFull();
    this.#finishWhenAnswered();
  }

  onLastReceived(): void {
    this.#goodbye = 'with the last answer';
    this.#connection.stopInput();
    this.#lastRequestRead = true;
    this.#writeReadyAnswers();
    this.#finishWhenAnswered();
  }

  onInputEnd(error: RemoteProtocolError | undefined): void {
    this.#lastRequestRead = true;
    this.#inputError = error;
    this.#finishWhenAnswered();
  }

  onFlushed(): void {
    if (this.#owedCount > 0) {
      this.#writeReadyAnswers();
      this.#finishWhenAnswered();
    }
    if (!this.#full) this.#connection.resume();
  }

  onIdle(): void {
    // A handler takes its time, or the peer does, which is another time-out's business.
    if (this.#owedCount > 0 || this.#connection.sendingLength > 0) return;
    const { idleMs } = this.#parts.timeouts;
    this.onLimit({
      option: 'idleMs',
      value: idleMs,
      message: `wait for a request: none came for ${idleMs} ms, so the connection was closed; raise idleMs to keep it`,
    });
    this.#connection.stopInput();
    this.#lastRequestRead = true;
    this.#connection.finish();
  }

  onShed(hit: LimitHit): void {
    this.onLimit(hit);
    this.#lastRequestRead = true;
    const told = 'this server is out of memory for requests; try again later, or send less at once';
    this.#queue(withClosing(errorAnswer('overloaded', told)), undefined);
    this.#finishWhenAnswered();
  }

  onLimit(hit: LimitHit): void {
    const { counters, observer } = this.#parts;
    counters.limits[hit.option] += 1;
    if (this.#told?.has(hit.option)) return;
    this.#told = (this.#told ?? new Set()).add(hit.option);
    observer.limitReached?.(hit, this);
  }

  onClosed(error: Error | undefined): void {
    this.#abort?.abort();
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

  get #full(): boolean {
    const { maxInFlight, maxQueued } = this.#parts.limits;
    return this.#owedCount >= maxInFlight || this.#connection.sendingLength > maxQueued;
  }

  #countRequest(): void {
    this.requestCount += 1;
    this.#parts.counters.requests += 1;
    if (!this.#parts.closeAfterAnswer) return;
    this.#connection.stopInput();
    this.#lastRequestRead = true;
  }

  #ask(request: Message): OutgoingMessage | Promise<OutgoingMessage> {
    try {
      return checkAnswer(this.#parts.handler(request, this));
    } catch (error) {
      return this.#handlerFailed(request, error);
    }
  }

  async #answerLater(
    request: Message,
    promise: Promise<OutgoingMessage>,
    place: Place,
  ): Promise<void> {
    try {
      place.answer = checkAnswer(await promise);
    } catch (error) {
      // A handler that stops because its peer is gone has not failed.
      if (this.#closed && error === this.#abort?.signal.reason) return;
      place.answer = this.#handlerFailed(request, error);
    }
    if (this.#closed) return;
    this.#writeReadyAnswers();
    if (this.#owed?.has(place)) this.#holdAnswer(place);
    if (this.#full) this.#pauseWhenFull();
    else this.#connection.resume();
    this.#finishWhenAnswered();
  }

  #addPlace(request: Message | undefined, answer?: OutgoingMessage): Place {
    this.#owed ??= new OwedAnswers();
    return this.#owed.add(request, answer);
  }

  /** Writes an answer, behind those that are owed to earlier requests. */
  #queue(answer: OutgoingMessage, request: Message | undefined): void {
    if (this.#goodbye === 'looking for the last request') {
      this.#addPlace(request, answer); // until the end of this turn
    } else if (this.#owedCount > 0) {
      this.#holdAnswer(this.#addPlace(request, answer));
    } else {
      this.#write(answer, request);
    }
  }

  #writeReadyAnswers(): void {
    if (this.#goodbye === 'looking for the last request') return;
    while (this.#connection.sendingLength <= this.#parts.limits.maxQueued) {
      const place = this.#owed?.next();
      if (place?.answer === undefined) return;
      this.#hold(place, 0);
      this.#write(this.#withGoodbye(place.answer), place.request);
    }
  }

  /** Reports that an answer has to wait, and with it its request. */
  #holdAnswer(place: Place): void {
    const { request, answer } = place;
    const answerBytes = answer === undefined ? 0 : this.#connection.lengthOf(answer);
    this.#hold(place, (request?.header.contentLength ?? 0) + answerBytes);
  }

  /** Reports what is held for a place from now on. */
  #hold(place: Place, bytes: number): void {
    if (bytes === place.heldBytes) return;
    this.#connection.hold(bytes - place.heldBytes);
    place.heldBytes = bytes;
  }

  /** Writes an answer; in place of one that cannot be written, one that says so. */
  #write(answer: OutgoingMessage, request: Message | undefined): void {
    if (this.#closed) return;
    let written = answer;
    try {
      this.#connection.write(answer);
    } catch (error) {
      if (request === undefined) throw error;
      written = this.#withGoodbye(this.#handlerFailed(request, error));
      this.#connection.write(written);
    }
    if (request !== undefined) this.#parts.observer.answered?.(this, request, written);
  }

  #withGoodbye(answer: OutgoingMessage): OutgoingMessage {
    const isLast = this.#goodbye === 'with the last answer' && this.#owedCount === 0;
    return isLast ? withClosing(answer) : answer;
  }

  #pauseWhenFull(): void {
    if (!this.#full) return;
    this.#connection.pause();
    const { maxInFlight, maxQueued } = this.#parts.limits;
    const inFlight = this.#owedCount;
    if (inFlight >= maxInFlight) {
      this.onLimit({
        option: 'maxInFlight',
        value: maxInFlight,
        message: `read requests: ${inFlight} on this connection wait for their answers, so no more are read until then; raise maxInFlight to read on`,
      });
    } else {
      this.onLimit({
        option: 'maxQueued',
        value: maxQueued,
        message: `read requests: ${this.#connection.sendingLength} bytes of answers wait for this peer to read them, so no more requests are read until then; raise maxQueued to read on`,
      });
    }
  }

  #finishWhenAnswered(): void {
    if (this.#lastRequestRead && !this.#asking && this.#owedCount === 0) this.#connection.finish();
  }

  #handlerFailed(request: Message, error: unknown): OutgoingMessage {
    this.#parts.observer.handlerFailed?.(this, request, error);
    return errorAnswer('internal', 'the server failed to answer; its log says why');
  }
}

function isMessage(answer: OutgoingMessage | Promise<OutgoingMessage>): answer is OutgoingMessage {
  return 'kind' in answer;
}

function isMessageErrorCode(code: string): code is MessageErrorCode {
  return Object.hasOwn(FRAMING_AFTER, code);
}

/** Handlers written without types forget to return. */
function checkAnswer<Answer>(answer: Answer): Answer {
  if (typeof answer === 'object' && answer !== null) return answer;
  throw new TypeError(`answer a request: the handler returned ${String(answer)}, not a message`);
}
