/**
 * Delivery: sends bytes over one connection, and sees to it that the peer has them before the connection is closed.
 *
 * ```
 *   chunks ---> send ... send ---> shut down for sending ---> the peer closes, or has all and stays
 *          <--- what comes is thrown away, from the first byte on <---
 * ```
 *
 * - What comes is read all the time: a peer that answers before it reads on would otherwise wait for us, and we for it;
 *   and who closes a connection with bytes unread resets it, which can throw away what the peer has not read yet.
 * - It is over when the peer has closed and its kernel has everything; or when its kernel has everything and the peer
 *   stays for {@link STAY_MS} all the same.
 * - A peer whose kernel takes nothing for the time-out is given up. The time that the input takes does not count.
 * - Half a message must not look like a whole one, above all where the end of the connection is that of the message.
 *   So until the last byte is sent the socket is set to end with a reset, however this process ends. A Unix socket has
 *   no resets: there the peer sees an ordinary end.
 */
import { addAbortSignal, type Readable } from 'node:stream';
import { ERRNO, NotConnectedError, SystemError, systemError, type Family } from '@wireline/socket';
import type { Socket } from '@wireline/socket/promises';
import { count } from '../terminal/plain-text.ts';

/** The most that is received at once, and thrown away. */
const CHUNK = 64 * 1024;

/** How long a peer that has everything may stay: it has its own reasons, and nothing of ours is under way. */
const STAY_MS = 2000;

/** How often one looks. */
const LOOK_MS = 20;

/** What a delivery is about. */
export interface DeliveryOptions {
  /** The peer, as people write it. */
  readonly peer: string;
  /** How long it may take nothing. */
  readonly timeoutMs: number;
}

/** How a delivery went. */
export interface DeliveryFacts {
  /** How many bytes were sent. */
  readonly sent: number;
  /** How many came back, and were not kept. */
  readonly cameBack: number;
  /** Whether the peer has closed, too. */
  readonly peerClosed: boolean;
}

/** Sends over one connection. */
export class Delivery {
  readonly #socket: Socket<Family>;
  readonly #options: DeliveryOptions;
  /** Aborts with the reason when it fails. */
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;
  #finish: () => void = () => {};
  /** What is waited for: input, room to send, or that the peer takes the last of it. */
  #state: 'input' | 'room' | 'peer' = 'input';
  #sent = 0;
  #cameBack = 0;
  #peerClosed = false;
  /** How far it was at the last look, and since when. */
  #taken = 0;
  #movedAt = performance.now();
  /** Whether the last look has found that nothing moves: a process that was stopped for an hour looks twice. */
  #isSuspected = false;

  /** @param socket connected; it stays the caller's */
  constructor(socket: Socket<Family>, options: DeliveryOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#over = new Promise((resolve, reject) => {
      this.#finish = resolve;
      const { signal } = this.#stop;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    this.#over.catch(() => {}); // `run` awaits it when it has sent everything
  }

  /**
   * Sends all of `input`. To be called once.
   *
   * @throws Error when the peer closes or resets the connection early, or takes nothing; and what `input` fails with.
   */
  async run(input: Readable): Promise<DeliveryFacts> {
    this.#socket.setTimeout(null); // time is watched here
    this.#resetUnlessDone(true);
    addAbortSignal(this.#stop.signal, input);
    const watch = setInterval(() => this.#look(), LOOK_MS);
    const discarding = this.#discard();
    try {
      await this.#sendAll(input);
      await this.#over;
    } catch (error) {
      throw this.#explain(error);
    } finally {
      clearInterval(watch);
      this.#stop.abort();
      await discarding;
    }
    return { sent: this.#sent, cameBack: this.#cameBack, peerClosed: this.#peerClosed };
  }

  async #sendAll(input: Readable): Promise<void> {
    const { signal } = this.#stop;
    // The stream carries bytes: no encoding was set.
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      this.#state = 'room';
      for (let rest = chunk; rest.length > 0;) {
        const sent = await this.#socket.send(rest, { signal });
        this.#sent += sent;
        rest = rest.subarray(sent);
      }
      this.#state = 'input';
    }
    this.#resetUnlessDone(false);
    this.#shutDown();
    this.#state = 'peer';
    this.#look();
  }

  /** A connection that was there and is not any more was reset: `shutdown` comes before whoever receives hears of it. */
  #shutDown(): void {
    try {
      this.#socket.shutdown('write');
    } catch (error) {
      throw error instanceof NotConnectedError ? systemError('send', ERRNO.ECONNRESET) : error;
    }
  }

  /** Reads until the peer closes. Never rejects: what breaks the connection stops everything. */
  async #discard(): Promise<void> {
    const buffer = new Uint8Array(CHUNK);
    const { signal } = this.#stop;
    try {
      for (;;) {
        const received = await this.#socket.recvInto(buffer, { signal });
        if (received === 0) break;
        this.#cameBack += received;
      }
      this.#peerClosed = true;
      this.#look();
    } catch (error) {
      this.#stop.abort(error); // unless that is why
    }
  }

  /** To be called now and then: finds out whether it is over, or stands still. */
  #look(): void {
    if (this.#stop.signal.aborted) return;
    try {
      this.#checkBroken();
      this.#checkProgress(this.#socket.queueDepths().sendQ);
    } catch (error) {
      this.#stop.abort(error);
    }
  }

  /** Behind the peer's end nobody receives, who would hear of a reset. */
  #checkBroken(): void {
    if (!this.#peerClosed || this.#state !== 'peer') return;
    const errno = this.#socket.getsockopt('SO_ERROR');
    if (errno !== 0) throw systemError('send', errno);
  }

  /** @param waiting how many bytes the peer's kernel does not have; as many as there are, and some, for a Unix socket */
  #checkProgress(waiting: number): void {
    const now = performance.now();
    const taken = this.#sent - waiting;
    const isOwed = waiting > 0 || this.#state === 'room';
    if (taken !== this.#taken || (this.#state === 'input' && !isOwed)) this.#movedAt = now;
    this.#taken = taken;
    const still = now - this.#movedAt;
    if (this.#state === 'peer' && !isOwed && (this.#peerClosed || still >= STAY_MS)) this.#finish();
    const { timeoutMs } = this.#options;
    const wasSuspected = this.#isSuspected;
    this.#isSuspected = isOwed && still >= timeoutMs;
    if (!this.#isSuspected || !wasSuspected) return;
    throw new Error(`it took nothing for ${timeoutMs / 1000} s; --timeout waits longer`);
  }

  /** Whether closing is a reset; see the head of this file. */
  #resetUnlessDone(isReset: boolean): void {
    if (this.#socket.family !== 'unix') this.#socket.setsockopt('SO_LINGER', isReset ? 0 : null);
  }

  /** Says of the connection's own trouble whom it was with. */
  #explain(error: unknown): unknown {
    const { signal } = this.#stop;
    const reason: unknown = signal.aborted ? signal.reason : error;
    if (!(reason instanceof Error) || (!signal.aborted && !(reason instanceof SystemError))) {
      return reason; // the input's
    }
    const told = `the peer did not take the whole message, of which ${count(this.#sent, 'byte')} went`;
    return new Error(`send to ${this.#options.peer}: ${told}: ${reason.message}`, {
      cause: reason,
    });
  }
}
