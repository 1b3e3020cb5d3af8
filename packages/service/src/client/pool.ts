/**
 * Pool: which connections to a server there are, and who gets which.
 *
 * One connection is for requests, all of them. Each conversation in parts has one of its own while it lasts: flow
 * control is the connection's, and a reader that is slow would hold up everybody. Rules:
 *
 * - A connection on which nothing goes on is anybody's, so what one leaves in order the next one uses.
 * - No more than `maxConnections` stand or are being made. One of them is kept for requests, unless it is the only one.
 * - A server that was never reached fails all who wait, once no attempt is left. One that was lost is tried again
 *   while somebody waits, less and less often (`reconnection.ts`), and one attempt at a time.
 * - Nothing is tried for nobody: with the last who waits, its attempts are given up.
 */
import type { Endpoint } from '@wireline/socket';
import type { Clock, Timer } from '@wireline/socket/event-loop';
import {
  ConnectionClosedError,
  RequestTimeoutError,
  TooManyRequestsError,
  type RequestPhase,
} from '../errors.ts';
import type { Network } from '../network.ts';
import { Watchdog } from '../timeouts.ts';
import {
  ClientConnection,
  type ClientConnectionOwner,
  type ClientConnectionParts,
  type Interruption,
} from './client-connection.ts';
import type { PendingRequest, RequestOwner } from './pending-request.ts';
import { ProcessHold } from './process-hold.ts';
import type { Reconnection } from './reconnection.ts';
import { RequestQueue } from './request-queue.ts';

/** What a pool is made of. */
export interface PoolParts extends ClientConnectionParts {
  readonly endpoint: Endpoint;
  readonly network: Network;
  readonly reconnection: Reconnection;
  readonly connectTimeoutMs: number | undefined;
  readonly maxConnections: number;
  readonly maxWaiting: number;
}

/** The connections of one client, and the requests that wait for them. */
export class Pool implements ClientConnectionOwner, RequestOwner {
  readonly clock: Clock;
  readonly #parts: PoolParts;
  readonly #watchdog: Watchdog;
  /** Each with how much had gone wrong when it was begun: what was made beside it may have told by now. */
  readonly #connections = new Map<ClientConnection, number>();
  /** The one for requests. */
  #shared: ClientConnection | undefined;
  readonly #requests = new RequestQueue();
  /** Those in parts, which need a connection each. */
  readonly #conversations = new RequestQueue();
  /** Attempts to connect that are under way, each with what gives it up. */
  readonly #attempts = new Set<AbortController>();
  /** An attempt at a server that was never reached has failed: the others are waited for, and none is added. */
  #awaitsOthers = false;
  /** While only a timer is between two attempts. */
  readonly #hold: ProcessHold;
  /** Runs while somebody waits for the next attempt to connect. */
  #retry: Timer | undefined;
  #isClosed = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.clock = parts.clock;
    this.#hold = new ProcessHold(parts.clock);
    this.#watchdog = new Watchdog(parts.clock, parts.timeouts, (now) => {
      for (const connection of this.#connections.keys()) connection.check(now);
      return this.#connections.size > 0;
    });
  }

  /**
   * Makes a connection.
   *
   * @throws ConnectError, NameResolutionError, RangeError for a path that is too long
   */
  async connect(attempt = new AbortController()): Promise<void> {
    const { network, endpoint, clock, connectTimeoutMs, reconnection } = this.#parts;
    const { setbacks } = reconnection;
    this.#attempts.add(attempt);
    try {
      const transport = await network.connect(endpoint, {
        signal: attempt.signal,
        clock,
        ...(connectTimeoutMs === undefined ? {} : { timeoutMs: connectTimeoutMs }),
      });
      if (this.#isClosed) {
        transport.close();
        throw new ConnectionClosedError('connect: this client was closed meanwhile');
      }
      this.#connections.set(new ClientConnection(transport, this, this.#parts), setbacks);
      this.#watchdog.start();
      reconnection.connected();
      this.#awaitsOthers = false;
    } finally {
      this.#attempts.delete(attempt);
    }
  }

  /** @throws ConnectionClosedError, TooManyRequestsError when no more requests are taken. */
  checkOpen(): void {
    const { target, maxWaiting } = this.#parts;
    if (this.#isClosed) {
      throw new ConnectionClosedError(`request from ${target}: this client is closed`);
    }
    const waiting = this.#requests.length + this.#conversations.length;
    if (waiting >= maxWaiting) throw new TooManyRequestsError(maxWaiting);
  }

  /** Sends a request when it is its turn. */
  add(request: PendingRequest): void {
    this.#queueOf(request).push(request);
    this.#advance();
  }

  giveUp(request: PendingRequest, reason: unknown): void {
    const { carrier } = request;
    request.failed(reason);
    if (carrier !== undefined) {
      carrier.giveUp(request);
      return;
    }
    this.#queueOf(request).gaveUp();
    this.#restIfNobodyWaits();
  }

  onTimeout(request: PendingRequest): void {
    const phase = this.#phaseOf(request);
    const { target, reconnection } = this.#parts;
    const cause = phase === 'connecting' ? reconnection.lastError : undefined;
    this.giveUp(request, new RequestTimeoutError(target, request.timeoutMs, { phase, cause }));
  }

  /** Closes all connections and fails all requests. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const error = this.#closedError();
    this.#giveUpAttempts(error);
    this.#endRetry();
    this.#failWaiting(error);
    for (const connection of this.#connections.keys()) connection.close();
    this.#watchdog.stop();
  }

  onAnswered(): void {
    this.#parts.reconnection.answered();
  }

  onRoom(): void {
    this.#advance();
  }

  onClosed(connection: ClientConnection, lost: Error | undefined): void {
    const { reconnection } = this.#parts;
    const setbacks = this.#connections.get(connection);
    this.#connections.delete(connection);
    if (this.#shared === connection) this.#shared = undefined;
    if (lost !== undefined && reconnection.setbacks === setbacks) {
      reconnection.lost(this.clock.now(), lost);
    }
    this.#advance();
  }

  onInterrupted(requests: readonly PendingRequest[], { kind, error }: Interruption): void {
    // From the last to the first, so that they stand at the front in their order.
    for (const request of requests.toReversed()) {
      if (this.#isClosed) request.failed(this.#closedError());
      else if (request.mayRepeat(kind)) this.#queueOf(request).unshift(request);
      else request.failed(error);
    }
  }

  get #somebodyWaits(): boolean {
    return this.#requests.length > 0 || this.#conversations.length > 0;
  }

  #queueOf(request: PendingRequest): RequestQueue {
    return request.isInParts ? this.#conversations : this.#requests;
  }

  #advance(): void {
    if (!this.#somebodyWaits || this.#isClosed) return;
    this.#sendRequests();
    this.#sendConversations();
    this.#connectMore();
    this.#restIfNobodyWaits();
  }

  #sendRequests(): void {
    while (this.#requests.length > 0) {
      if (this.#shared?.isUsable !== true || this.#shared.isExclusive)
        this.#shared = this.#maybeIdle();
      if (this.#shared?.canTake !== true) return;
      send(this.#shared, this.#requests);
    }
  }

  #sendConversations(): void {
    while (this.#conversations.length > 0 && this.#freePlaces > 0) {
      const connection = this.#maybeIdle();
      if (connection === undefined) return;
      send(connection, this.#conversations);
    }
  }

  /** Tries to connect as often as connections are missing. */
  #connectMore(): void {
    const { reconnection, maxConnections } = this.#parts;
    if (this.#retry !== undefined || this.#awaitsOthers || !this.#somebodyWaits) return;
    const forRequests = this.#requests.length > 0 && this.#shared === undefined ? 1 : 0;
    const wanted = forRequests + Math.min(this.#conversations.length, this.#freePlaces);
    const room = maxConnections - this.#connections.size;
    const most = reconnection.isDown ? 1 : room;
    const enough = Math.min(wanted, room, most);
    if (this.#attempts.size >= enough) return;
    const waitMs = reconnection.waitMs(this.clock.now());
    if (waitMs > 0) {
      this.#hold.take();
      this.#retry = this.clock.after(waitMs, () => {
        this.#endRetry();
        this.#advance();
      });
      return;
    }
    while (this.#attempts.size < enough) this.#tryToConnect();
  }

  #tryToConnect(): void {
    const { setbacks } = this.#parts.reconnection;
    const attempt = new AbortController();
    this.connect(attempt).then(
      () => this.#advance(),
      (error: unknown) => {
        if (!attempt.signal.aborted) this.#connectFailed(error, setbacks);
        if (this.#attempts.size === 0) this.#awaitsOthers = false;
        this.#advance(); // behind an attempt that was given up, too, somebody may wait again
      },
    );
  }

  /** @param setbacks how many there had been when the attempt began: one made beside it may have told by now */
  #connectFailed(error: unknown, setbacks: number): void {
    const { reconnection } = this.#parts;
    if (reconnection.triesAgain) {
      if (reconnection.setbacks === setbacks) reconnection.failed(this.clock.now(), error);
    } else if (this.#attempts.size === 0) {
      this.#failWaiting(error);
    } else {
      this.#awaitsOthers = true;
    }
  }

  /** How many conversations in parts may begin. */
  get #freePlaces(): number {
    const places = Math.max(this.#parts.maxConnections - 1, 1);
    let taken = 0;
    for (const connection of this.#connections.keys()) if (connection.isExclusive) taken += 1;
    return places - taken;
  }

  #maybeIdle(): ClientConnection | undefined {
    for (const connection of this.#connections.keys()) if (connection.isIdle) return connection;
    return undefined;
  }

  #phaseOf(request: PendingRequest): RequestPhase {
    if (request.carrier !== undefined) {
      return request.isInParts ? 'waiting for the next part' : 'waiting for the answer';
    }
    if (request.isInParts && this.#freePlaces <= 0) return 'waiting for a connection of its own';
    if (!request.isInParts && this.#shared?.isUsable === true) return 'waiting for its turn';
    if (this.#attempts.size > 0 || this.#retry !== undefined) return 'connecting';
    const isFull = this.#connections.size >= this.#parts.maxConnections;
    return isFull && !request.isInParts ? 'waiting for a free connection' : 'waiting for its turn';
  }

  #failWaiting(error: unknown): void {
    for (const request of this.#requests.takeAll()) request.failed(error);
    for (const request of this.#conversations.takeAll()) request.failed(error);
  }

  #closedError(): ConnectionClosedError {
    return new ConnectionClosedError(
      `request from ${this.#parts.target}: this client was closed before the answer came`,
    );
  }

  /** There is nobody to try for. */
  #restIfNobodyWaits(): void {
    if (this.#somebodyWaits) return;
    this.#endRetry();
    this.#giveUpAttempts(new ConnectionClosedError('connect: nobody waits for it any more'));
  }

  #giveUpAttempts(reason: Error): void {
    for (const attempt of this.#attempts) attempt.abort(reason);
  }

  #endRetry(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#hold.release();
  }
}

/** Sends the first of a queue. */
function send(connection: ClientConnection, queue: RequestQueue): void {
  const request = queue.shift();
  if (request === undefined) return;
  try {
    connection.send(request);
  } catch (error) {
    request.failed(error); // it breaks a limit; nothing of it was written
  }
}
