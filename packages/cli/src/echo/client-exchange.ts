/**
 * Exchange: sends what is read from a stream and prints what comes back, both at the same time.
 *
 * ```
 *   input --a chunk--> send ---> server ---> receive --a chunk--> print
 * ```
 *
 * - One chunk each way is held. Who does not take the output has the server wait, and that the input.
 * - An exchange of a known size is over when as many bytes have come back. Any other half-closes the connection behind
 *   the input, and is over when the server has sent its last.
 * - That the server goes before is an error, and says how many bytes of how many came back.
 * - Silence while something is owed is an error, too: something is, from the first byte sent until as many are back,
 *   while the server takes nothing, and behind the end of the input. The time that the output takes does not count.
 *   Nothing is believed before it was found twice, a tenth of the time apart: a process that was stopped for an hour
 *   receives first what has come meanwhile.
 */
import type { Readable } from 'node:stream';
import { SystemError, type Family } from '@wireline/socket';
import type { Socket } from '@wireline/socket/promises';
import { count } from '../terminal/plain-text.ts';
import type { Printer } from './client-printer.ts';

/** The most that is received at once. */
const CHUNK = 64 * 1024;

/** How often one looks for silence within the time of it. */
const LOOKS_PER_TIMEOUT = 10;

/** What an exchange is about. */
export interface ExchangeOptions {
  /** The server, as people write it. */
  readonly server: string;
  readonly input: Readable;
  /** How many bytes the input has, where that is known: then it is over when they are back. */
  readonly size?: number;
  readonly printer: Printer;
  /** How long the server may be silent while it owes something. */
  readonly timeoutMs: number;
}

/** Sends, receives and prints over one connection. */
export class Exchange {
  readonly #socket: Socket<Family>;
  readonly #options: ExchangeOptions;
  readonly #stop = new AbortController();
  #sent = 0;
  #received = 0;
  /** What the sender is about: it waits for input, or for room to send, or is done. */
  #sending: 'idle' | 'waiting' | 'done' = 'idle';
  #isPrinting = false;
  /** Whether the last look has found silence. */
  #isSuspected = false;
  /** When a byte went or came the last time, or was there to be sent. */
  #movedAt = performance.now();

  /** @param socket connected; it stays the caller's */
  constructor(socket: Socket<Family>, options: ExchangeOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /**
   * Sends and prints everything.
   *
   * @throws Error when the server goes too early or is silent, or the input cannot be read.
   */
  async run(): Promise<void> {
    const { input, printer, timeoutMs } = this.#options;
    this.#socket.setTimeout(null); // silence is watched here
    const period = Math.max(timeoutMs / LOOKS_PER_TIMEOUT, 1);
    const watch = setInterval(() => this.#checkSilence(), period);
    const sending = this.#sendAll();
    try {
      await this.#receiveAll();
      await printer.end();
      this.#checkComplete();
    } catch (error) {
      await printer.end();
      throw this.#stop.signal.aborted ? this.#stop.signal.reason : this.#explain(error);
    } finally {
      clearInterval(watch);
      this.#stop.abort();
      input.destroy();
      await sending;
    }
  }

  /** Never rejects: what goes wrong with the connection, the receiver hears; anything else stops it. */
  async #sendAll(): Promise<void> {
    const { input, size } = this.#options;
    const { signal } = this.#stop;
    try {
      // The stream carries bytes: no encoding was set.
      for await (const chunk of input as AsyncIterable<Uint8Array>) {
        this.#sending = 'waiting';
        this.#movedAt = performance.now(); // whatever the input took is not the server's silence
        for (let rest = chunk; rest.length > 0;) {
          const sent = await this.#socket.send(rest, { signal });
          this.#sent += sent;
          this.#movedAt = performance.now();
          rest = rest.subarray(sent);
        }
        this.#sending = 'idle';
      }
      if (signal.aborted) return;
      if (size === undefined) this.#socket.shutdown('write');
      this.#sending = 'done';
      this.#movedAt = performance.now();
    } catch (error) {
      if (error instanceof SystemError) return;
      this.#stop.abort(error);
    }
  }

  async #receiveAll(): Promise<void> {
    const { size = Infinity, printer } = this.#options;
    const { signal } = this.#stop;
    const buffer = new Uint8Array(CHUNK);
    while (this.#received < size) {
      const length = Math.min(CHUNK, size - this.#received);
      const received = await this.#socket.recvInto(buffer, { length, signal });
      if (received === 0) return;
      this.#received += received;
      this.#isPrinting = true;
      await printer.write(buffer.subarray(0, received));
      this.#isPrinting = false;
      this.#movedAt = performance.now();
    }
  }

  /** To be called now and then: gives a server up that is silent. */
  #checkSilence(): void {
    const { server, timeoutMs } = this.#options;
    const isOwed = this.#received < this.#sent || this.#sending !== 'idle';
    const isSilent = performance.now() - this.#movedAt >= timeoutMs;
    const wasSuspected = this.#isSuspected;
    this.#isSuspected = isOwed && isSilent && !this.#isPrinting;
    if (!this.#isSuspected || !wasSuspected) return;
    const told = `wait for ${server}: nothing came for ${timeoutMs / 1000} s, ${this.#progress()}`;
    this.#stop.abort(new Error(`${told}; --timeout waits longer`));
  }

  #checkComplete(): void {
    const { server, size } = this.#options;
    const isWhole = size === undefined ? this.#sending === 'done' : this.#received === size;
    if (isWhole && this.#received >= this.#sent) return;
    const when = this.#sending === 'done' ? '' : ' before the end of the input';
    throw new Error(
      `receive from ${server}: the server closed${when}, ${this.#progress()}; is it an echo server?`,
    );
  }

  /** Says of the connection's own trouble how far it was. */
  #explain(error: unknown): unknown {
    if (!(error instanceof SystemError)) return error;
    const told = `receive from ${this.#options.server}: ${this.#progress()}; ${error.message}`;
    return new Error(told, { cause: error });
  }

  /** `3 of 12 bytes came back`. */
  #progress(): string {
    return `${this.#received} of ${count(this.#options.size ?? this.#sent, 'byte')} came back`;
  }
}
