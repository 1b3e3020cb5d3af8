/**
 * Client: what is held by whoever asks one server.
 *
 * It turns calls into requests and answers into values; which connection carries what is the pool's to decide
 * (`pool.ts`), and what happens on it the connection's (`client-connection.ts`).
 *
 * A request whose connection ended before its answer is repeated only if it is marked idempotent, and then
 * once: the server may have done its work already. A server that says goodbye has said that it did not, and then
 * any request is repeated elsewhere. What was given up is never repeated, nor is what has begun to come in parts.
 */
import type { Message, OutgoingMessage } from '@wireline/message';
import { formatEndpoint, type Endpoint } from '@wireline/socket';
import { connectionParts } from '../connection-parts.ts';
import { partOf, readAnswer, readItem, requestOf } from '../contract/calls.ts';
import type { Contract, NoContract } from '../contract/contract.ts';
import type {
  ActionName,
  ItemOutput,
  PlainAction,
  RequestInput,
  ResponseOutput,
  StreamAction,
} from '../contract/inference.ts';
import { isPromise } from '../contract/maybe-promise.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from '../timeouts.ts';
import { defaultNetwork } from '../transports/default-network.ts';
import { ReceivedStream, type AnswerStream, type PartReader } from './answer-stream.ts';
import { MAX_UNSENT } from './client-connection.ts';
import type { CallOptions, ClientOptions, RequestOptions } from './client-options.ts';
import { clientSettings, type ClientSettings } from './client-settings.ts';
import { PendingRequest, type AnswerReceiver } from './pending-request.ts';
import { Pool } from './pool.ts';
import { MESSAGES, RequestSource } from './request-source.ts';
import { WholeAnswer } from './whole-answer.ts';
import { checkExtensions } from './with-conversation.ts';

/**
 * A client gives a silent connection up before a server does, so that no request is sent into the moment in
 * which the server closes: 60 s, where servers wait 75.
 */
const CLIENT_TIMEOUTS: Timeouts = { ...DEFAULT_TIMEOUTS, idleMs: 60_000 };

/** Room for what is written however much is unsent: a cancel for each request in flight, some 200 bytes each. */
const ROOM_FOR_CANCELS = 64 * 1024;

/** A raw stream: messages as they are. */
const AS_THEY_ARE: PartReader<Message, Message> = {
  item: (part) => part,
  answer: (answer) => answer,
};

/**
 * A message client.
 *
 * @example
 * ```ts
 * await using client = await Client.connect({ host: '127.0.0.1', port: 65432 });
 * const answer = await client.request(jsonMessage({ action: 'search', value: 'ring' }));
 * ```
 * @example
 * ```ts
 * const client = new Client(endpoint, { contract });
 * const { result } = await client.request('search', { value: 'ring' });
 * for await (const { n } of client.stream('count', { to: 3 })) console.log(n);
 * ```
 */
export class Client<C extends Contract = NoContract> {
  readonly #contractOrNone: C | undefined;
  readonly #settings: ClientSettings;
  readonly #target: string;
  readonly #pool: Pool;
  readonly #maxContentLength: number;

  /**
   * Connects with the first request; {@link Client.connect} does it at once.
   *
   * @param endpoint a host and a port, or the path of a Unix socket
   * @throws RangeError when a limit is no whole number in its range, or a time is none.
   * @throws TypeError when an option is none of its words.
   */
  constructor(endpoint: Endpoint, options: ClientOptions<C> = {}) {
    const parts = connectionParts(options, MAX_UNSENT + ROOM_FOR_CANCELS, CLIENT_TIMEOUTS);
    this.#contractOrNone = options.contract;
    this.#settings = clientSettings(options);
    this.#target = formatEndpoint(endpoint);
    this.#maxContentLength = parts.encoder.limits.maxContentLength;
    this.#pool = new Pool({
      ...parts,
      ...this.#settings,
      endpoint,
      target: this.#target,
      network: options.network ?? defaultNetwork,
    });
  }

  /**
   * Connects.
   *
   * @param endpoint a host and a port, or the path of a Unix socket
   * @throws ConnectError, NameResolutionError, RangeError for a path that is too long
   */
  static async connect<C extends Contract = NoContract>(
    endpoint: Endpoint,
    options: ClientOptions<C> = {},
  ): Promise<Client<C>> {
    const client = new Client<C>(endpoint, options);
    await client.#pool.connect();
    return client;
  }

  /**
   * Sends a message and resolves to the answer. Bytes that come in parts are joined.
   *
   * @throws AnswerError when the answer is an error answer; its `code` is the server's.
   * @throws AnswerInPartsError when the answer comes as items, or in more bytes than a message may have.
   * @throws ConnectionBrokenError when the connection ended before the answer was complete, or the answer
   * was malformed.
   * @throws RequestTimeoutError, TooManyRequestsError, ConnectionClosedError
   * @throws ConnectError, NameResolutionError when a first connection had to be made and could not.
   * @throws LocalProtocolError when the message breaks a limit.
   * @throws RangeError when a time-out is no number, or negative.
   * @throws the reason of `options.signal`, when that gave it up.
   */
  request(message: OutgoingMessage, options?: RequestOptions): Promise<Message>;
  /**
   * Asks for an action of the contract and resolves to its response.
   *
   * @throws InputInvalidError when what is asked does not fit the contract; nothing was sent then.
   * @throws AnswerInvalidError when the answer does not.
   * @throws what a request of a message throws.
   */
  request<A extends PlainAction<C>>(
    action: A,
    input: RequestInput<C, A>,
    options?: CallOptions<C, A>,
  ): Promise<ResponseOutput<C, A>>;
  request(
    asked: OutgoingMessage | string,
    inputOrOptions?: unknown,
    options?: CallOptions<C, ActionName<C>>,
  ): Promise<unknown> {
    if (typeof asked === 'string') return this.#call(asked, inputOrOptions, options);
    // By the overload, what stands behind a message is its options.
    return this.#request(asked, inputOrOptions as RequestOptions | undefined);
  }

  /**
   * Sends a message and reads the answer part by part. The stream has a connection of its own while it lasts.
   * Whatever fails is thrown by the iteration, and `answer` rejects with it: what a request throws, and
   * StreamCancelledError.
   *
   * A server that knows no parts answers with one message, which is then the final one.
   */
  stream(message: OutgoingMessage, options?: RequestOptions): AnswerStream<Message, Message>;
  /** Asks for an action of the contract whose answer comes in parts. */
  stream<A extends StreamAction<C>>(
    action: A,
    input: RequestInput<C, A>,
    options?: CallOptions<C, A>,
  ): AnswerStream<ItemOutput<C, A>, ResponseOutput<C, A>>;
  stream(
    asked: OutgoingMessage | string,
    inputOrOptions?: unknown,
    options?: CallOptions<C, ActionName<C>>,
  ): AnswerStream<unknown, unknown> {
    const maxQueued = this.#settings.maxStreamQueued;
    if (typeof asked === 'string') {
      const contract = this.#contract;
      const reader: PartReader<unknown, unknown> = {
        item: (part) => readItem(contract, asked, part),
        answer: (answer) => readAnswer(contract, asked, answer),
      };
      const stream = new ReceivedStream(reader, maxQueued);
      this.#startCall(stream, { action: asked, input: inputOrOptions, options });
      return stream;
    }
    const stream = new ReceivedStream(AS_THEY_ARE, maxQueued);
    // By the overload, what stands behind a message is its options.
    this.#start(stream, asked, inputOrOptions as RequestOptions | undefined);
    return stream;
  }

  /** Closes all connections; requests that wait for answers fail. */
  close(): void {
    this.#pool.close();
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  get #contract(): Contract {
    if (this.#contractOrNone !== undefined) return this.#contractOrNone;
    throw new TypeError(
      'ask for an action by its name: this client has no contract; set the option contract',
    );
  }

  #request(
    message: OutgoingMessage,
    options: RequestOptions | SourceOptions | undefined,
  ): Promise<Message> {
    return new Promise((resolve, reject) => {
      const maxContentLength = this.#maxContentLength;
      this.#send(message, new WholeAnswer({ maxContentLength, resolve, reject }), options);
    });
  }

  async #call(
    action: string,
    input: unknown,
    options: CallOptions<C, ActionName<C>> | undefined,
  ): Promise<unknown> {
    const contract = this.#contract;
    const told = withSource(contract, action, options);
    try {
      const made = requestOf(contract, action, input);
      const message = isPromise(made) ? await made : made;
      const answer = await this.#request(message, told);
      return readAnswer(contract, action, answer);
    } catch (error) {
      told.parts?.close();
      throw error;
    }
  }

  /** Starts a stream. What cannot even be asked fails as everything else does: in the stream. */
  #start(
    stream: ReceivedStream<unknown, unknown> | ReceivedStream<Message, Message>,
    message: OutgoingMessage,
    options: RequestOptions | SourceOptions | undefined,
  ): void {
    try {
      stream.begin(this.#send(message, stream, options));
    } catch (error) {
      stream.onFailure(error);
    }
  }

  #startCall(
    stream: ReceivedStream<unknown, unknown>,
    { action, input, options }: Call<CallOptions<C, ActionName<C>>>,
  ): void {
    const contract = this.#contract;
    const told = withSource(contract, action, options);
    const start = (message: OutgoingMessage): void => {
      if (stream.isOver) told.parts?.close();
      else this.#start(stream, message, told);
    };
    const fail = (error: unknown): void => {
      told.parts?.close();
      stream.onFailure(error);
    };
    try {
      const made = requestOf(contract, action, input);
      if (isPromise(made)) made.then(start, fail);
      else start(made);
    } catch (error) {
      fail(error);
    }
  }

  #send(
    message: OutgoingMessage,
    receiver: AnswerReceiver,
    options: RequestOptions | SourceOptions = {},
  ): PendingRequest {
    const source = sourceOf(options.parts);
    try {
      const request = this.#pending(message, { receiver, options, source });
      this.#pool.add(request);
      return request;
    } catch (error) {
      source?.close();
      throw error;
    }
  }

  #pending(
    message: OutgoingMessage,
    {
      receiver,
      options: { signal, idempotent = false, deadlineMs, timeoutMs },
      source,
    }: {
      readonly receiver: AnswerReceiver;
      readonly options: Omit<RequestOptions, 'parts'>;
      readonly source: Source | undefined;
    },
  ): PendingRequest {
    this.#pool.checkOpen();
    signal?.throwIfAborted();
    checkExtensions(message.extensions);
    if (deadlineMs !== undefined && !(deadlineMs > 0)) {
      throw new RangeError(`set deadlineMs to ${deadlineMs}: expected milliseconds, more than 0`);
    }
    const facts = {
      idempotent,
      timeoutMs: timeoutMs ?? this.#settings.requestTimeoutMs,
      deadlineMs,
      signal,
      parts: source,
    };
    if (!this.#settings.sendsIds && (receiver.streams || facts.parts !== undefined)) {
      throw new TypeError(
        `ask ${this.#target} for what comes in parts: that takes ids, and this client sends none; set ids to 'always'`,
      );
    }
    return new PendingRequest(message, { facts, receiver, owner: this.#pool });
  }
}

/** What is asked for by name. */
interface Call<Options> {
  readonly action: string;
  readonly input: unknown;
  readonly options: Options | undefined;
}

/** The parts of a request, as they are sent. */
type Source = RequestSource<unknown> | RequestSource<OutgoingMessage>;

/** The options of a request whose parts are ready to be sent. */
interface SourceOptions extends Omit<RequestOptions, 'parts'> {
  readonly parts?: Source;
}

/** The options of a call, with messages for parts. */
function withSource<C extends Contract>(
  contract: Contract,
  action: string,
  options: CallOptions<C, ActionName<C>> = {},
): SourceOptions {
  const { parts, ...others } = options;
  if (parts === undefined) return others;
  const source = new RequestSource<unknown>(parts, {
    part: (part) => partOf(contract, action, part),
    last: () => undefined,
  });
  return { ...others, parts: source };
}

function sourceOf(parts: RequestOptions['parts'] | Source): Source | undefined {
  if (parts === undefined || parts instanceof RequestSource) return parts;
  return new RequestSource(parts, MESSAGES);
}
