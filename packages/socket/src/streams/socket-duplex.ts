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
 */
import type { Family } from '../address/address.ts';
import type { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { forgetUnclosed, Remains, watchUnclosed } from '../descriptor/unclosed.ts';
import { NotConnectedError, SocketClosedError } from '../errors.ts';
import type { EventLoop } from '../event-loop/event-loop.ts';
import {
  EVENT_HANGUP,
  EVENT_READ,
  interestOf,
  isReadArmed,
  type ReadinessHandler,
  type Registration,
} from '../event-loop/registration.ts';
import type { Libc } from '../libc/libc.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import { drainErrorQueue, hasErrorQueue } from '../messages/error-queue.ts';
import { copyOut } from '../messages/receive-room.ts';
import { ConnectionStream, type SocketDuplexOptions } from './connection-stream.ts';
import { gather } from './gather.ts';

/** What is being sent, and who waits for it. */
interface Outgoing {
  readonly parts: Uint8Array[];
  /** Of all parts, those that are gone included. */
  readonly length: number;
  readonly callback: (error?: Error | null) => void;
}

/** A stream over a native socket; made by {@link toDuplex}. */
export class SocketDuplex extends ConnectionStream implements ReadinessHandler {
  readonly #libc: Libc;
  readonly #loop: EventLoop;
  #registration: Registration | undefined;
  /** Whether the reader has room. */
  #isWanted = false;
  #outgoing: Outgoing | undefined;
  #mayHold = true;

  /** @param take gives the descriptor, once nothing else can go wrong */
  constructor(
    take: () => SocketDescriptor<Family>,
    options: SocketDuplexOptions & { readonly loop: EventLoop; readonly libc: Libc },
  ) {
    super(take, options);
    const { loop, libc, head } = options;
    this.#libc = libc;
    this.#loop = loop;
    const { family, type } = this.owned;
    // While it is registered, the loop holds it.
    watchUnclosed(this, new Remains({ family, type, fd: this.fileno(), libc }));
    if (head !== undefined && head.length > 0) this.push(head);
    this.read(0); // whoever only writes is to hear, too, that the peer has left
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
      this.owned.shutdown('write');
    } catch (error) {
      // The connection is over already: the reader hears how.
      if (!(error instanceof NotConnectedError)) return callback(asError(error));
    }
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.idle.stop();
    this.#leaveLoop();
    forgetUnclosed(this);
    this.owned.close();
    const outgoing = this.#outgoing;
    this.#outgoing = undefined;
    callback(error);
    if (outgoing === undefined) return;
    // Whoever waits to hear that his bytes are gone hears that they are not. Behind `close`: a write that fails makes
    // an error of the stream's end, and one that is just destroyed has none.
    setImmediate(() => outgoing.callback(error ?? new SocketClosedError('send')));
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
    const { family } = this.owned;
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
      count = this.owned.tryRecvInto(this.#loop.receiveBuffer);
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
    this.received += count;
    this.idle.touch();
    // Who reads it may destroy the stream.
    this.#isWanted = this.push(copyOut(this.#loop.receiveBuffer, count)) && !this.destroyed;
  }

  /** Sends what the kernel takes; the rest waits until it is writable. */
  #send(): void {
    const { parts, length, callback } = this.#outgoing as Outgoing; // only called when there is one
    try {
      for (let part = parts[0]; part !== undefined; part = parts[0]) {
        const count = this.owned.trySend(part);
        if (count === WOULD_BLOCK) return this.#arm();
        this.idle.touch();
        if (count < part.length) parts[0] = part.subarray(count);
        else parts.shift();
      }
    } catch (error) {
      this.#outgoing = undefined;
      callback(asError(error));
      return;
    }
    this.#outgoing = undefined;
    this.sent += length;
    callback();
  }

  // -------------------------------------------------------------------------------------- interest in the loop

  /** Asks the loop for all that is waited for, beside what is armed already. */
  #arm(): void {
    const isReading = this.#isWanted || isReadArmed(this.#registration);
    const interest = interestOf(isReading, this.#outgoing !== undefined);
    try {
      if (this.#registration?.active === true) this.#registration.modify(interest);
      else this.#registration = this.#loop.register(this.owned.fileno(), interest, this);
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
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
