/**
 * ServerConnection: one peer's requests and our answers to them, in order.
 *
 * Nothing that happens here touches another connection: a bad message is answered, a failing handler is
 * answered for, a broken transport ends this connection alone. Back-pressure: while too many requests are
 * unanswered, or too many answers unsent, nothing more is received, and the peer's own sends come to a halt.
 */
import type { RemoteProtocolError } from '@wireline/framing';
import { errorAnswer, MessageError, type Message, type OutgoingMessage } from '@wireline/message';
import type { Address } from '@wireline/socket';
import type { ConnectionParts } from '../connection-parts.ts';
import { Connection, type ConnectionOwner } from '../connection.ts';
import type { Transport } from '../transport.ts';
import type { Handler, RequestContext } from './handler.ts';
import type { ObservedConnection, ServerObserver } from './observer.ts';
import { OwedAnswers, type Place } from './owed-answers.ts';

/** 128 requests in flight: with answers of 1 KiB, one every millisecond over a line with 128 ms of delay. */
export const MAX_IN_FLIGHT = 128;

/** 1 MiB of answers unsent: some bandwidth-delay products; the message that crosses the mark is added to it. */
export const MAX_QUEUED = 1024 * 1024;

/** What all connections of a server share. */
export interface ServerConnectionParts extends ConnectionParts {
  readonly handler: Handler;
  readonly observer: ServerObserver;
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
  readonly #owed = new OwedAnswers();
  readonly #connection: Connection;
  #abort: AbortController | undefined;
  #asking = false;
  #lastRequestRead = false;
  #inputError: Error | undefined;

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
    this.#abort ??= new AbortController();
    if (this.#closed) this.#abort.abort();
    return this.#abort.signal;
  }

  /** Answers the requests that have come by now, reads no more, and closes. */
  drain(): void {
    this.#connection.receiveNow();
    this.#connection.stopInput();
    this.#lastRequestRead = true;
    this.#finishWhenAnswered();
  }

  /** Closes at once. */
  close(error?: Error): void {
    this.#connection.close(error);
  }

  onMessage(request: Message): void {
    this.requestCount += 1;
    if (this.#parts.closeAfterAnswer) {
      this.#connection.stopInput();
      this.#lastRequestRead = true;
    }
    this.#asking = true; // a handler may close the server it runs in
    const answer = this.#ask(request);
    this.#asking = false;
    if ('then' in answer) {
      const place = this.#owed.add(request);
      this.#answerLater(request, answer, place).catch((error: Error) => this.close(error));
    } else {
      this.#queue(answer, request);
    }
    this.#pauseWhenFull();
    this.#finishWhenAnswered();
  }

  onBadMessage(error: RemoteProtocolError): void {
    this.requestCount += 1;
    this.#parts.observer.badInput?.(this, error);
    if (error.framing === 'lost') {
      this.#lastRequestRead = true;
      this.#inputError = error;
    }
    const code = error instanceof MessageError ? error.code : 'internal';
    this.#queue(errorAnswer(code, error.message), undefined);
    this.#pauseWhenFull();
    this.#finishWhenAnswered();
  }

  onInputEnd(error: RemoteProtocolError | undefined): void {
    this.#lastRequestRead = true;
    this.#inputError = error;
    this.#finishWhenAnswered();
  }

  onFlushed(): void {
    this.#writeReadyAnswers();
    if (!this.#full) this.#connection.resume();
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

  get #full(): boolean {
    return this.#owed.size >= MAX_IN_FLIGHT || this.#connection.sendingLength > MAX_QUEUED;
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
    if (!this.#full) this.#connection.resume();
    this.#finishWhenAnswered();
  }

  /** Writes an answer, behind those that are owed to earlier requests. */
  #queue(answer: OutgoingMessage, request: Message | undefined): void {
    if (this.#owed.size > 0) this.#owed.add(request, answer);
    else this.#write(answer, request);
  }

  #writeReadyAnswers(): void {
    while (this.#connection.sendingLength <= MAX_QUEUED) {
      const place = this.#owed.next();
      if (place?.answer === undefined) return;
      this.#write(place.answer, place.request);
    }
  }

  /** Writes an answer; in place of one that cannot be written, one that says so. */
  #write(answer: OutgoingMessage, request: Message | undefined): void {
    let written = answer;
    try {
      this.#connection.write(answer);
    } catch (error) {
      if (request === undefined) throw error;
      written = this.#handlerFailed(request, error);
      this.#connection.write(written);
    }
    if (request !== undefined) this.#parts.observer.answered?.(this, request, written);
  }

  #pauseWhenFull(): void {
    if (this.#full) this.#connection.pause();
  }

  #finishWhenAnswered(): void {
    if (this.#lastRequestRead && !this.#asking && this.#owed.size === 0) this.#connection.finish();
  }

  #handlerFailed(request: Message, error: unknown): OutgoingMessage {
    this.#parts.observer.handlerFailed?.(this, request, error);
    return errorAnswer('internal', 'the server failed to answer; its log says why');
  }
}

/** Handlers written without types forget to return. */
function checkAnswer<Answer>(answer: Answer): Answer {
  if (typeof answer === 'object' && answer !== null) return answer;
  throw new TypeError(`answer a request: the handler returned ${String(answer)}, not a message`);
}
