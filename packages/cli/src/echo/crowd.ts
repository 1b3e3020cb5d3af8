/**
 * EchoCrowd: all clients of `echo-server`. It listens, gives each connection its conversation, and goes down in good
 * order.
 *
 * - When it has as many connections as descriptors allow, it accepts nothing until one is over: others wait in the
 *   kernel's backlog.
 * - The trouble of one connection is told and is nobody else's.
 * - `close` accepts nothing more and has every conversation finish; after the grace time the rest is closed at once.
 */
import {
  SocketClosedError,
  type Accepted,
  type Address,
  type Endpoint,
  type Family,
  type SocketDescriptor,
  type SystemError,
} from '@wireline/socket';
import { Socket } from '@wireline/socket/promises';
import { openDoor, type Door, type Host } from '../listening/door.ts';
import { EchoConversation, type EchoEnding, type EchoTerms } from './conversation.ts';

/** 10 s, as `serve` has it. */
const GRACE_MS = 10_000;

/** Who hears of what happens. */
export interface EchoObserver {
  connected(peer: string): void;
  over(peer: string, bytes: number, ending: EchoEnding): void;
  /** A connection broke, or its client did not read. */
  lost(peer: string, bytes: number, error: Error): void;
  /** As many connections as may be: others wait until one is over. */
  full(connections: number): void;
  /** Nothing is accepted for want of descriptors or memory. */
  starved(error: SystemError): void;
  recovered(): void;
}

/** What a crowd is made with. */
export interface EchoCrowdOptions extends Omit<EchoTerms, 'stop'> {
  readonly maxConnections: number;
  readonly observer: EchoObserver;
}

/** What has been counted. */
export interface EchoTotals {
  readonly connections: number;
  readonly bytes: number;
  readonly lost: number;
}

/** A listening socket and its connections. */
export class EchoCrowd implements Host {
  readonly maxConnections: number;
  readonly #observer: EchoObserver;
  readonly #terms: EchoTerms;
  readonly #stop = new AbortController();
  readonly #conversations = new Map<EchoConversation, Promise<void>>();
  readonly #totals = { connections: 0, bytes: 0, lost: 0 };
  #door: Door | undefined;

  constructor(options: EchoCrowdOptions) {
    this.maxConnections = options.maxConnections;
    this.#observer = options.observer;
    this.#terms = { ...options, stop: this.#stop.signal };
  }

  /**
   * Listens at the first address of `endpoint`.
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError; nothing is left then.
   */
  async listen(endpoint: Endpoint): Promise<Door> {
    this.#door = await openDoor(endpoint, this);
    return this.#door;
  }

  /** How many connections are open. */
  get connectionCount(): number {
    return this.#conversations.size;
  }

  /** What has been counted so far. */
  get totals(): EchoTotals {
    return { ...this.#totals };
  }

  /** Goes down gently. Resolves when all connections are closed. */
  async close(): Promise<void> {
    this.#door?.close();
    const force = setTimeout(() => this.destroy(), GRACE_MS);
    this.#stop.abort();
    await Promise.all(this.#conversations.values());
    clearTimeout(force);
  }

  /** Closes everything at once. */
  destroy(): void {
    this.#door?.close();
    for (const conversation of this.#conversations.keys()) conversation.close();
  }

  onConnection({ socket, address }: Accepted<SocketDescriptor<Family>, Address>): void {
    const { family, type } = socket;
    const awaited = new Socket<Family>({ family, type, fd: socket.detach() });
    const conversation = new EchoConversation(awaited, address, this.#terms);
    this.#totals.connections += 1;
    this.#conversations.set(conversation, this.#follow(conversation));
  }

  onFull(connections: number): void {
    this.#observer.full(connections);
  }

  onStarved(error: SystemError): void {
    this.#observer.starved(error);
  }

  onRecovered(): void {
    this.#observer.recovered();
  }

  /** Sees a conversation to its end, and tells how it was. */
  async #follow(conversation: EchoConversation): Promise<void> {
    const observer = this.#observer;
    const { peer } = conversation;
    observer.connected(peer);
    try {
      const ending = await conversation.run();
      observer.over(peer, conversation.echoed, ending);
    } catch (error) {
      this.#totals.lost += 1;
      observer.lost(peer, conversation.echoed, reasonOf(error));
    }
    this.#totals.bytes += conversation.echoed;
    this.#conversations.delete(conversation);
    this.#door?.left();
  }
}

/** Why a conversation broke off. */
function reasonOf(error: unknown): Error {
  if (error instanceof SocketClosedError) {
    return new Error('the server ended before it was done', { cause: error });
  }
  return error instanceof Error ? error : new Error(String(error));
}
