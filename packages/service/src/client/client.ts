/**
 * Client: requests to one server, answered in order, over a connection that is made again when it has to be.
 *
 * One request is outstanding at a time: the server may be an old one that answers once and closes. Such a
 * server's end of the stream comes right behind its answer, but it may be read a moment later; a second
 * request sent in that moment would be lost. So the first answer on a connection puts it on probation: the
 * next request waits until 10 ms after that answer. A connection that has given two answers stays open,
 * and nothing waits any more. Where the server has closed, the next request makes a new connection.
 *
 * A request whose connection ended before its answer is repeated only if it is marked idempotent, and
 * once: the server may have done its work already.
 */
import type { RemoteProtocolError } from '@wireline/framing/decoder';
import {
  FRAMING_AFTER,
  readErrorAnswer,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';
import type { Timer } from '@wireline/socket/event-loop';
import {
  connectionParts,
  type ConnectionOptions,
  type ConnectionParts,
} from '../connection-parts.ts';
import { saysClosing } from '../closing.ts';
import { Connection } from '../connection.ts';
import { formatEndpoint, type Endpoint } from '@wireline/socket';
import {
  AnswerError,
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
  TooManyRequestsError,
  type RequestPhase,
} from '../errors.ts';
import type { LimitHit } from '../limit-hit.ts';
import type { Network } from '../network.ts';
import { DEFAULT_TIMEOUTS, Watchdog, type Timeouts } from '../timeouts.ts';
import { nativeNetwork } from '../transports/native.ts';
import { PendingRequest, type RequestOptions } from './pending-request.ts';

/** 60 s for a whole request: longer than any look-up, shorter than a user's patience. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * A client gives a silent connection up before a server does, so that no request is sent into the moment in
 * which the server closes: 60 s, where servers wait 75.
 */
const CLIENT_TIMEOUTS: Timeouts = { ...DEFAULT_TIMEOUTS, idleMs: 60_000 };

/** 128: as many as a server takes in flight. */
const MAX_WAITING = 128;

/** 10 ms: what a busy server takes between its last send and its close; the line's delay plays no part. */
const PROBATION_MS = 10;

/** Options of {@link Client}. */
export interface ClientOptions extends ConnectionOptions {
  /** How long to try to connect; 10 s unless told. */
  readonly connectTimeoutMs?: number;
  /** How long a request may take, waiting and connecting included; 60 s unless told. */
  readonly requestTimeoutMs?: number;
  /** The most requests that may wait their turn; 128 unless told. */
  readonly maxWaiting?: number;
}

/**
 * A message client.
 *
 * @example
 * ```ts
 * await using client = await Client.connect({ host: '127.0.0.1', port: 65432 });
 * const answer = await client.request(jsonMessage({ action: 'search', value: 'ring' }));
 * ```
 */
export class Client {
  readonly #endpoint: Endpoint;
  readonly #options: ClientOptions;
  readonly #parts: ConnectionParts;
  readonly #network: Network;
  readonly #watchdog: Watchdog;
  readonly #waiting: PendingRequest[] = [];
  #connection: Connection | undefined;
  #connecting: AbortController | undefined;
  #outstanding: PendingRequest | undefined;
  /** How many answers the present connection has given. */
  #answers = 0;
  /** Runs while the connection may be about to close behind its first answer. */
  #probation: Timer | undefined;
  #closed = false;

  /**
   * Connects with the first request; {@link Client.connect} does it at once.
   *
   * @param endpoint a host and a port, or the path of a Unix socket
   * @throws RangeError when a limit is no whole number in its range.
   */
  constructor(endpoint: Endpoint, options: ClientOptions = {}) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#parts = connectionParts(options, 0, CLIENT_TIMEOUTS);
    this.#watchdog = new Watchdog(this.#parts.clock, this.#parts.timeouts, (now) => {
      this.#connection?.check(now);
      return this.#connection !== undefined;
    });
    this.#network = options.network ?? nativeNetwork;
  }

  /**
   * Connects.
   *
   * @param endpoint a host and a port, or the path of a Unix socket
   * @throws ConnectError, NameResolutionError, RangeError for a path that is too long
   */
  static async connect(endpoint: Endpoint, options: ClientOptions = {}): Promise<Client> {
    const client = new Client(endpoint, options);
    await client.#connect();
    return client;
  }

  /**
   * Sends `message` and resolves to the answer.
   *
   * @throws AnswerError when the answer is an error answer; its `code` is the server's.
   * @throws ConnectionBrokenError when the connection ended before the answer was complete, or the answer
   * was malformed.
   * @throws RequestTimeoutError, TooManyRequestsError, ConnectionClosedError
   * @throws ConnectError, NameResolutionError when a connection had to be made and could not.
   * @throws LocalProtocolError when the message breaks a limit.
   * @throws RangeError when a time-out is no number, or negative.
   * @throws the reason of `options.signal`, when that gave it up.
   */
  async request(message: OutgoingMessage, options: RequestOptions = {}): Promise<Message> {
    const attempt = `request from ${formatEndpoint(this.#endpoint)}`;
    if (this.#closed) throw new ConnectionClosedError(`${attempt}: this client is closed`);
    const maxWaiting = this.#options.maxWaiting ?? MAX_WAITING;
    if (this.#waiting.length >= maxWaiting) throw new TooManyRequestsError(maxWaiting);
    options.signal?.throwIfAborted();

    const pending = new PendingRequest(message, options.idempotent ?? false);
    const timeoutMs = options.timeoutMs ?? this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    const timer = this.#parts.clock.after(timeoutMs, () =>
      this.#giveUp(
        pending,
        new RequestTimeoutError(formatEndpoint(this.#endpoint), timeoutMs, this.#phaseOf(pending)),
      ),
    );
    const onAbort = (): void => this.#giveUp(pending, options.signal?.reason);
    options.signal?.addEventListener('abort', onAbort);
    this.#waiting.push(pending);
    this.#advance();
    try {
      return checkAnswer(await pending.answer);
    } finally {
      timer.cancel();
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Closes the connection; requests that wait for answers fail. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const error = new ConnectionClosedError(
      `request from ${formatEndpoint(this.#endpoint)}: this client was closed before the answer came`,
    );
    this.#connecting?.abort(error);
    this.#failAll(error);
    this.#connection?.close();
    this.#watchdog.stop();
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Sends the next request if it is its turn, over a connection that may have to be made first. */
  #advance(): void {
    if (this.#outstanding !== undefined || this.#connecting !== undefined) return;
    if (this.#probation !== undefined) return;
    if (this.#waiting.length === 0) return;
    if (this.#connection === undefined) {
      this.#connect().then(
        () => this.#advance(),
        (error: unknown) => this.#failAll(error),
      );
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) return;
    try {
      this.#connection.write(next.message);
      this.#outstanding = next;
    } catch (error) {
      next.reject(error); // it breaks a limit; nothing of it was written
      this.#advance();
    }
  }

  async #connect(): Promise<void> {
    const { connectTimeoutMs } = this.#options;
    this.#connecting = new AbortController();
    try {
      const transport = await this.#network.connect(this.#endpoint, {
        signal: this.#connecting.signal,
        clock: this.#parts.clock,
        ...(connectTimeoutMs === undefined ? {} : { timeoutMs: connectTimeoutMs }),
      });
      if (this.#closed) {
        transport.close();
        throw new ConnectionClosedError('connect: this client was closed meanwhile');
      }
      const owner = {
        onMessage: (answer: Message) => this.#onAnswer(answer),
        onBadMessage: (error: RemoteProtocolError) => connection.close(error),
        onInputEnd: (error: Error | undefined) => connection.close(error),
        onFlushed: () => {},
        onLastReceived: () => {},
        onIdle: () => {
          if (this.#outstanding === undefined) connection.close();
        },
        onShed: (hit: LimitHit) => connection.close(new ConnectionClosedError(hit.message)),
        onLimit: () => {}, // the error that follows says it
        onClosed: (error: Error | undefined) => this.#onClosed(connection, error),
      };
      const connection = new Connection(transport, owner, this.#parts);
      this.#connection = connection;
      this.#watchdog.start();
      this.#answers = 0;
    } finally {
      this.#connecting = undefined;
    }
  }

  #onAnswer(answer: Message): void {
    const answered = this.#outstanding;
    const connection = this.#connection;
    if (answered === undefined || connection === undefined) {
      connection?.close(new Error('an answer came that nobody had asked for'));
      return;
    }
    this.#outstanding = undefined;
    answered.resolve(answer);
    if (isLastAnswer(answer) || connection.sendingLength > 0) {
      // The server closes behind this answer, or has answered without having read everything.
      connection.close();
    } else if (++this.#answers === 1) {
      this.#probation = this.#parts.clock.after(PROBATION_MS, () => this.#endProbation());
    }
    this.#advance();
  }

  #endProbation(): void {
    this.#probation?.cancel();
    this.#probation = undefined;
    this.#advance();
  }

  #onClosed(connection: Connection, error: Error | undefined): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#probation?.cancel();
    this.#probation = undefined;
    const interrupted = this.#outstanding;
    this.#outstanding = undefined;
    if (interrupted?.mayRepeat()) {
      this.#waiting.unshift(interrupted);
    } else {
      interrupted?.reject(this.#broken(error));
    }
    this.#advance();
  }

  #broken(error: Error | undefined): ConnectionBrokenError {
    const reason = error?.message ?? 'the server closed the connection before it answered';
    return new ConnectionBrokenError(
      `request from ${formatEndpoint(this.#endpoint)}: ${reason}`,
      error === undefined ? undefined : { cause: error },
    );
  }

  #phaseOf(pending: PendingRequest): RequestPhase {
    if (pending === this.#outstanding) return 'waiting for the answer';
    return this.#connecting === undefined ? 'waiting for its turn' : 'connecting';
  }

  /** Answers come in order: to stop waiting for the outstanding one is to give up its connection. */
  #giveUp(pending: PendingRequest, reason: unknown): void {
    pending.reject(reason);
    if (this.#outstanding === pending) {
      this.#outstanding = undefined;
      this.#connection?.close();
      return;
    }
    const index = this.#waiting.indexOf(pending);
    if (index !== -1) this.#waiting.splice(index, 1);
  }

  #failAll(error: unknown): void {
    this.#outstanding?.reject(error);
    this.#outstanding = undefined;
    for (const pending of this.#waiting.splice(0)) pending.reject(error);
  }
}

/** Codes behind which a server reads no more: it has lost count of our bytes. */
const LAST_CODES: ReadonlySet<string> = new Set(
  Object.entries(FRAMING_AFTER).flatMap(([code, framing]) => (framing === 'lost' ? [code] : [])),
);

function isLastAnswer(answer: Message): boolean {
  if (saysClosing(answer)) return true;
  const error = readErrorAnswer(answer);
  return error !== undefined && LAST_CODES.has(error.code);
}

function checkAnswer(answer: Message): Message {
  const error = readErrorAnswer(answer);
  if (error !== undefined && answer.kind === 'json') {
    throw new AnswerError(error.code, error.message, answer);
  }
  return answer;
}
