/**
 * EchoConversation: one client of `echo-server`, from its first byte to its last.
 *
 * ```
 *   receive ---a chunk---> send all of it ---> receive ...
 *      | the client has sent its last: ended
 *      | nothing came for the idle time: idle
 *      | the server stops: what the kernel has by then goes back, too
 * ```
 *
 * - It holds one chunk at most, and none while it waits for one. A client that does not read is not read from.
 * - Every wait ends: for a byte after the idle time, for room to send after the stall time, each counted from the last
 *   byte that went.
 * - A client that was sending a moment ago is sending still when the server stops. To close in the middle of that
 *   would reset the connection, and the reset throws away what the client has not read yet. So the server says its
 *   last and reads on for a moment, without keeping anything.
 */
import {
  formatAddress,
  SystemError,
  TimeoutError,
  type Address,
  type Family,
} from '@wireline/socket';
import type { Socket } from '@wireline/socket/promises';

/** The most that is received at once: what `recv` usually brings, and all that a connection holds. */
const CHUNK = 64 * 1024;

/** How long one that stops reads on: some round trips around the world. */
const LINGER_MS = 1000;

/** How it may end, if nothing breaks. */
export type EchoEnding = 'ended' | 'idle' | 'stopped';

/** What holds for all conversations of a server. */
export interface EchoTerms {
  readonly isReversed: boolean;
  /** How long a client may be silent. */
  readonly idleMs: number;
  /** How long a client may take nothing of what is sent. */
  readonly writeStallMs: number;
  /** Aborts when the server goes down. */
  readonly stop: AbortSignal;
}

/** A client and its bytes. */
export class EchoConversation {
  /** Its address, as people write it. */
  readonly peer: string;
  readonly #socket: Socket<Family>;
  readonly #terms: EchoTerms;
  #echoed = 0;
  /** When the last byte came. */
  #heardAt = -Infinity;

  /** @param socket connected; the conversation owns it */
  constructor(socket: Socket<Family>, address: Address, terms: EchoTerms) {
    this.#socket = socket;
    this.peer = formatAddress(address);
    this.#terms = terms;
  }

  /** How many bytes went back. */
  get echoed(): number {
    return this.#echoed;
  }

  /**
   * Echoes until it is over, and closes the socket.
   *
   * @throws SystemError when the connection breaks; SocketClosedError after {@link close}.
   */
  async run(): Promise<EchoEnding> {
    try {
      // Small echoes go at once; Nagle's algorithm, of TCP alone, would hold them back.
      if (this.#socket.family !== 'unix') this.#socket.setsockopt('TCP_NODELAY', true);
      const ending = await this.#echoAll();
      if (ending === 'stopped') await this.#finish();
      return ending;
    } finally {
      this.#socket.close();
    }
  }

  /** Ends it at once. */
  close(): void {
    this.#socket.close();
  }

  async #echoAll(): Promise<EchoEnding> {
    const { stop, idleMs } = this.#terms;
    while (!stop.aborted) {
      let chunk: Uint8Array;
      try {
        this.#socket.setTimeout(idleMs);
        chunk = await this.#socket.recv(CHUNK, { signal: stop });
      } catch (error) {
        if (stop.aborted) break;
        if (error instanceof TimeoutError) return 'idle';
        throw error;
      }
      if (chunk.length === 0) return 'ended';
      await this.#send(chunk);
    }
    return 'stopped';
  }

  /** Sends all of `chunk`, or its bytes in reverse order. */
  async #send(chunk: Uint8Array): Promise<void> {
    this.#heardAt = performance.now();
    this.#socket.setTimeout(this.#terms.writeStallMs);
    let rest = this.#terms.isReversed ? chunk.reverse() : chunk;
    while (rest.length > 0) {
      // One call after the other, not `sendAll`: each that gets some bytes off has the whole time again.
      const count = await this.#trySend(rest);
      this.#echoed += count;
      rest = rest.subarray(count);
    }
  }

  async #trySend(bytes: Uint8Array): Promise<number> {
    try {
      return await this.#socket.send(bytes);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      const seconds = this.#terms.writeStallMs / 1000;
      const told = `send: the client took nothing for ${seconds} s; --write-timeout waits longer`;
      throw new Error(told, { cause: error });
    }
  }

  /** Echoes what has come by now, and says the last. */
  async #finish(): Promise<void> {
    for (let left = this.#socket.queueDepths().recvQ; left > 0;) {
      const chunk = await this.#socket.recv(Math.min(left, CHUNK));
      if (chunk.length === 0) return;
      left -= chunk.length;
      await this.#send(chunk);
    }
    if (performance.now() - this.#heardAt > LINGER_MS) return;
    try {
      this.#socket.shutdown('write');
      const end = performance.now() + LINGER_MS;
      for (let left = LINGER_MS; left > 0; left = end - performance.now()) {
        this.#socket.setTimeout(left);
        if ((await this.#socket.recv(CHUNK)).length === 0) return;
      }
    } catch (error) {
      // Nothing that it still wanted to hear: it is over either way.
      if (!(error instanceof SystemError)) throw error;
    }
  }
}
