/**
 * Server: listens, gives each connection its own place, and goes down in good order.
 *
 * It owns its listener and all connections. `close` stops accepting, lets requests that were read be
 * answered, then closes; `destroy` closes at once. The server lives on this thread's event loop.
 */
import { LocalProtocolError, SendBuffer } from '@wireline/framing/decoder';
import { errorAnswer } from '@wireline/message';
import {
  formatEndpoint,
  SystemError,
  type Address,
  type Endpoint,
  type InternetEndpoint,
  type IpAddress,
  type UnixAddress,
  type UnixEndpoint,
} from '@wireline/socket';
import { withClosing } from '../closing.ts';
import { connectionParts, type ConnectionOptions } from '../connection-parts.ts';
import type { LimitHit } from '../limit-hit.ts';
import { SILENT, type Log } from '../log.ts';
import type { AcceptHandler, Network, TransportListener } from '../network.ts';
import { Watchdog } from '../timeouts.ts';
import type { Transport } from '../transport.ts';
import { defaultNetwork } from '../transports/default-network.ts';
import type { Handler } from './handler.ts';
import type { ServerObserver } from './observer.ts';
import { AddressCount } from './address-count.ts';
import { createCounters, type ServerCounters } from './counters.ts';
import { ServerConnection, type ServerConnectionParts } from './server-connection.ts';
import { resolveConnectionLimits, type ServerLimits } from './server-limits.ts';

/** 10 s: handlers that take longer are the exception, and supervisors kill after some 30 s. */
const GRACE_MS = 10_000;

/** Options of {@link Server}. */
export interface ServerOptions extends ConnectionOptions {
  /** What one message, one peer, and all of them together may cost. */
  readonly limits?: Partial<ServerLimits>;
  /** Close each connection after its first answer, for clients that read to the end. */
  readonly closeAfterAnswer?: boolean;
  readonly observer?: ServerObserver;
  /**
   * Where handlers write to, and where the server says what went wrong. Nowhere unless told; the first handler that
   * fails is then a warning of the process, unless the observer hears of it.
   */
  readonly log?: Log;
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
  readonly #network: Network;
  readonly #connections = new Set<ServerConnection>();
  readonly #perAddress: AddressCount;
  readonly #watchdog: Watchdog;
  readonly #whenEmpty: (() => void)[] = [];
  #phase: 'idle' | 'starting' | 'listening' | 'closed' = 'idle';
  #listener: TransportListener | undefined;
  #lastId = 0;
  /** Whether the listener waits for one of our connections to end. */
  #isFull = false;

  /** @throws RangeError when a limit or a time-out is not in its range. */
  constructor(handler: Handler, options: ServerOptions = {}) {
    this.#network = options.network ?? defaultNetwork;
    const limits = resolveConnectionLimits(options.limits ?? {}, () => this.#network.capacity());
    this.#parts = {
      ...connectionParts(options, limits.maxQueued),
      handler,
      observer: options.observer ?? {},
      log: options.log ?? SILENT,
      handlerFailed:
        options.log === undefined && options.observer?.handlerFailed === undefined
          ? warnOnce()
          : undefined,
      limits,
      counters: createCounters(),
      closeAfterAnswer: options.closeAfterAnswer ?? false,
      onClosed: (connection) => this.#forget(connection),
    };
    this.#perAddress = new AddressCount(limits.maxConnectionsPerAddress);
    this.#watchdog = new Watchdog(this.#parts.clock, this.#parts.timeouts, (now) => {
      for (const connection of this.#connections) connection.check(now);
      return this.#connections.size > 0;
    });
  }

  /** Where the server listens, once it does. */
  get address(): Address | undefined {
    return this.#listener?.address;
  }

  /** How many connections are open. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** What has been counted since the server was made; a copy. */
  get counters(): ServerCounters {
    const { counters } = this.#parts;
    return { ...counters, limits: { ...counters.limits } };
  }

  /**
   * Begins to accept connections: at a host and a port, or at the path of a Unix socket. The file of a Unix socket
   * whose server is gone does not stand in the way; that of this server is removed when it is closed, if it is
   * still its own.
   *
   * @returns the address: with the kernel's choice where port 0, or the empty path, was asked for
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, ResourceExhaustedError
   * @throws NameResolutionError, RangeError for a port that is none or a path that is too long
   * @throws Error when this server listens already, or was closed.
   *
   * @example
   * ```ts
   * const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
   * await another.listen({ path: '/run/service.sock' }); // '\0name' is one in the abstract namespace
   * ```
   */
  listen(endpoint: InternetEndpoint): Promise<IpAddress>;
  listen(endpoint: UnixEndpoint): Promise<UnixAddress>;
  listen(endpoint: Endpoint): Promise<Address>;
  async listen(endpoint: Endpoint): Promise<Address> {
    const attempt = `listen at ${formatEndpoint(endpoint)}`;
    if (this.#phase !== 'idle') throw new Error(`${attempt}: this server is ${this.#phase}`);
    this.#phase = 'starting';
    try {
      this.#listener = await this.#network.listen(
        endpoint,
        this.#acceptHandler(),
        this.#parts.clock,
      );
    } finally {
      if (this.#listener === undefined && !this.#isClosed) this.#phase = 'idle';
    }
    if (this.#isClosed) {
      this.#closeListener();
      throw new Error(`${attempt}: this server was closed meanwhile`);
    }
    this.#phase = 'listening';
    if (this.#isFull) this.#listener.pause();
    return this.#listener.address;
  }

  /**
   * Goes down gently: accepts nothing more, lets every request that has come by now be answered, reads
   * nothing more, and tells the peers. Resolves when all connections are closed; after the grace time the
   * rest is closed at once.
   *
   * @throws RangeError when the grace time is no number, or negative; nothing is closed then.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const force = this.#parts.clock.after(options.graceMs ?? GRACE_MS, () => this.destroy());
    this.#phase = 'closed';
    this.#closeListener();
    if (this.#connections.size > 0) {
      const empty = new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
      for (const connection of this.#connections) connection.drain();
      await empty;
    }
    force.cancel();
    this.#watchdog.stop();
  }

  /** Closes the listener and all connections at once, whatever is unanswered. */
  destroy(): void {
    this.#phase = 'closed';
    this.#closeListener();
    for (const connection of this.#connections) connection.close();
    this.#watchdog.stop();
  }

  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Asked where TypeScript believes to know the phase: it changes during an await. */
  get #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #acceptHandler(): AcceptHandler {
    const { observer } = this.#parts;
    return {
      onTransport: (transport) => this.#serve(transport),
      onAcceptFailed: (address, error) => tell(() => observer.acceptFailed?.(address, error)),
      onStarved: (error) => tell(() => observer.acceptPaused?.(error)),
      onRecovered: () => tell(() => observer.acceptResumed?.()),
      onError: (error) => {
        this.#listener = undefined;
        if (!this.#isClosed) this.#phase = 'idle';
        tell(() => observer.listenerFailed?.(error));
      },
    };
  }

  #closeListener(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  #serve(transport: Transport): void {
    const { remoteAddress } = transport;
    const { counters, observer } = this.#parts;
    if (remoteAddress.family !== 'unix' && !this.#perAddress.add(remoteAddress)) {
      this.#refuse(transport, remoteAddress.host);
      return;
    }
    let connection: ServerConnection;
    try {
      connection = new ServerConnection(++this.#lastId, transport, this.#parts);
    } catch (error) {
      this.#uncount(remoteAddress);
      if (!(error instanceof SystemError)) throw error;
      // The transport is closed: the kernel is out of memory for watching it.
      tell(() => observer.acceptFailed?.(remoteAddress, error));
      return;
    }
    counters.connections += 1;
    this.#connections.add(connection);
    this.#watchdog.start();
    try {
      observer.opened?.(connection);
    } catch (error) {
      connection.close(error instanceof Error ? error : new Error(String(error)));
    }
    this.#pauseWhenFull();
  }

  /** Turns a connection away. One send, in the hope that it is read: waiting for it would cost what is refused. */
  #refuse(transport: Transport, host: string): void {
    const { counters, encoder, limits } = this.#parts;
    const value = limits.maxConnectionsPerAddress;
    counters.refused += 1;
    const told = `too many connections from ${host}; close some, or send several requests on one`;
    const goodbye = new SendBuffer();
    try {
      encoder.encode(withClosing(errorAnswer('overloaded', told)), goodbye);
      transport.send(goodbye);
    } catch (error) {
      // Gone already, or our own limits leave no room for the word: then without it.
      if (!(error instanceof SystemError || error instanceof LocalProtocolError)) throw error;
    } finally {
      transport.close();
    }
    this.#limitReached({
      option: 'maxConnectionsPerAddress',
      value,
      message: `serve another connection from ${host}: there are ${value} already, so it was turned away; raise maxConnectionsPerAddress`,
    });
  }

  #pauseWhenFull(): void {
    const { maxConnections } = this.#parts.limits;
    if (this.#connections.size < maxConnections) return;
    this.#listener?.pause();
    this.#isFull = true;
    this.#limitReached({
      option: 'maxConnections',
      value: maxConnections,
      message: `accept more connections: there are ${maxConnections}, so others wait until one is over; raise maxConnections, and the limit of descriptors (ulimit -n) where it is lower`,
    });
  }

  #limitReached(hit: LimitHit): void {
    this.#parts.counters.limits[hit.option] += 1;
    tell(() => this.#parts.observer.limitReached?.(hit, undefined));
  }

  #uncount(address: Address): void {
    if (address.family !== 'unix') this.#perAddress.remove(address);
  }

  #forget(connection: ServerConnection): void {
    this.#connections.delete(connection);
    this.#uncount(connection.remoteAddress);
    if (this.#isFull && this.#connections.size < this.#parts.limits.maxConnections) {
      this.#isFull = false;
      this.#listener?.resume();
    }
    this.#listener?.descriptorFreed();
    if (this.#connections.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }
}

/**
 * Tells of a failing handler where nobody else would, as a warning of the process. Once for a server: peers could
 * fill a disk with more.
 */
function warnOnce(): (error: unknown) => void {
  let isSaid = false;
  return (error) => {
    if (isSaid) return;
    isSaid = true;
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(
      `answer a request: the handler failed, and its peer was told "internal"; this is said once, as the server has neither log nor observer: ${reason}`,
      { code: 'WIRELINE_HANDLER_FAILED' },
    );
  };
}

/** Tells the observer what concerns no connection that could be ended if it throws. */
function tell(say: () => void): void {
  try {
    say();
  } catch (failure) {
    process.emitWarning(failure instanceof Error ? failure : String(failure));
  }
}
