/**
 * Client: requests to one server, answered in order, over a connection that is made again when it has to be.
 *
 * One request is outstanding at a time: the server may be an old one that answers once and closes. Then the
 * next request makes a new connection. A request whose connection ended before its answer is repeated only
 * if it is marked idempotent, and once: the server may have done its work already.
 */
import { BlockPool, type RemoteProtocolError } from '@wireline/framing';
import {
  HeaderRecognizer,
  MessageDecoder,
  MessageEncoder,
  readErrorAnswer,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';
import { systemClock, type Clock } from '@wireline/socket/event-loop';
import { codecOptions, longestMessage, RECEIVE_SLACK, type CodecOptions } from '../codec.ts';
import { Connection, type ConnectionParts } from '../connection.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';
import {
  AnswerError,
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
  TooManyRequestsError,
} from '../errors.ts';
import { DEFAULT_MESSAGE_TIMEOUTS, type MessageTimeouts } from '../message-timer.ts';
import { connectNative } from '../transports/native.ts';
import { PendingRequest, type RequestOptions } from './pending-request.ts';

/** 60 s for a whole request: longer than any look-up, shorter than a user's patience. */
const REQUEST_TIMEOUT_MS = 60_000;

/** 128: as many as a server takes in flight. */
const MAX_WAITING = 128;

/** Options of {@link Client}. */
export interface ClientOptions extends CodecOptions {
  /** How long to try to connect; 10 s unless told. */
  readonly connectTimeoutMs?: number;
  /** How long a request may take, waiting and connecting included; 60 s unless told. */
  readonly requestTimeoutMs?: number;
  /** The most requests that may wait their turn; 128 unless told. */
  readonly maxWaiting?: number;
  /** How long one message may take to arrive. */
  readonly timeouts?: Partial<MessageTimeouts>;
  readonly clock?: Clock;
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
  readonly #waiting: PendingRequest[] = [];
  #connection: Connection | undefined;
  #connecting: AbortController | undefined;
  #outstanding: PendingRequest | undefined;
  #closed = false;

  /** Connects with the first request; {@link Client.connect} does it at once. */
  constructor(endpoint: Endpoint, options: ClientOptions = {}) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#parts = clientParts(options);
  }

  /**
   * Connects.
   *
   * @throws ConnectError, NameResolutionError
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
   * @throws RequestTimeoutError, TooManyRequestsError, ConnectionClosedError, ConnectError
   * @throws LocalProtocolError when the message breaks a limit.
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
      this.#giveUp(pending, new RequestTimeoutError(timeoutMs)),
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
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Sends the next request if it is its turn, over a connection that may have to be made first. */
  #advance(): void {
    if (this.#outstanding !== undefined || this.#connecting !== undefined) return;
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
      const transport = await connectNative(this.#endpoint, {
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
        onClosed: (error: Error | undefined) => this.#onClosed(connection, error),
      };
      const connection = new Connection(transport, owner, this.#parts);
      this.#connection = connection;
    } finally {
      this.#connecting = undefined;
    }
  }

  #onAnswer(answer: Message): void {
    const answered = this.#outstanding;
    if (answered === undefined) {
      this.#connection?.close(new Error('an answer came that nobody had asked for'));
      return;
    }
    this.#outstanding = undefined;
    answered.resolve(answer);
    this.#advance();
  }

  #onClosed(connection: Connection, error: Error | undefined): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
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

function checkAnswer(answer: Message): Message {
  const error = readErrorAnswer(answer);
  if (error !== undefined && answer.kind === 'json') {
    throw new AnswerError(error.code, error.message, answer);
  }
  return answer;
}

function clientParts(options: ClientOptions): ConnectionParts {
  const encoder = new MessageEncoder(codecOptions(options));
  const recognizer = new HeaderRecognizer();
  const { limits } = encoder;
  return {
    clock: options.clock ?? systemClock,
    createDecoder: () => new MessageDecoder({ ...limits, recognizer }),
    encoder,
    timeouts: { ...DEFAULT_MESSAGE_TIMEOUTS, ...options.timeouts },
    pool: new BlockPool({ maxBlocks: 1 }), // one request at a time
    maxReceived: longestMessage(limits) + RECEIVE_SLACK,
    maxSending: longestMessage(limits),
  };
}
