/**
 * MemoryConnection: two transports that are connected in memory, and what a test may do to the line
 * between them.
 */
import { formatAddress, type Address } from '@wireline/socket';
import type { Clock, Timer } from '@wireline/socket/event-loop';
import type { Transport } from '../transport.ts';
import { DIRECTIONS, type Break, type BreakTime, type Direction } from './break.ts';
import type { Line } from './line.ts';
import type { MemoryLoop } from './memory-loop.ts';
import { MemoryTransport } from './memory-transport.ts';
import { Pipe } from './pipe.ts';

/**
 * 64 KiB each way: what one `recv` on loopback tends to bring. Kernels hold megabytes; here back-pressure
 * is to be felt soon.
 */
export const BUFFER_LENGTH = 64 * 1024;

/** What a connection is made of. */
export interface MemoryConnectionParts {
  readonly id: number;
  readonly loop: MemoryLoop;
  readonly clock: Clock;
  readonly clientAddress: Address;
  readonly serverAddress: Address;
  /** How many bytes each direction holds at most. */
  readonly bufferLength: number;
  readonly lines: Partial<Record<Direction, Line>>;
  readonly note: (event: string) => void;
  /** Called once, when both ends are closed. */
  readonly onClosed: () => void;
}

/** A connection in memory, with both its ends. */
export class MemoryConnection {
  /** Counts from 1 within a network. */
  readonly id: number;
  readonly clientAddress: Address;
  readonly serverAddress: Address;
  readonly #parts: MemoryConnectionParts;
  readonly #pipes: Readonly<Record<Direction, Pipe>>;
  readonly #client: MemoryTransport;
  readonly #server: MemoryTransport;
  readonly #timers = new Set<Timer>();

  constructor(parts: MemoryConnectionParts) {
    const { clock, loop, lines, bufferLength, clientAddress, serverAddress } = parts;
    this.id = parts.id;
    this.clientAddress = clientAddress;
    this.serverAddress = serverAddress;
    this.#parts = parts;
    const pipe = (line: Line | undefined): Pipe =>
      new Pipe({ clock, length: bufferLength, ...(line === undefined ? {} : { line }) });
    this.#pipes = { toServer: pipe(lines.toServer), toClient: pipe(lines.toClient) };
    const { toServer, toClient } = this.#pipes;
    const onClosed = (): void => this.#onEndClosed();
    this.#client = new MemoryTransport({
      loop,
      remoteAddress: serverAddress,
      incoming: toClient,
      outgoing: toServer,
      note: (event) => this.#note(`client ${event}`),
      onClosed,
    });
    this.#server = new MemoryTransport({
      loop,
      remoteAddress: clientAddress,
      incoming: toServer,
      outgoing: toClient,
      note: (event) => this.#note(`server ${event}`),
      onClosed,
    });
    MemoryTransport.join(this.#client, this.#server);
  }

  /** The end that connected. */
  get client(): Transport {
    return this.#client;
  }

  /** The end that was accepted. */
  get server(): Transport {
    return this.#server;
  }

  /** Whether both ends are closed. */
  get closed(): boolean {
    return this.#client.closed && this.#server.closed;
  }

  /** How many bytes are under way in a direction, and how many wait there to be received. */
  waiting(direction: Direction): { readonly inFlight: number; readonly unread: number } {
    const { inFlight, unread } = this.#pipes[direction];
    return { inFlight, unread };
  }

  /** Both ends find the connection reset; what is in flight is lost. */
  reset(): void {
    this.#note('is reset');
    for (const direction of DIRECTIONS) this.#pipes[direction].drop();
    this.#client.reset();
    this.#server.reset();
  }

  /** Something on the way ends both directions behind what is in flight. Who sends more is reset. */
  end(): void {
    this.#note('is ended');
    this.#endDirection('toServer', this.#client, this.#server);
    this.#endDirection('toClient', this.#server, this.#client);
  }

  /** Nothing arrives any more that way, or either way, until {@link release}. Senders feel it when the buffer is full. */
  stall(direction?: Direction): void {
    this.#note(`stalls ${direction ?? 'both ways'}`);
    for (const each of direction === undefined ? DIRECTIONS : [direction]) this.#pipes[each].hold();
  }

  /** Takes {@link stall} back. */
  release(direction?: Direction): void {
    this.#note(`is released ${direction ?? 'both ways'}`);
    for (const each of direction === undefined ? DIRECTIONS : [direction]) {
      this.#pipes[each].release();
    }
  }

  /**
   * Breaks it later: after some time, or as soon as so many more bytes have arrived one way. What was sent
   * behind those is lost, although its sender saw it taken: so a frame can be cut at any byte.
   */
  breakAfter(time: BreakTime, how: Break): void {
    if ('ms' in time) {
      this.#timers.add(this.#parts.clock.after(time.ms, () => this.#break(how)));
      return;
    }
    const pipe = this.#pipes[time.direction];
    pipe.markAfter(time.bytes, () => {
      pipe.drop();
      this.#break(how);
    });
  }

  /** `#3 127.0.0.1:49153 -> 127.0.0.1:49152`, and what waits in it. */
  toString(): string {
    const told = DIRECTIONS.flatMap((direction) => {
      const { inFlight, unread, held } = this.#pipes[direction];
      if (inFlight === 0 && unread === 0 && !held) return [];
      return `${direction} ${inFlight} bytes in flight, ${unread} unread${held ? ', stalled' : ''}`;
    });
    const ends = [
      ...(this.#client.closed ? ['client closed'] : []),
      ...(this.#server.closed ? ['server closed'] : []),
    ];
    const path = `${formatAddress(this.clientAddress)} -> ${formatAddress(this.serverAddress)}`;
    return [`#${this.id} ${path}`, ...ends, ...told].join('; ');
  }

  #break(how: Break): void {
    switch (how) {
      case 'reset':
        this.reset();
        break;
      case 'end':
        this.end();
        break;
      case 'silence':
        this.stall();
        break;
    }
  }

  #endDirection(direction: Direction, sender: MemoryTransport, receiver: MemoryTransport): void {
    const pipe = this.#pipes[direction];
    pipe.mark(() => {
      receiver.endInput();
      pipe.refuse(() => sender.reset());
    });
  }

  #onEndClosed(): void {
    if (!this.closed) return;
    for (const timer of this.#timers) timer.cancel();
    for (const direction of DIRECTIONS) this.#pipes[direction].drop();
    this.#parts.onClosed();
  }

  #note(event: string): void {
    this.#parts.note(`#${this.id} ${event}`);
  }
}
