/**
 * ConnectionStream: what `node:http` and `node:tls` ask of a `net.Socket`, under the same names, but for the bytes:
 * addresses, counters, time-outs, and the ways to end.
 *
 * Not there: `connect`, for it is connected from the beginning, and the flag that `net.Socket` gives to listeners of
 * `close`.
 */
import { Duplex } from 'node:stream';
import type { Address, Family } from '../address/address.ts';
import type { SocketControls } from '../descriptor/socket-controls.ts';
import type { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { SystemError } from '../errors.ts';
import { systemClock, type Clock } from '../event-loop/clock.ts';
import type { EventLoop } from '../event-loop/event-loop.ts';
import type { Libc } from '../libc/libc.ts';
import { IdleTimer } from './idle-timer.ts';

/** 64 KiB: what one `recv` of the event loop brings at most. */
const HIGH_WATER_MARK = 64 * 1024;

/** What `console.log` looks for. */
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** Options of {@link toDuplex}. */
export interface SocketDuplexOptions {
  /**
   * Whether the stream can still be written once the peer has sent its last byte. False unless told, as in
   * `node:net`: it ends by itself then.
   */
  readonly allowHalfOpen?: boolean;
  /** What was received already: it is read first. */
  readonly head?: Uint8Array;
  /** How many bytes may wait to be read before no more are received; 64 KiB unless told. */
  readonly readableHighWaterMark?: number;
  /** How many bytes may wait to be sent before `write` says false; 64 KiB unless told. */
  readonly writableHighWaterMark?: number;
  readonly loop?: EventLoop;
  readonly clock?: Clock;
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/** An address as `net.Socket.address()` has it. */
export interface StreamAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly port: number;
}

/** A connected socket as a stream. */
export abstract class ConnectionStream extends Duplex {
  /** The socket; its descriptor is closed by `_destroy`. */
  protected readonly owned: SocketDescriptor<Family>;
  protected readonly idle: IdleTimer;
  /** How many bytes were received. */
  protected received = 0;
  /** How many bytes the writes had that are done; of one under way, the stream counts all as waiting. */
  protected sent = 0;
  readonly #local: StreamAddress | undefined;
  readonly #remote: StreamAddress | undefined;

  /** @param take gives the descriptor, once nothing else can go wrong */
  constructor(take: () => SocketDescriptor<Family>, options: SocketDuplexOptions) {
    super({
      allowHalfOpen: options.allowHalfOpen ?? false,
      readableHighWaterMark: options.readableHighWaterMark ?? HIGH_WATER_MARK,
      writableHighWaterMark: options.writableHighWaterMark ?? HIGH_WATER_MARK,
    });
    this.idle = new IdleTimer(options.clock ?? systemClock, () => this.emit('timeout'));
    this.owned = take();
    // Now: once the connection is over, the kernel does not know them any more, and logs want to.
    this.#local = addressOf(() => this.owned.getsockname());
    this.#remote = addressOf(() => this.owned.getpeername());
  }

  // ------------------------------------------------------------------------------------------- what is seen

  /** Options, TCP_INFO and queue depths of the socket. */
  get descriptor(): SocketControls {
    return this.owned;
  }

  /** The descriptor's number, or -1 once it is closed. */
  fileno(): number {
    return this.owned.fileno();
  }

  get remoteAddress(): string | undefined {
    return this.#remote?.address;
  }

  get remoteFamily(): 'IPv4' | 'IPv6' | undefined {
    return this.#remote?.family;
  }

  get remotePort(): number | undefined {
    return this.#remote?.port;
  }

  get localAddress(): string | undefined {
    return this.#local?.address;
  }

  get localFamily(): 'IPv4' | 'IPv6' | undefined {
    return this.#local?.family;
  }

  get localPort(): number | undefined {
    return this.#local?.port;
  }

  /** The local address; nothing for a Unix socket. */
  address(): StreamAddress | Record<string, never> {
    return this.#local ?? {};
  }

  /** How many bytes were received. */
  get bytesRead(): number {
    return this.received;
  }

  /** How many bytes were written: sent, or waiting to be. */
  get bytesWritten(): number {
    return this.sent + this.writableLength;
  }

  /** Never: it is connected from the beginning. */
  get connecting(): boolean {
    return false;
  }

  /** The time of {@link setTimeout}, in milliseconds; `undefined` for none. */
  get timeout(): number | undefined {
    return this.idle.ms;
  }

  // ----------------------------------------------------------------------------------------- what can be set

  /**
   * Emits `timeout` when nothing has come or gone for `ms` milliseconds; 0 for never. It ends nothing: who hears it
   * does. A stream that is destroyed has none.
   *
   * @throws RangeError when `ms` is negative or no number.
   */
  setTimeout(ms: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.idle.set(ms);
    if (callback !== undefined) {
      this.off('timeout', callback);
      if (ms > 0) this.once('timeout', callback);
    }
    return this;
  }

  /** Whether small writes are sent at once. Where there is no TCP it means nothing. */
  setNoDelay(noDelay = true): this {
    return this.#tune(() => this.owned.setsockopt('TCP_NODELAY', noDelay));
  }

  /** Whether the kernel asks a silent peer whether it is there, and after how many milliseconds. */
  setKeepAlive(enable = false, initialDelayMs = 0): this {
    return this.#tune(() => {
      this.owned.setsockopt('SO_KEEPALIVE', enable);
      const seconds = Math.trunc(initialDelayMs / 1000);
      if (enable && seconds > 0) this.owned.setsockopt('TCP_KEEPIDLE', seconds);
    });
  }

  /** Sends what was written, then destroys the stream. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Destroys the stream with a reset, which tells the peer that something went wrong. */
  resetAndDestroy(): this {
    this.#tune(() => this.owned.setsockopt('SO_LINGER', 0));
    return this.destroy();
  }

  [INSPECT](): string {
    return `SocketDuplex over ${String(this.owned)}`;
  }

  /** Sets what is an improvement where it can be had: `node:net` does not complain either where it cannot. */
  #tune(set: () => void): this {
    if (this.owned.closed || this.owned.family === 'unix') return this;
    try {
      set();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
    return this;
  }
}

/** An address of the internet; `undefined` for a path, and where there is none any more. */
function addressOf(ask: () => Address): StreamAddress | undefined {
  try {
    const address = ask();
    if (address.family === 'unix') return undefined;
    const { host, port, family } = address;
    return { address: host, family: family === 'inet' ? 'IPv4' : 'IPv6', port };
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
