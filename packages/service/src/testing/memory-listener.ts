/**
 * MemoryListener: takes connections out of a backlog and hands them on, as `Listener` of
 * `@wireline/socket/event-loop` does, the rest for want of descriptors included.
 *
 * Imperfect: the backlog has no end, where a kernel's has.
 */
import {
  ACCEPT_PAUSE_MS,
  ERRNO,
  formatAddress,
  ResourceExhaustedError,
  SystemError,
  type Address,
} from '@wireline/socket';
import { EVENT_READ, type Clock, type Timer } from '@wireline/socket/event-loop';
import type { AcceptHandler, TransportListener } from '../network.ts';
import type { MemoryConnection } from './memory-connection.ts';
import type { MemoryLoop, MemoryRegistration, ReadinessSource } from './memory-loop.ts';

/** As many as the native listener takes in one turn. */
const ACCEPTS_PER_TURN = 64;

/** What a listener is made of. */
export interface MemoryListenerParts {
  readonly address: Address;
  readonly handler: AcceptHandler;
  readonly loop: MemoryLoop;
  readonly clock: Clock;
  /** What comes of the next accept. */
  readonly accept: () => 'accepted' | 'starved' | 'failed';
  readonly note: (event: string) => void;
  /** Called once, when it is closed. */
  readonly onClosed: () => void;
}

/** Listens in memory. */
export class MemoryListener implements TransportListener, ReadinessSource {
  readonly address: Address;
  readonly #parts: MemoryListenerParts;
  readonly #registration: MemoryRegistration;
  readonly #backlog: MemoryConnection[] = [];
  #rest: Timer | undefined;
  #paused = false;
  #starved = false;
  #closed = false;

  constructor(parts: MemoryListenerParts) {
    this.#parts = parts;
    this.address = parts.address;
    this.#registration = parts.loop.register(this, { onReady: () => this.#accept() });
    this.#watch();
  }

  /** How many connections wait to be accepted. */
  get waiting(): number {
    return this.#backlog.length;
  }

  /** A connection comes. */
  offer(connection: MemoryConnection): void {
    this.#backlog.push(connection);
  }

  readiness(): number {
    return this.#backlog.length > 0 ? EVENT_READ : 0;
  }

  pause(): void {
    this.#paused = true;
    this.#watch();
  }

  resume(): void {
    this.#paused = false;
    this.#watch();
  }

  descriptorFreed(): void {
    if (this.#rest !== undefined) this.#endRest();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rest?.cancel();
    this.#registration.unregister();
    for (const connection of this.#backlog.splice(0)) {
      connection.reset();
      connection.server.close();
    }
    this.#parts.note(`${formatAddress(this.address)} listens no more`);
    this.#parts.onClosed();
  }

  /** `127.0.0.1:49152`, and who waits there. */
  toString(): string {
    const state =
      this.#rest !== undefined ? ', out of descriptors' : this.#paused ? ', paused' : '';
    return `${formatAddress(this.address)} listens${state}; ${this.waiting} wait to be accepted`;
  }

  #accept(): void {
    for (let taken = 0; taken < ACCEPTS_PER_TURN; taken++) {
      if (this.#closed || this.#paused || this.#backlog.length === 0) return;
      const verdict = this.#parts.accept();
      if (verdict === 'starved') {
        this.#takeRest();
        return;
      }
      const connection = this.#backlog.shift();
      if (connection === undefined) return;
      if (this.#starved) {
        this.#starved = false;
        this.#parts.note(`${formatAddress(this.address)} has descriptors again`);
        this.#parts.handler.onRecovered();
      }
      this.#handOn(connection, verdict);
    }
  }

  #handOn(connection: MemoryConnection, verdict: 'accepted' | 'failed'): void {
    this.#parts.note(`#${connection.id} is ${verdict === 'failed' ? 'accepted in vain' : verdict}`);
    if (verdict === 'accepted') {
      this.#parts.handler.onTransport(connection.server);
      return;
    }
    connection.server.close();
    const error = new SystemError('setsockopt', ERRNO.EINVAL);
    this.#parts.handler.onAcceptFailed(connection.clientAddress, error);
  }

  #takeRest(): void {
    this.#rest = this.#parts.clock.after(ACCEPT_PAUSE_MS, () => this.#endRest());
    this.#watch();
    if (this.#starved) return;
    this.#starved = true;
    this.#parts.note(`${formatAddress(this.address)} is out of descriptors`);
    this.#parts.handler.onStarved(new ResourceExhaustedError('accept4', ERRNO.EMFILE));
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
