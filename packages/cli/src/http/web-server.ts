/**
 * WebServer: HTTP by Node over sockets by us.
 *
 * ```
 *   accept --> toDuplex --> node:http parses --> Exchange --> the site answers
 * ```
 *
 * Rules:
 * - What somebody does on his connection costs nobody else anything: each has its time-outs, and when as many are
 *   open as may be, others wait in the kernel's backlog.
 * - A connection that is half closed gets its answer: `printf 'GET / HTTP/1.0\r\n\r\n' | nc -N host port`.
 * - Requests are answered one after the other. Nothing more is read from who has many waiting.
 * - A request that cannot be read is told in the log, and answered where that is possible, behind those before it.
 * - `close` accepts nothing more, finishes the answers under way within the grace time, and cuts the rest.
 *
 * `node:http` gets its connections by the event `connection`. It looks after time-outs of headers only once it
 * listens, so it is told that it does.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import {
  formatAddress,
  type Accepted,
  type Address,
  type Endpoint,
  type Family,
  type SocketDescriptor,
  type SystemError,
} from '@wireline/socket';
import { toDuplex, type SocketDuplex } from '@wireline/socket/streams';
import { openDoor, type Door, type Host } from '../listening/door.ts';
import { describeError } from '../exit.ts';
import { count } from '../terminal/plain-text.ts';
import type { HttpBounds } from './bounds.ts';
import { Exchange } from './exchange.ts';
import type { HttpCounters, HttpLog } from './log.ts';
import { Reading } from './reading.ts';
import {
  MAX_HEADER,
  refusalOf,
  refusalOfTunnel,
  type ConnectionError,
  type Refusal,
} from './refusal.ts';
import type { Site } from './site.ts';
import { rawStatus, sendStatus } from './status.ts';

/** As many as `serve` lets be in flight; nothing more is read from who has asked so often. */
const MOST_WAITING = 128;

/** A body is of no use here, and thrown away; who has not sent it after a minute is cut off. */
const REQUEST_MS = 60_000;

/** Time-outs of headers are looked for ten times within the shortest, but not more often than a clock ticks. */
const CHECKS = 10;
const LEAST_CHECK_MS = 20;

/** How long the answer to an unreadable request may take to be read, while more of the rubbish comes. */
const LINGER_MS = 1000;

/** What a server is made of. */
export interface WebServerOptions {
  readonly site: Site;
  readonly log: HttpLog;
  readonly bounds: HttpBounds;
  /** For a request to arrive with its body, which is thrown away; a minute, or as long as its header has. */
  readonly requestMs?: number;
}

/** A connection, and its requests: the first is being answered, the others wait for their turn. */
interface Visitor {
  readonly peer: string;
  readonly socket: SocketDuplex;
  readonly exchanges: Set<Exchange>;
  readonly reading: Reading;
  /** The newest of the requests; its body may still be on its way. */
  request: IncomingMessage | undefined;
  /** What is left to be said behind the answers: a request cannot be read. */
  refusal: Refusal | undefined;
}

/** A web server with one site. */
export class WebServer implements Host {
  readonly maxConnections: number;
  readonly #options: WebServerOptions;
  readonly #requestMs: number;
  readonly #http: Server;
  readonly #visitors = new Map<Duplex, Visitor>();
  readonly #counters = { connections: 0, requests: 0 };
  #door: Door | undefined;
  #isClosing = false;
  /** Told when the last visitor leaves. */
  #onEmpty: () => void = () => {};

  constructor(options: WebServerOptions) {
    this.maxConnections = options.bounds.maxConnections;
    this.#options = options;
    this.#requestMs = options.requestMs ?? Math.max(REQUEST_MS, options.bounds.headerMs);
    this.#http = this.#createHttp(options.bounds);
  }

  /**
   * Listens.
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
   */
  async listen(endpoint: Endpoint): Promise<Door> {
    this.#door = await openDoor(endpoint, this);
    return this.#door;
  }

  /** How many answers are under way. */
  get exchangeCount(): number {
    let sum = 0;
    for (const { exchanges } of this.#visitors.values()) sum += exchanges.size;
    return sum;
  }

  /** What has been counted so far. */
  get counters(): HttpCounters {
    return { ...this.#counters };
  }

  /** Goes down gently. Resolves when all connections are closed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#door?.close();
    for (const visitor of this.#visitors.values()) {
      if (visitor.exchanges.size === 0) visitor.socket.destroySoon();
    }
    const force = setTimeout(() => this.destroy(), this.#options.bounds.graceMs);
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      if (this.#visitors.size === 0) resolve();
    });
    clearTimeout(force);
    this.#http.close();
  }

  /** Cuts all connections. */
  destroy(): void {
    this.#door?.close();
    for (const { socket } of this.#visitors.values()) socket.destroy();
  }

  onConnection({ socket: accepted, address }: Accepted<SocketDescriptor<Family>, Address>): void {
    const socket = toDuplex(accepted, { allowHalfOpen: true });
    socket.setNoDelay();
    const peer = formatAddress(address);
    this.#counters.connections += 1;
    this.#visitors.set(socket, {
      peer,
      socket,
      exchanges: new Set(),
      reading: new Reading(socket),
      request: undefined,
      refusal: undefined,
    });
    socket.once('close', () => {
      this.#visitors.delete(socket);
      this.#door?.left();
      if (this.#visitors.size === 0) this.#onEmpty();
    });
    this.#http.emit('connection', socket);
  }

  onFull(connections: number): void {
    const open = count(connections, 'connection');
    const told = `${open} open (--max-connections): others wait`;
    this.#options.log.trouble('connections-full', told);
  }

  onStarved(error: SystemError): void {
    this.#options.log.trouble('accept-paused', error.message);
  }

  onRecovered(): void {
    this.#options.log.trouble('accept-resumed', 'connections are accepted again');
  }

  #createHttp({ headerMs, idleMs, writeStallMs }: HttpBounds): Server {
    const checkMs = Math.max(LEAST_CHECK_MS, headerMs / CHECKS);
    const options = {
      maxHeaderSize: MAX_HEADER,
      headersTimeout: headerMs,
      requestTimeout: this.#requestMs,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: checkMs,
      requireHostHeader: false, // the site answers that, with a page and a line in the log
    };
    const server = createHttpServer(options, (request, response) => {
      this.#onRequest(request, response);
    });
    server.setTimeout(writeStallMs);
    server.on('timeout', (socket: Duplex) => this.#onStall(socket));
    server.on('clientError', (error: ConnectionError, socket) => this.#onError(error, socket));
    server.on('connect', (request: IncomingMessage, socket) => this.#onTunnel(request, socket));
    // Not in the documentation, as is all of a server's that does not listen itself: without it, the end of what a
    // client sends ends the answer.
    Object.assign(server, { httpAllowHalfOpen: true });
    server.emit('listening');
    return server;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const visitor = this.#visitors.get(request.socket);
    if (visitor === undefined) return; // he has left in the meantime
    const exchange = new Exchange(visitor, request, response);
    visitor.request = request;
    visitor.exchanges.add(exchange);
    response.once('close', () => this.#onAnswered(visitor, exchange));
    // The others wait for their turn: thousands fit into a packet, and each would have the file open.
    if (visitor.exchanges.size === 1) void this.#answer(exchange);
    if (visitor.exchanges.size >= MOST_WAITING) visitor.reading.stop();
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { response, socket } = exchange;
    this.#counters.requests += 1;
    // Node adds the header `Connection: close`, and closes behind the answer.
    if (this.#isClosing) response.shouldKeepAlive = false;
    try {
      await this.#options.site(exchange);
    } catch (error) {
      exchange.problem = describeError(error);
      if (response.headersSent) socket.destroy();
      else sendStatus(exchange, { status: 500, sentence: 'The page could not be made.' });
    }
  }

  #onAnswered(visitor: Visitor, exchange: Exchange): void {
    const { socket, exchanges, reading, refusal } = visitor;
    exchanges.delete(exchange);
    const facts = exchange.facts();
    const problem = exchange.isWhole ? undefined : 'the connection was closed before';
    this.#options.log.answered({ ...facts, problem: facts.problem ?? problem });
    if (socket.destroyed) return;
    const [next] = exchanges;
    if (next !== undefined) void this.#answer(next);
    else if (refusal !== undefined) this.#dismiss(visitor, refusal);
    else if (this.#isClosing) socket.destroySoon();
    if (exchanges.size === MOST_WAITING - 1 && refusal === undefined) reading.goOn();
  }

  /** Nothing has come or gone for too long. */
  #onStall(socket: Duplex): void {
    const visitor = this.#visitors.get(socket);
    const [exchange] = visitor?.exchanges ?? [];
    if (exchange !== undefined) {
      const seconds = this.#options.bounds.writeStallMs / 1000;
      exchange.problem ??= `it took nothing for ${seconds} s (--write-timeout)`;
    }
    socket.destroy();
  }

  /** The request cannot be read, or the connection is broken. */
  #onError(error: ConnectionError, socket: Duplex): void {
    const visitor = this.#visitors.get(socket);
    if (visitor === undefined || visitor.refusal !== undefined) return;
    // Half of a request has come, and we do not read the rest before others are answered.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && visitor.reading.isStopped) return;
    const { bounds } = this.#options;
    const refusal = refusalOf(error, {
      isBody: visitor.request?.complete === false,
      headerMs: bounds.headerMs,
      requestMs: this.#requestMs,
    });
    // Browsers open connections before they need them: those that stay silent are nothing to speak of.
    const isSilent = visitor.socket.bytesRead === 0;
    if (isSilent || refusal === undefined) socket.destroy();
    else this.#refuse(visitor, refusal);
  }

  /** Somebody takes this for a proxy. Node has let go of the socket, and with it of the answers under way. */
  #onTunnel({ url = '' }: IncomingMessage, socket: Duplex): void {
    socket.on('error', () => {}); // it is closed then, and that is seen
    const visitor = this.#visitors.get(socket);
    if (visitor === undefined || visitor.exchanges.size > 0) socket.destroy();
    else this.#refuse(visitor, refusalOfTunnel(url));
  }

  /** Says so in the log, and to the visitor when it is its turn. */
  #refuse(visitor: Visitor, refusal: Refusal): void {
    visitor.refusal = refusal;
    visitor.reading.cutOff();
    this.#options.log.trouble('bad-request', refusal.told, visitor.peer);
    if (visitor.exchanges.size === 0) this.#dismiss(visitor, refusal);
  }

  /** The last answer, if it needs one, and the end. */
  #dismiss({ socket, reading }: Visitor, { answer }: Refusal): void {
    socket.end(answer !== undefined && socket.writable ? rawStatus(answer) : undefined);
    reading.discard();
    const linger = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(linger));
  }
}
