/**
 * Incoming: the messages of one connection, in pieces, as they come.
 *
 * Nothing comes while nobody asks: who does not take the pieces has the peer wait.
 */
import { NEED_DATA, ReceiveBuffer, type Piece } from '@wireline/framing';
import { TimeoutError, type Family } from '@wireline/socket';
import type { Socket } from '@wireline/socket/promises';
import { count } from '../terminal/plain-text.ts';
import type { MessageDecoder } from './message-framing.ts';
import { inOptions } from './options.ts';

/** The most that is received at once. */
const CHUNK = 64 * 1024;

/** What messages are read with. */
export interface IncomingOptions {
  readonly decoder: MessageDecoder;
  /** The peer, as people write it. */
  readonly peer: string;
  /** The framing, as it was written. */
  readonly name: string;
  /** The most bytes of a whole frame. */
  readonly maxLength: number;
  /** How long it may be silent. */
  readonly timeoutMs: number;
}

/** The messages of one connection. */
export class Incoming {
  readonly #socket: Socket<Family>;
  readonly #options: IncomingOptions;
  readonly #buffer: ReceiveBuffer;
  readonly #scratch = new Uint8Array(CHUNK);
  #received = 0;
  #isEnded = false;

  /** @param socket connected; it stays the caller's */
  constructor(socket: Socket<Family>, options: IncomingOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#buffer = new ReceiveBuffer({ maxLength: options.maxLength + CHUNK }); // the decoder's limit speaks first
  }

  /** How many bytes came behind the last message that was taken, as far as they are here. */
  get left(): number {
    return this.#buffer.length + this.#socket.queueDepths().recvQ;
  }

  /**
   * The next piece; `undefined` when the peer closed between two messages.
   *
   * @throws Error when it closes within one, breaks the framing, is silent, or the connection breaks.
   */
  async next(): Promise<Piece | undefined> {
    const { decoder } = this.#options;
    try {
      for (;;) {
        const piece = decoder.decode(this.#buffer);
        if (piece !== NEED_DATA) return piece;
        if (this.#isEnded) return undefined;
        await this.#receive();
        if (this.#isEnded) decoder.end(this.#buffer);
      }
    } catch (error) {
      throw explain(error, this.#options);
    }
  }

  async #receive(): Promise<void> {
    const buffer = this.#buffer;
    const length = await this.#recv(buffer.beginReceive(this.#scratch));
    buffer.endReceive(length);
    this.#received += length;
    this.#isEnded = length === 0;
  }

  async #recv(room: Uint8Array): Promise<number> {
    const { timeoutMs } = this.#options;
    this.#socket.setTimeout(timeoutMs);
    try {
      return await this.#socket.recvInto(room);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      const told = `nothing came for ${timeoutMs / 1000} s, after ${count(this.#received, 'byte')}`;
      throw new Error(`${told}; --timeout waits longer`, { cause: error });
    }
  }
}

/** Says of a connection's trouble whom it was with, and of a limit how to raise it. */
function explain(error: unknown, options: IncomingOptions): unknown {
  if (!(error instanceof Error)) return error;
  const told = `receive from ${options.peer}: ${inOptions(error, options)}`;
  return new Error(told, { cause: error });
}
