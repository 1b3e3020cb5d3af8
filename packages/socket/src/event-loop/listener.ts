/**
 * Listener: takes connections out of a listening socket's backlog and hands them on.
 *
 * What it does about each error of `accept` stands in `accept-policy.ts`. It owns the listening socket
 * once it is constructed.
 */
import type { AddressOf, Family, IpFamily } from '../address/address.ts';
import { SystemError } from '../errors.ts';
import { WOULD_BLOCK } from '../libc/syscall.ts';
import type { Accepted, SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { ACCEPT_PAUSE_MS, acceptVerdict } from '../listening/accept-policy.ts';
import { systemClock, type Clock, type Timer } from './clock.ts';
import { currentEventLoop, type EventLoop } from './event-loop.ts';
import type { Registration } from './registration.ts';

/** The most connections taken in one turn, so that a flood of new ones leaves the old ones their turn. */
const ACCEPTS_PER_TURN = 64;

/** Who hears of what a listener meets. Handlers that throw end up as uncaught exceptions. */
export interface ListenerHandler<F extends Family = IpFamily> {
  /** A connection came; the socket is yours. */
  onConnection(accepted: Accepted<SocketDescriptor<F>, AddressOf<F>>): void;
  /** Accepting pauses for want of descriptors or memory. Said once for each shortage. */
  onStarved?(error: SystemError): void;
  /** Connections are accepted again. */
  onRecovered?(): void;
  /** The listener is broken and closed. */
  onError(error: SystemError): void;
}

/** Options of {@link Listener}. */
export interface ListenerOptions {
  readonly loop?: EventLoop;
  readonly clock?: Clock;
}

/**
 * Accepts connections until it is closed.
 *
 * @example
 * ```ts
 * const listener = new Listener(listening, {
 *   onConnection: ({ socket }) => serve(socket),
 *   onError: (error) => console.error(error.message),
 * });
 * ```
 */
export class Listener<F extends Family = IpFamily> {
  /** Where it listens: the kernel's choice where port 0 was asked for. */
  readonly address: AddressOf<F>;
  readonly #socket: SocketDescriptor<F>;
  readonly #handler: ListenerHandler<F>;
  readonly #clock: Clock;
  readonly #registration: Registration;
  /** Runs while it rests for want of resources. */
  #rest: Timer | undefined;
  /** Whether its owner wants no connections. */
  #paused = false;
  /** From the first failure for want of resources to the first success after it. */
  #starved = false;

  /**
   * @param socket bound and listening; the listener owns it if this does not throw
   * @throws SystemError when the event loop cannot watch it.
   */
  constructor(
    socket: SocketDescriptor<F>,
    handler: ListenerHandler<F>,
    options: ListenerOptions = {},
  ) {
    this.#socket = socket;
    this.#handler = handler;
    this.#clock = options.clock ?? systemClock;
    this.address = socket.getsockname();
    this.#registration = (options.loop ?? currentEventLoop()).register(socket.fileno(), 'read', {
      onReady: () => this.#accept(),
    });
  }

  /** Accepts nothing until {@link resume}: connections wait in the backlog, where peers take them as made. */
  pause(): void {
    this.#paused = true;
    this.#watch();
  }

  /** Takes {@link pause} back. */
  resume(): void {
    this.#paused = false;
    this.#watch();
  }

  /** Says that a descriptor came free somewhere: a listener that rests for want of one tries again at once. */
  descriptorFreed(): void {
    if (this.#rest !== undefined) this.#endRest();
  }

  /** Stops listening; connections that wait in the backlog are reset by the kernel. */
  close(): void {
    this.#rest?.cancel();
    this.#rest = undefined;
    this.#registration.unregister();
    this.#socket.close();
  }

  #accept(): void {
    for (let taken = 0; taken < ACCEPTS_PER_TURN; taken++) {
      if (this.#socket.closed || this.#paused) return;
      const accepted = this.#tryAccept();
      if (accepted === 'skipped') continue;
      if (accepted === 'stopped') return;
      const recovered = this.#starved;
      this.#starved = false;
      // The connection first: whatever is thrown behind it, it has an owner.
      this.#handler.onConnection(accepted);
      if (recovered) this.#handler.onRecovered?.();
    }
  }

  /** The next connection, or what became of it according to the accept policy. */
  #tryAccept(): Accepted<SocketDescriptor<F>, AddressOf<F>> | 'skipped' | 'stopped' {
    try {
      const accepted = this.#socket.tryAccept();
      return accepted === WOULD_BLOCK ? 'stopped' : accepted;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      switch (acceptVerdict(error)) {
        case 'skip':
          return 'skipped';
        case 'pause':
          this.#takeRest(error);
          return 'stopped';
        case 'fail':
          this.close();
          this.#handler.onError(error);
          return 'stopped';
      }
    }
  }

  #takeRest(error: SystemError): void {
    this.#rest = this.#clock.after(ACCEPT_PAUSE_MS, () => this.#endRest());
    this.#watch();
    if (this.#starved) return;
    this.#starved = true;
    this.#handler.onStarved?.(error);
  }

  #endRest(): void {
    this.#rest?.cancel();
    this.#rest = undefined;
    this.#watch();
  }

  #watch(): void {
    this.#registration.modify(this.#paused || this.#rest !== undefined ? 'none' : 'read');
  }
}
