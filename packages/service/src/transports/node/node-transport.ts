/**
 * NodeTransport: a socket of Node's that behaves as a non-blocking one does.
 *
 * ```
 *   'data' -> arrived -> receive            send -> one write that Node has not finished, or none
 *                 '-> a turn -> onReady
 * ```
 *
 * Node pushes, a transport is asked. So what comes waits in `arrived` until somebody receives it, and reading stops
 * while too much of it does. Rules, those of Linux's sockets as far as Node lets them be kept (`../node.ts` says
 * where it does not):
 *
 * - What had arrived before a reset can still be received. Then the reset is thrown once: on TCP by whichever call
 *   is first, on Unix by receiving. Then receiving gives the end of the stream, and sending a broken pipe.
 * - Closing with unread bytes resets, on TCP.
 * - Sending takes bytes only when Node has given all before them to the kernel, and then 64 KiB at most. They are
 *   copied: Node keeps what the kernel does not take at once, and the memory is its owner's to use again.
 */
import { ReceiveBuffer, type SendBuffer } from '@wireline/framing/decoder';
import {
  BrokenPipeError,
  ERRNO,
  SocketClosedError,
  systemError,
  WOULD_BLOCK,
  type Address,
  type SystemError,
  type WouldBlock,
} from '@wireline/socket';
import {
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  type Clock,
  type Interest,
  type ReadinessHandler,
  type TurnTask,
} from '@wireline/socket/event-loop';
import type { Socket } from 'node:net';
import type { Transport } from '../../transport.ts';
import { systemErrorOf } from './node-errors.ts';
import { turns, type Reporter } from './turns.ts';

/** 64 KiB: as much as one `recv` of the native transport brings. */
const RECEIVE_LENGTH = 64 * 1024;

/** 128 KiB: two of the chunks that Node reads at most. One may be worked on while another comes. */
const MAX_ARRIVED = 2 * RECEIVE_LENGTH;

/** 64 KiB: what may wait within Node, on nobody's account. More in one write would not make it faster. */
const SEND_LENGTH = 64 * 1024;

/** 10 s: on a line of 56 kbit/s, 64 KiB take 9. */
const FLUSH_MS = 10_000;

const HUNG_UP = EVENT_READ | EVENT_WRITE | EVENT_HANGUP;

const WANTED: Readonly<Record<Interest, number>> = {
  none: EVENT_HANGUP,
  read: EVENT_READ | EVENT_HANGUP,
  write: EVENT_WRITE | EVENT_HANGUP,
  'read-write': HUNG_UP,
};

const NOBODY: ReadinessHandler = { onReady: () => {} };

/** A connected socket of Node's as a {@link Transport}. */
export class NodeTransport implements Transport, Reporter {
  readonly remoteAddress: Address;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #isTcp: boolean;
  readonly #arrived = new ReceiveBuffer();
  #owner = NOBODY;
  #interest: Interest = 'none';
  /** Whether the next turn comes to us. */
  #isDue = false;
  #isReading = false;
  #inputEnded = false;
  #outputEnded = false;
  /** Whether the network has ended it, both ways. */
  #broken = false;
  /** What it broke with, until somebody has been told. */
  #error: SystemError | undefined;
  #closed = false;
  readonly #onWritten = (): void => {
    if ((WANTED[this.#interest] & EVENT_WRITE) !== 0) this.#schedule();
  };

  /**
   * @param socket connected, with `allowHalfOpen`, and paused since before it was; the transport owns it
   * @param clock measures how long closing may wait for what is unsent
   */
  constructor(socket: Socket, remoteAddress: Address, clock: Clock) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.#clock = clock;
    this.#isTcp = remoteAddress.family !== 'unix';
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error) => this.#onError(error));
  }

  start(owner: ReadinessHandler, interest: Interest): void {
    this.#checkOpen('register');
    this.#owner = owner;
    this.#interest = interest;
    turns.hold();
    this.#schedule();
  }

  waitFor(interest: Interest): void {
    if (this.#closed || interest === this.#interest) return;
    this.#interest = interest;
    this.#schedule();
  }

  receive(buffer: ReceiveBuffer): number | WouldBlock {
    this.#checkOpen('recv');
    const unread = this.#arrived.length;
    if (unread > 0) {
      // One chunk as a rule, and then not copied.
      const bytes = this.#arrived.take(Math.min(unread, RECEIVE_LENGTH));
      buffer.lend(bytes);
      this.#steer();
      return bytes.length;
    }
    if (this.#inputEnded) return 0;
    this.#throwError();
    return this.#broken ? 0 : WOULD_BLOCK;
  }

  send(buffer: SendBuffer): number | WouldBlock {
    this.#checkOpen('send');
    if (this.#isTcp) this.#throwError();
    if (this.#broken || this.#outputEnded) throw new BrokenPipeError('send', ERRNO.EPIPE);
    if (this.#socket.writableLength > 0) return WOULD_BLOCK;
    const { bytes, start, end } = buffer;
    const count = Math.min(end - start, SEND_LENGTH);
    const copy = Buffer.allocUnsafe(count);
    copy.set(bytes.subarray(start, start + count));
    this.#write(copy);
    this.#throwError();
    if (this.#broken) throw new BrokenPipeError('send', ERRNO.EPIPE);
    buffer.consume(count);
    return count;
  }

  endOutput(): void {
    this.#checkOpen('shutdown');
    if (this.#isOver) {
      if (this.#isTcp) throw systemError('shutdown', ERRNO.ENOTCONN);
      return;
    }
    if (this.#outputEnded) return;
    this.#outputEnded = true;
    this.#socket.end();
    this.#schedule();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#owner !== NOBODY) turns.release();
    this.#owner = NOBODY;
    const unread = this.#arrived.length + this.#socket.readableLength;
    this.#arrived.clear();
    if (unread > 0 && this.#isTcp) this.#socket.resetAndDestroy();
    else if (this.#socket.writableLength > 0 && !this.#broken) this.#flush();
    else this.#socket.destroy();
  }

  abort(): void {
    if (this.#closed) return;
    if (this.#isTcp) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    this.#broken = true;
    this.close();
  }

  whenSeen(work: () => void): void {
    // Node reads between its timers and the next turn.
    turns.schedule({ onTurn: work });
  }

  atEndOfTurn(task: TurnTask): void {
    turns.atEndOfTurn(task);
  }

  /** Reports what it is ready for, if that is waited for, and comes again while it is. Called by the turns. */
  onTurn(): void {
    this.#isDue = false;
    if (this.#closed) return;
    this.#steer();
    const events = this.#awaited();
    if (events === 0) return;
    try {
      this.#owner.onReady((events & EVENT_HANGUP) === 0 ? events : HUNG_UP);
    } finally {
      if (this.#awaited() !== 0) this.#schedule();
    }
  }

  /** Whether nothing can come or go any more. */
  get #isOver(): boolean {
    return this.#broken || (this.#inputEnded && this.#outputEnded);
  }

  /** What it is ready for of that which is waited for. */
  #awaited(): number {
    return this.#readiness() & WANTED[this.#interest];
  }

  #readiness(): number {
    if (this.#isOver) return HUNG_UP;
    const readable = this.#arrived.length > 0 || this.#inputEnded;
    const writable = this.#outputEnded || this.#socket.writableLength === 0;
    return (readable ? EVENT_READ : 0) | (writable ? EVENT_WRITE : 0);
  }

  #schedule(): void {
    if (this.#isDue || this.#owner === NOBODY) return;
    this.#isDue = true;
    turns.schedule(this);
  }

  /** Has Node read, or not: only what is waited for, but of TCP a little ahead. */
  #steer(): void {
    const isWanted = this.#isTcp || (WANTED[this.#interest] & EVENT_READ) !== 0;
    const reads = isWanted && this.#arrived.length < MAX_ARRIVED && this.#owner !== NOBODY;
    if (reads === this.#isReading) return;
    this.#isReading = reads;
    if (reads) this.#socket.resume();
    else this.#socket.pause();
  }

  #onData(chunk: Buffer): void {
    if (this.#closed) return;
    this.#arrived.adopt(chunk);
    this.#steer();
    this.#schedule();
  }

  #onEnd(): void {
    this.#inputEnded = true;
    if (!this.#isTcp && !this.#outputEnded && this.#socket.writableLength === 0) {
      // A Unix socket knows whether its peer has ended one direction or both: an empty write asks.
      this.#write(Buffer.alloc(0));
    }
    this.#schedule();
  }

  /** Writes; what fails at once is known at once. */
  #write(bytes: Buffer): void {
    this.#socket.write(bytes, this.#onWritten);
    const { errored } = this.#socket;
    if (errored !== null) this.#onError(errored);
  }

  #onError(error: Error): void {
    if (this.#broken || this.#closed) return;
    this.#broken = true;
    const told = systemErrorOf(error, 'recv');
    // That sending is over is not receiving's business, and behind the end of the stream nothing is.
    if (!this.#inputEnded && !(told instanceof BrokenPipeError)) this.#error = told;
    this.#schedule();
  }

  /** Lets Node send what it has taken, and closes then. */
  #flush(): void {
    const socket = this.#socket;
    const close = (): void => void socket.destroy();
    const patience = this.#clock.after(FLUSH_MS, close);
    socket.once('finish', close);
    socket.once('close', () => patience.cancel());
    socket.end();
  }

  #throwError(): void {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
  }

  #checkOpen(attempt: string): void {
    if (this.#closed) throw new SocketClosedError(attempt);
  }
}
