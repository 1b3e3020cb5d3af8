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
  prepareToListen,
  resolve,
  SocketClosedError,
  SocketDescriptor,
  type Accepted,
  type Address,
  type Endpoint,
  type Family,
  type SystemError,
} from '@wireline/socket';
import { Listener } from '@wireline/socket/event-loop';
import { Socket } from '@wireline/socket/promises';
import { BoundFile } from '../bound-file.ts';
import { EchoConversation, type EchoEnding, type EchoTerms } from './echo-server-conversation.ts';

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

/** A socket that listens, and the file that it made. */
interface Bound {
  readonly socket: SocketDescriptor<Family>;
  readonly file: BoundFile | undefined;
}

/** A listening socket and its connections. */
export class EchoCrowd {
  /** Where it listens: with the kernel's choice where port 0 was asked for. */
  readonly address: Address;
  /** Rejects when the listening socket breaks. */
  readonly broken: Promise<never>;
  readonly #listener: Listener<Family>;
  readonly #file: BoundFile | undefined;
  readonly #options: EchoCrowdOptions;
  readonly #terms: EchoTerms;
  readonly #stop = new AbortController();
  readonly #conversations = new Map<EchoConversation, Promise<void>>();
  #isClosed = false;
  readonly #totals = { connections: 0, bytes: 0, lost: 0 };

  private constructor({ socket, file }: Bound, options: EchoCrowdOptions) {
    this.#options = options;
    this.#terms = { ...options, stop: this.#stop.signal };
    this.address = socket.getsockname();
    this.#file = file;
    let breakDown: (error: SystemError) => void = () => {};
    this.broken = new Promise<never>((_resolve, reject) => {
      breakDown = reject;
    });
    this.broken.catch(() => {}); // it may break while it is closed
    const { observer } = options;
    this.#listener = new Listener(socket, {
      onConnection: (accepted) => this.#serve(accepted),
      onStarved: (error) => observer.starved(error),
      onRecovered: () => observer.recovered(),
      onError: (error) => breakDown(error),
    });
  }

  /**
   * Listens at the first address of `endpoint`.
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError; nothing is left then.
   */
  static async listen(endpoint: Endpoint, options: EchoCrowdOptions): Promise<EchoCrowd> {
    const address: Address =
      'path' in endpoint
        ? { family: 'unix', path: endpoint.path }
        : (await resolve(endpoint.host, endpoint.port))[0];
    const socket = new SocketDescriptor<Family>({ family: address.family });
    let file: BoundFile | undefined;
    try {
      prepareToListen(socket, address);
      socket.bind(address);
      file = BoundFile.of(address);
      socket.listen();
      return new EchoCrowd({ socket, file }, options);
    } catch (error) {
      file?.remove();
      socket.close();
      throw error;
    }
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
    this.#closeListener();
    const force = setTimeout(() => this.destroy(), GRACE_MS);
    this.#stop.abort();
    await Promise.all(this.#conversations.values());
    clearTimeout(force);
  }

  /** Closes everything at once. */
  destroy(): void {
    this.#closeListener();
    for (const conversation of this.#conversations.keys()) conversation.close();
  }

  #closeListener(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file?.remove();
    this.#listener.close();
  }

  #serve({ socket, address }: Accepted<SocketDescriptor<Family>, Address>): void {
    const { family, type } = socket;
    const awaited = new Socket<Family>({ family, type, fd: socket.detach() });
    const conversation = new EchoConversation(awaited, address, this.#terms);
    this.#totals.connections += 1;
    this.#conversations.set(conversation, this.#follow(conversation));
    const { maxConnections, observer } = this.#options;
    if (this.#conversations.size < maxConnections) return;
    this.#listener.pause();
    observer.full(maxConnections);
  }

  /** Sees a conversation to its end, and tells how it was. */
  async #follow(conversation: EchoConversation): Promise<void> {
    const { observer } = this.#options;
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
    if (this.#isClosed) return;
    this.#listener.resume();
    this.#listener.descriptorFreed();
  }
}

/** Why a conversation broke off. */
function reasonOf(error: unknown): Error {
  if (error instanceof SocketClosedError) {
    return new Error('the server ended before it was done', { cause: error });
  }
  return error instanceof Error ? error : new Error(String(error));
}
