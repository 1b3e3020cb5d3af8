/**
 * MulticonnRun: many connections at once, each of which sends all messages and waits for them to come back.
 *
 * ```
 *   connect -> send the messages -> ... as many bytes are back: stays open until all others are done, too
 *                  '-> receive, and compare
 * ```
 *
 * - No more than `mostConnecting` wait for their first byte at a time: a server's backlog may hold 128, and what does
 *   not fit into it takes a second or more. A connection that has heard something has left the backlog.
 * - Other bytes than were sent are a failure, as a connection that breaks or is silent is. A failure is of its own
 *   connection; after a hundred, with none that went well, no more are started.
 */
import type { Endpoint, Family, InternetEndpoint, IpAddress } from '@wireline/socket';
import { resolve, TimeoutError } from '@wireline/socket';
import {
  createConnection,
  type CreateConnectionOptions,
  type Socket,
} from '@wireline/socket/promises';

/** The most that is received at once. */
const CHUNK = 64 * 1024;

/** Who cannot be reached a hundred times will not be the next time. */
const HOPELESS = 100;

/** How many kinds of failures are told apart; each is a line. */
const MAX_REASONS = 10;

/** What to do. */
export interface MulticonnPlan {
  readonly endpoint: Endpoint;
  readonly connections: number;
  readonly messages: readonly Uint8Array[];
  readonly mostConnecting: number;
  /** For each connection: to connect, and between two of its bytes. */
  readonly timeoutMs: number;
  readonly observer: MulticonnObserver;
}

/** Who hears of what happens. Connections are counted from 1. */
export interface MulticonnObserver {
  starting(connection: number): void;
  sending(connection: number, bytes: number): void;
  received(connection: number, bytes: number): void;
  closing(connection: number, bytes: number): void;
  failed(connection: number, error: Error): void;
}

/** How it went, or goes. */
export interface MulticonnTotals {
  readonly connections: number;
  readonly started: number;
  /** Connections that are made, whatever became of them. */
  readonly connected: number;
  /** Connections on which everything came back. */
  readonly done: number;
  readonly failed: number;
  readonly sent: number;
  readonly received: number;
  /** Why connections failed, and how many did for that reason. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** The connections, and their totals. */
export class MulticonnRun {
  readonly #plan: MulticonnPlan;
  /** What each connection sends, and is to get back. */
  readonly #expected: Uint8Array;
  readonly #open = new Map<number, Socket<Family>>();
  readonly #conversations: Promise<void>[] = [];
  readonly #reasons = new Map<string, number>();
  readonly #counts = { started: 0, connected: 0, done: 0, failed: 0, sent: 0, received: 0 };

  constructor(plan: MulticonnPlan) {
    this.#plan = plan;
    this.#expected = Buffer.concat(plan.messages);
  }

  /** What has been counted so far. */
  get totals(): MulticonnTotals {
    const { connections } = this.#plan;
    return { connections, ...this.#counts, reasons: this.#reasons };
  }

  /**
   * Resolves when all connections are done or have failed, and are closed; or, when the signal aborts, at once.
   *
   * @throws NameResolutionError; nothing has been started then.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { endpoint, connections, mostConnecting, timeoutMs } = this.#plan;
    // Asked once: ten thousand questions would take longer than ten thousand connections.
    const found = 'path' in endpoint ? undefined : await addressesOf(endpoint);
    const options = { timeoutMs, signal, ...(found && { lookup: () => found }) };
    const starter = async (): Promise<void> => {
      while (this.#isNextWanted(signal)) await this.#startNext(options);
    };
    try {
      await Promise.all(Array.from({ length: Math.min(mostConnecting, connections) }, starter));
      await Promise.all(this.#conversations);
      if (signal.aborted) return;
      for (const id of this.#open.keys()) {
        this.#plan.observer.closing(id, this.#expected.length);
      }
    } finally {
      for (const socket of this.#open.values()) socket.close();
    }
  }

  #isNextWanted(signal: AbortSignal): boolean {
    const { started, done, failed } = this.#counts;
    const isHopeless = failed >= HOPELESS && done === 0;
    return started < this.#plan.connections && !isHopeless && !signal.aborted;
  }

  /** Resolves when the next one may be started: this one has heard something, or is over. */
  #startNext(options: CreateConnectionOptions): Promise<void> {
    const id = ++this.#counts.started;
    return new Promise((proceed) => {
      this.#conversations.push(this.#converse(id, { options, proceed }));
    });
  }

  async #converse(id: number, { options, proceed }: Start): Promise<void> {
    const { endpoint, observer } = this.#plan;
    try {
      observer.starting(id);
      const socket = await createConnection(endpoint, options);
      this.#open.set(id, socket);
      this.#counts.connected += 1;
      const talk = { id, socket, signal: options.signal };
      await Promise.all([this.#send(talk), this.#receive(talk, proceed)]);
      this.#counts.done += 1;
    } catch (error) {
      this.#open.get(id)?.close();
      this.#open.delete(id);
      if (options.signal?.aborted !== true) this.#fail(id, explain(error));
    } finally {
      proceed();
    }
  }

  async #send({ id, socket, signal }: Talk): Promise<void> {
    const onSent = (count: number): void => {
      this.#counts.sent += count;
    };
    for (const message of this.#plan.messages) {
      this.#plan.observer.sending(id, message.length);
      await socket.sendAll(message, { signal, onSent });
    }
  }

  async #receive({ id, socket, signal }: Talk, onHeard: () => void): Promise<void> {
    const expected = this.#expected;
    for (let at = 0; at < expected.length;) {
      const chunk = await socket.recv(Math.min(CHUNK, expected.length - at), { signal });
      if (chunk.length === 0) {
        throw new Error(`receive: the server closed after ${at} of ${expected.length} bytes`);
      }
      onHeard();
      this.#counts.received += chunk.length;
      this.#plan.observer.received(id, chunk.length);
      if (Buffer.compare(chunk, expected.subarray(at, at + chunk.length)) !== 0) {
        throw new Error('receive: other bytes came back than were sent; is it an echo server?');
      }
      at += chunk.length;
    }
  }

  #fail(id: number, error: Error): void {
    this.#counts.failed += 1;
    const { message } = error;
    const reason = this.#reasons.has(message) || this.#reasons.size < MAX_REASONS;
    const key = reason ? message : 'other reasons';
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
    this.#plan.observer.failed(id, error);
  }
}

/** How a connection is made, and what to call when the next one may be. */
interface Start {
  readonly options: CreateConnectionOptions;
  readonly proceed: () => void;
}

/** A connection that is made. */
interface Talk {
  readonly id: number;
  readonly socket: Socket<Family>;
  readonly signal: AbortSignal | undefined;
}

function addressesOf({ host, port }: InternetEndpoint): Promise<readonly IpAddress[]> {
  return resolve(host, port);
}

function explain(error: unknown): Error {
  if (error instanceof TimeoutError && error.syscall !== 'connect') {
    const told = `${error.syscall}: the server was silent for too long; --timeout waits longer`;
    return new Error(told, { cause: error });
  }
  return error instanceof Error ? error : new Error(String(error));
}
