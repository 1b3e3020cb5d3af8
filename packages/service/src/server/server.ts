/**
 * Server: listens, gives each connection its own place, and goes down in good order.
 *
 * It owns its listener and all connections. `close` stops accepting, lets requests that were read be
 * answered, then closes; `destroy` closes at once. The server lives on this thread's event loop.
 */
import { BlockPool } from '@wireline/framing';
import { HeaderRecognizer, MessageDecoder, MessageEncoder } from '@wireline/message';
import type { Accepted, Address } from '@wireline/socket';
import { Listener, systemClock, type Clock } from '@wireline/socket/event-loop';
import { codecOptions, longestMessage, RECEIVE_SLACK, type CodecOptions } from '../codec.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';
import { DEFAULT_MESSAGE_TIMEOUTS, type MessageTimeouts } from '../message-timer.ts';
import { listenNative, NativeTransport } from '../transports/native.ts';
import type { Handler } from './handler.ts';
import type { ServerObserver } from './observer.ts';
import { MAX_QUEUED, ServerConnection, type ServerConnectionParts } from './server-connection.ts';

/** 10 s: handlers that take longer are the exception, and supervisors kill after some 30 s. */
const GRACE_MS = 10_000;

/** Options of {@link Server}. */
export interface ServerOptions extends CodecOptions {
  /** Close each connection after its first answer, for clients that read to the end. */
  readonly closeAfterAnswer?: boolean;
  readonly observer?: ServerObserver;
  /** How long one message may take to arrive. */
  readonly timeouts?: Partial<MessageTimeouts>;
  readonly clock?: Clock;
}

/** Options of {@link Server.close}. */
export interface CloseOptions {
  /** How long answers may take before everything is closed at once; 10 s unless told. */
  readonly graceMs?: number;
}

/**
 * A message server.
 *
 * @example
 * ```ts
 * const server = new Server(() => jsonMessage({ result: 'hello' }));
 * await server.listen({ host: '127.0.0.1', port: 65432 });
 * process.once('SIGINT', () => void server.close());
 * ```
 */
export class Server {
  readonly #parts: ServerConnectionParts;
  readonly #connections = new Set<ServerConnection>();
  readonly #whenEmpty: (() => void)[] = [];
  #listener: Listener | undefined;
  #lastId = 0;

  constructor(handler: Handler, options: ServerOptions = {}) {
    const encoder = new MessageEncoder(codecOptions(options));
    const { limits } = encoder;
    const recognizer = new HeaderRecognizer();
    this.#parts = {
      handler,
      observer: options.observer ?? {},
      closeAfterAnswer: options.closeAfterAnswer ?? false,
      clock: options.clock ?? systemClock,
      createDecoder: () => new MessageDecoder({ ...limits, recognizer }),
      encoder,
      timeouts: { ...DEFAULT_MESSAGE_TIMEOUTS, ...options.timeouts },
      pool: new BlockPool(),
      maxReceived: longestMessage(limits) + RECEIVE_SLACK,
      maxSending: longestMessage(limits) + MAX_QUEUED,
      onClosed: (connection) => this.#forget(connection),
    };
  }

  /** Where the server listens, once it does. */
  get address(): Address | undefined {
    return this.#listener?.address;
  }

  /** How many connections are open. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Begins to accept connections.
   *
   * @returns the address: with the kernel's choice where port 0 was asked for
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
   */
  async listen(endpoint: Endpoint): Promise<Address> {
    if (this.#listener !== undefined) {
      throw new Error(`listen at ${formatEndpoint(endpoint)}: this server listens already`);
    }
    const socket = await listenNative(endpoint);
    const { observer, clock } = this.#parts;
    this.#listener = new Listener(
      socket,
      {
        onConnection: (accepted) => this.#serve(accepted),
        onPause: (error) => observer.acceptPaused?.(error),
        onResume: () => observer.acceptResumed?.(),
        onError: (error) => observer.listenerFailed?.(error),
      },
      { clock },
    );
    return this.#listener.address;
  }

  /**
   * Goes down gently: accepts and reads nothing more, lets every request that was read be answered, tells
   * the peers. Resolves when all connections are closed; after the grace time the rest is closed at once.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    this.#listener?.close();
    this.#listener = undefined;
    if (this.#connections.size === 0) return;
    const force = this.#parts.clock.after(options.graceMs ?? GRACE_MS, () => this.destroy());
    const empty = new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    for (const connection of this.#connections) connection.drain();
    await empty;
    force.cancel();
  }

  /** Closes the listener and all connections at once, whatever is unanswered. */
  destroy(): void {
    this.#listener?.close();
    this.#listener = undefined;
    for (const connection of this.#connections) connection.close();
  }

  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serve({ socket, address }: Accepted): void {
    const transport = new NativeTransport(socket, address);
    const connection = new ServerConnection(++this.#lastId, transport, this.#parts);
    this.#connections.add(connection);
    this.#parts.observer.opened?.(connection);
  }

  #forget(connection: ServerConnection): void {
    this.#connections.delete(connection);
    this.#listener?.descriptorFreed();
    if (this.#connections.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }
}
