/**
 * SocketDuplex: a stream of Node's over a native socket.
 *
 * ```
 *   _read ----> wanted ----> readable: recv into the loop's buffer, push a copy --.
 *                  ^                                                              |
 *                  '------------------- room for more ----------------------------'
 *   _write ---> send ------> all gone: call back
 *                  '-------> the rest waits for writable, its caller with it: that is the back-pressure
 * ```
 *
 * - Who reads slowly has the kernel's buffer fill, then the peer's: nothing is received that nobody wants, and no
 *   more than the two high-water marks wait in here.
 * - Interest in reading is left armed while bytes are wanted. What comes when nobody wants it takes the interest
 *   back; a hang-up, which the kernel reports turn after turn, takes the registration out until somebody asks.
 * - The descriptor is closed once, by `_destroy`: when both directions are over, at an error, or by `destroy`. What
 *   the peer has sent and nobody read then becomes a reset, as in `node:net`.
 * - It reads from the beginning, as `net.Socket` does, until the first high-water mark: so it hears that the peer has
 *   left, though nobody reads.
 * - It keeps the process alive while it reads or sends, unless it is told otherwise.
 *
 * What `node:http` and `node:tls` ask of a `net.Socket` is here under the same names. Not there: `connect`, for it is
 * connected from the beginning, and the flag that `net.Socket` gives to listeners of `close`.
 */
import { Duplex } from 'node:stream';
import type { Address, Family } from '../address/address.ts';
import type { SocketControls } from '../descriptor/socket-controls.ts';
import type { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { NotConnectedError, SocketClosedError, SystemError } from '../errors.ts';
import { systemClock, type Clock } from '../event-loop/clock.ts';
import { currentEventLoop, type EventLoop } from '../event-loop/event-loop.ts';
import {
  EVENT_HANGUP,
  EVENT_READ,
  interestOf,
  isReadArmed,
  type ReadinessHandler,
  type Registration,
} from '../event-loop/registration.ts';
import { forgetUnclosed, Remains, watchUnclosed } from '../descriptor/unclosed.ts';
import type { Libc } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import { drainErrorQueue, hasErrorQueue } from '../messages/error-queue.ts';
import { copyOut } from '../messages/receive-room.ts';
import { gather } from './gather.ts';
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

/** What is being sent, and who waits for it. */
interface Outgoing {
  readonly parts: Uint8Array[];
  /** Of all parts, those that are gone included. */
  readonly length: number;
  readonly callback: (error?: Error | null) => void;
}

/** A stream over a native socket; made by {@link toDuplex}. */
export class SocketDuplex extends Duplex implements ReadinessHandler {
  readonly #descriptor: SocketDescriptor<Family>;
  readonly #libc: Libc;
  readonly #loop: EventLoop;
  readonly #idle: IdleTimer;
  readonly #local: StreamAddress | undefined;
  readonly #remote: StreamAddress | undefined;
  #registration: Registration | undefined;
  /** Whether the reader has room. */
  #isWanted = false;
  #outgoing: Outgoing | undefined;
  #mayHold = true;
  #bytesRead = 0;
  /** Of the writes that are done; of one under way, the stream counts all as waiting. */
  #bytesSent = 0;

  /** @param take gives the descriptor, once nothing else can go wrong */
  constructor(take: () => SocketDescriptor<Family>, options: SocketDuplexOptions = {}) {
    super({
      allowHalfOpen: options.allowHalfOpen ?? false,
      readableHighWaterMark: options.readableHighWaterMark ?? HIGH_WATER_MARK,
      writableHighWaterMark: options.writableHighWaterMark ?? HIGH_WATER_MARK,
    });
    this.#libc = options.libc ?? openLibc();
    this.#loop = options.loop ?? currentEventLoop();
    this.#idle = new IdleTimer(options.clock ?? systemClock, () => this.emit('timeout'));
    this.#descriptor = take();
    // Now: once the connection is over, the kernel does not know them any more, and logs want to.
    this.#local = addressOf(() => this.#descriptor.getsockname());
    this.#remote = addressOf(() => this.#descriptor.getpeername());
    const { family, type } = this.#descriptor;
    const remains = { family, type, fd: this.fileno(), libc: this.#libc };
    watchUnclosed(this, new Remains(remains)); // while it is registered, the loop holds it
    if (options.head !== undefined && options.head.length > 0) this.push(options.head);
    this.read(0); // whoever only writes is to hear, too, that the peer has left
  }

  // ------------------------------------------------------------------------------------------- what is seen

  /** Options, TCP_INFO and queue depths of the socket. */
  get descriptor(): SocketControls {
    return this.#descriptor;
  }

  /** The descriptor's number, or -1 once it is closed. */
  fileno(): number {
    return this.#descriptor.fileno();
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
    return this.#bytesRead;
  }

  /** How many bytes were written: sent, or waiting to be. */
  get bytesWritten(): number {
    return this.#bytesSent + this.writableLength;
  }

  /** Never: it is connected from the beginning. */
  get connecting(): boolean {
    return false;
  }

  /** The time of {@link setTimeout}, in milliseconds; `undefined` for none. */
  get timeout(): number | undefined {
    return this.#idle.ms;
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
    this.#idle.set(ms);
    if (callback !== undefined) {
      this.off('timeout', callback);
      if (ms > 0) this.once('timeout', callback);
    }
    return this;
  }

  /** Whether small writes are sent at once. Where there is no TCP it means nothing. */
  setNoDelay(noDelay = true): this {
    return this.#tune(() => this.#descriptor.setsockopt('TCP_NODELAY', noDelay));
  }

  /** Whether the kernel asks a silent peer whether it is there, and after how many milliseconds. */
  setKeepAlive(enable = false, initialDelayMs = 0): this {
    return this.#tune(() => {
      this.#descriptor.setsockopt('SO_KEEPALIVE', enable);
      const seconds = Math.trunc(initialDelayMs / 1000);
      if (enable && seconds > 0) this.#descriptor.setsockopt('TCP_KEEPIDLE', seconds);
    });
  }

  /** Keeps the process alive while it reads or sends: so it is from the beginning. */
  ref(): this {
    this.#mayHold = true;
    this.#hold();
    return this;
  }

  /** Lets the process end although it reads or sends. */
  unref(): this {
    this.#mayHold = false;
    this.#hold();
    return this;
  }

  /** Sends what was written, then destroys the stream. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Destroys the stream with a reset, which tells the peer that something went wrong. */
  resetAndDestroy(): this {
    this.#tune(() => this.#descriptor.setsockopt('SO_LINGER', 0));
    return this.destroy();
  }

  // ---------------------------------------------------------------------------------- what the stream asks for

  override _read(): void {
    this.#isWanted = true;
    this.#arm();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#outgoing = { parts: [chunk], length: chunk.length, callback };
    this.#send();
  }

  override _writev(
    chunks: readonly { readonly chunk: Uint8Array }[],
    callback: (error?: Error | null) => void,
  ): void {
    const parts = gather(chunks.map(({ chunk }) => chunk));
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    this.#outgoing = { parts, length, callback };
    this.#send();
  }

  override _final(callback: (error?: Error | null) => void): void {
    try {
      this.#descriptor.shutdown('write');
    } catch (error) {
      // The connection is over already: the reader hears how.
      if (!(error instanceof NotConnectedError)) return callback(asError(error));
    }
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#idle.stop();
    this.#leaveLoop();
    forgetUnclosed(this);
    this.#descriptor.close();
    const outgoing = this.#outgoing;
    this.#outgoing = undefined;
    callback(error);
    if (outgoing === undefined) return;
    // Whoever waits to hear that his bytes are gone hears that they are not. Behind `close`: a write that fails makes
    // an error of the stream's end, and one that is just destroyed has none.
    setImmediate(() => outgoing.callback(error ?? new SocketClosedError('send')));
  }

  [INSPECT](): string {
    return `SocketDuplex over ${String(this.#descriptor)}`;
  }

  // ------------------------------------------------------------------------------------ what the loop tells

  onReady(events: number): void {
    if ((events & EVENT_READ) !== 0 && this.#isWanted) this.#receive();
    if (this.#outgoing !== undefined) this.#send();
    if (this.destroyed) return;
    const isHangup = (events & EVENT_HANGUP) !== 0;
    const isIdle = !this.#isWanted && this.#outgoing === undefined;
    if (isIdle && isHangup) return this.#leaveLoop();
    // An error that ended nothing is a report that nobody reads.
    const { family } = this.#descriptor;
    if (isHangup && hasErrorQueue(family)) drainErrorQueue(this.#libc, this.fileno());
    this.#settle(events);
  }

  onLoopClosed(): void {
    this.#registration = undefined;
    this.destroy(new SocketClosedError('receive'));
  }

  #receive(): void {
    let count: number | WouldBlock;
    try {
      count = this.#descriptor.tryRecvInto(this.#loop.receiveBuffer);
    } catch (error) {
      this.destroy(asError(error));
      return;
    }
    if (count === WOULD_BLOCK) return;
    if (count === 0) {
      this.#isWanted = false;
      this.push(null);
      this.read(0); // with nothing left to read, the end is told though nobody reads
      return;
    }
    this.#bytesRead += count;
    this.#idle.touch();
    // Who reads it may destroy the stream.
    this.#isWanted = this.push(copyOut(this.#loop.receiveBuffer, count)) && !this.destroyed;
  }

  /** Sends what the kernel takes; the rest waits until it is writable. */
  #send(): void {
    const { parts, length, callback } = this.#outgoing as Outgoing; // only called when there is one
    try {
      for (let part = parts[0]; part !== undefined; part = parts[0]) {
        const count = this.#descriptor.trySend(part);
        if (count === WOULD_BLOCK) return this.#arm();
        this.#idle.touch();
        if (count < part.length) parts[0] = part.subarray(count);
        else parts.shift();
      }
    } catch (error) {
      this.#outgoing = undefined;
      callback(asError(error));
      return;
    }
    this.#outgoing = undefined;
    this.#bytesSent += length;
    callback();
  }

  // -------------------------------------------------------------------------------------- interest in the loop

  /** Asks the loop for all that is waited for, beside what is armed already. */
  #arm(): void {
    const isReading = this.#isWanted || isReadArmed(this.#registration);
    const interest = interestOf(isReading, this.#outgoing !== undefined);
    try {
      if (this.#registration?.active === true) this.#registration.modify(interest);
      else this.#registration = this.#loop.register(this.#descriptor.fileno(), interest, this);
      this.#hold();
    } catch (error) {
      this.destroy(asError(error));
    }
  }

  /** Takes back what nobody waits for any more. */
  #settle(events: number): void {
    const registration = this.#registration;
    if (registration === undefined) return;
    const isReadWanted = this.#isWanted || (events & EVENT_READ) === 0;
    const isReading = isReadWanted && isReadArmed(registration);
    try {
      registration.modify(interestOf(isReading, this.#outgoing !== undefined));
      this.#hold();
    } catch (error) {
      this.destroy(asError(error));
    }
  }

  #hold(): void {
    const waits = this.#isWanted || this.#outgoing !== undefined;
    if (this.#mayHold && waits) this.#registration?.ref();
    else this.#registration?.unref();
  }

  #leaveLoop(): void {
    this.#registration?.unregister();
    this.#registration = undefined;
  }

  /** Sets what is an improvement where it can be had: `node:net` does not complain either where it cannot. */
  #tune(set: () => void): this {
    if (this.#descriptor.closed || this.#descriptor.family === 'unix') return this;
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

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
