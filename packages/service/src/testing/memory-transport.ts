/**
 * MemoryTransport: one end of a connection in memory.
 *
 * It behaves as a Linux socket does, each rule tried there:
 *
 * - What had arrived before a reset can still be received; then the reset is thrown once, by whichever
 *   call is first; then receiving gives the end of the stream, sending EPIPE, and ending the output ENOTCONN.
 * - After the peer's end of stream a reset is not thrown by receiving: that gives 0 as before.
 * - Closing with unread bytes resets the connection, and loses what is in flight. Closing without them sends
 *   the end behind what is in flight, and resets the peer as soon as it sends more.
 * - An end whose output has ended is writable: sending tells it so.
 */
import type { ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import {
  BrokenPipeError,
  ConnectionResetError,
  ERRNO,
  SocketClosedError,
  SystemError,
  WOULD_BLOCK,
  type Address,
  type WouldBlock,
} from '@wireline/socket';
import {
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  type Interest,
  type ReadinessHandler,
  type TurnTask,
} from '@wireline/socket/event-loop';
import type { Transport } from '../transport.ts';
import type { MemoryLoop, MemoryRegistration, ReadinessSource } from './memory-loop.ts';
import type { Pipe } from './pipe.ts';

/** What an end is made of. */
export interface MemoryTransportParts {
  readonly loop: MemoryLoop;
  readonly remoteAddress: Address;
  readonly incoming: Pipe;
  readonly outgoing: Pipe;
  /** Hears what this end does. */
  readonly note: (event: string) => void;
  /** Called once, when this end is closed. */
  readonly onClosed: () => void;
}

/** One end. */
export class MemoryTransport implements Transport, ReadinessSource {
  readonly remoteAddress: Address;
  readonly #parts: MemoryTransportParts;
  readonly #loop: MemoryLoop;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  #peer: MemoryTransport | undefined;
  #registration: MemoryRegistration | undefined;
  #closed = false;
  /** The peer's end of stream has arrived; there may be unread bytes before it. */
  #inputEnded = false;
  #outputEnded = false;
  #broken = false;
  /** Not thrown yet. */
  #error: ((syscall: string) => SystemError) | undefined;

  constructor(parts: MemoryTransportParts) {
    this.#parts = parts;
    this.#loop = parts.loop;
    this.#incoming = parts.incoming;
    this.#outgoing = parts.outgoing;
    this.remoteAddress = parts.remoteAddress;
  }

  /** Makes two ends each other's peer. */
  static join(one: MemoryTransport, other: MemoryTransport): void {
    one.#peer = other;
    other.#peer = one;
  }

  get closed(): boolean {
    return this.#closed;
  }

  start(owner: ReadinessHandler, interest: Interest): void {
    this.#checkOpen('register');
    this.#registration = this.#loop.register(this, owner);
    this.#registration.modify(interest);
  }

  waitFor(interest: Interest): void {
    this.#registration?.modify(interest);
  }

  receive(buffer: ReceiveBuffer): number | WouldBlock {
    this.#checkOpen('recv');
    const count = this.#receiveInto(buffer.beginReceive(this.#loop.receiveBuffer));
    if (count !== WOULD_BLOCK) buffer.endReceive(count);
    return count;
  }

  #receiveInto(space: Uint8Array): number | WouldBlock {
    const { unread } = this.#incoming;
    if (unread > 0) {
      const count = this.#incoming.read(space);
      this.#parts.note(`receives ${count} of ${unread} bytes`);
      return count === 0 ? WOULD_BLOCK : count;
    }
    if (this.#inputEnded) return 0;
    this.#throwError('recv');
    return this.#broken ? 0 : WOULD_BLOCK;
  }

  send(buffer: SendBuffer): number | WouldBlock {
    this.#checkOpen('send');
    this.#throwError('send');
    if (this.#broken || this.#outputEnded) throw new BrokenPipeError('send', ERRNO.EPIPE);
    const { bytes, start, end } = buffer;
    const taken = this.#outgoing.write(bytes.subarray(start, end));
    this.#parts.note(`sends ${taken} of ${end - start} bytes`);
    if (taken === 0) return WOULD_BLOCK;
    buffer.consume(taken);
    return taken;
  }

  endOutput(): void {
    this.#checkOpen('shutdown');
    if (this.#over) throw new SystemError('shutdown', ERRNO.ENOTCONN);
    if (this.#outputEnded) return;
    this.#parts.note('ends its output');
    this.#sendEnd();
  }

  close(): void {
    this.#end(this.#incoming.unread > 0);
  }

  abort(): void {
    this.#end(true);
  }

  /** Closes this end, with a reset or with an end of the stream. */
  #end(resets: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#registration?.unregister();
    const resetPeer = (): void => this.#outgoing.mark(() => this.#peer?.reset());
    this.#incoming.forget();
    this.#incoming.refuse(resetPeer);
    if (!this.#broken && resets) {
      this.#parts.note('closes, and the connection is reset');
      this.#outgoing.drop();
      resetPeer();
    } else {
      this.#parts.note('closes');
      if (!this.#broken && !this.#outputEnded) this.#sendEnd();
    }
    this.#parts.onClosed();
  }

  atEndOfTurn(task: TurnTask): void {
    this.#loop.atEndOfTurn(task);
  }

  /** What this end is ready for now. */
  readiness(): number {
    if (this.#over) return EVENT_READ | EVENT_WRITE | EVENT_HANGUP;
    const readable = this.#inputEnded || this.#incoming.unread > 0;
    const writable = this.#outputEnded || this.#outgoing.writable;
    return (readable ? EVENT_READ : 0) | (writable ? EVENT_WRITE : 0);
  }

  /** The peer's end of stream arrives. */
  endInput(): void {
    this.#inputEnded = true;
  }

  /** A reset arrives. */
  reset(): void {
    if (this.#closed || this.#broken) return;
    this.#broken = true;
    this.#outgoing.drop();
    if (!this.#inputEnded) {
      this.#error = (syscall) => new ConnectionResetError(syscall, ERRNO.ECONNRESET);
    }
  }

  /** Whether nothing can come or go any more. */
  get #over(): boolean {
    return this.#broken || (this.#inputEnded && this.#outputEnded);
  }

  #sendEnd(): void {
    this.#outputEnded = true;
    this.#outgoing.mark(() => this.#peer?.endInput());
  }

  #throwError(syscall: string): void {
    const makeError = this.#error;
    this.#error = undefined;
    if (makeError !== undefined) throw makeError(syscall);
  }

  #checkOpen(attempt: string): void {
    if (this.#closed) throw new SocketClosedError(attempt);
  }
}
