/**
 * Receiver: one decoder and its buffer at work on one stream, watched.
 *
 * It holds the decoder to what needs no knowledge of the stream:
 *
 * - it parses or raises a Remote error, and each result consumes something, so that it cannot go round;
 * - consumed and unread bytes are all that came;
 * - what waits unread is never more than the limits allow, and the buffer holds no more memory than twice
 *   what came and the room to receive into; none when nothing is unread;
 * - after an error that loses the framing, every call throws that very error and nothing is consumed.
 */
import {
  NEED_DATA,
  ReceiveBuffer,
  RemoteProtocolError,
  TruncatedFrameError,
} from '@wireline/framing';
import { FRAMING_AFTER, MessageDecoder, MessageError } from '@wireline/message';
import type { HeaderRecognizer, Limits, Message } from '@wireline/message';
import { Fault, showThrown } from './fault.ts';

/** Four times of what has come: so much may be reserved for content that was announced, and no more. */
const HELD_TIMES = 4;

/** What a receive buffer keeps free to receive into in place: the room that `beginReceive` makes. */
const RECEIVE_ROOM = 64 * 1024;
/** Written over the shared memory after each turn, so that whoever kept a view of it is found out. */
const POISON = 0xa5;

/** One thing that came out of a stream: a message, or the error in its place. */
export interface Result {
  readonly outcome: Message | RemoteProtocolError;
  /** How many bytes of the stream were consumed when it was out. */
  readonly end: number;
}

/** How a receiver is set up. */
export interface ReceiverOptions {
  readonly limits: Limits;
  readonly recognizer: HeaderRecognizer;
  /** Memory to receive into, which other streams use in turn; without it, chunks are appended. */
  readonly scratch?: Uint8Array | undefined;
}

/** Reads one stream, chunk by chunk. */
export class Receiver {
  readonly results: Result[] = [];
  readonly #decoder: MessageDecoder;
  readonly #buffer: ReceiveBuffer;
  readonly #scratch: Uint8Array | undefined;
  #delivered = 0;
  #failure: RemoteProtocolError | undefined;

  constructor({ limits, recognizer, scratch }: ReceiverOptions) {
    this.#decoder = new MessageDecoder({ ...limits, recognizer });
    this.#scratch = scratch;
    // No message part that is waited for is longer, so a decoder that is stuck behind this never goes on.
    const { maxHeaderLength, maxContentLength } = limits;
    this.#buffer = new ReceiveBuffer({
      maxLength: Math.max(2 + maxHeaderLength, maxContentLength),
    });
  }

  /** Whether the framing is lost: nothing more is to be delivered. */
  get lost(): boolean {
    return this.#failure !== undefined;
  }

  /** Delivers a chunk, in pieces where the buffer has no room for all of it, and decodes what there is. */
  deliver(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.lost;) {
      const waiting = this.#buffer.length;
      if (waiting >= this.#buffer.maxLength) {
        throw new Fault(
          'no more bytes to be asked for than a message may have',
          `${waiting} unread`,
        );
      }
      at += this.#take(chunk.subarray(at, at + this.#buffer.maxLength - waiting));
    }
  }

  /** Says that the stream has ended. */
  finish(): void {
    const outcome = this.#attempt(() => this.#decoder.end(this.#buffer));
    if (this.#failure !== undefined) this.#checkLost(this.#failure, outcome);
    else if (outcome instanceof TruncatedFrameError) this.#push(outcome);
    else if (outcome !== undefined) throw unexpected('end to return or say "truncated"', outcome);
    this.#buffer.settle();
    const { length, heldBytes } = this.#buffer;
    if (length === 0 && heldBytes > 0) {
      throw new Fault('no memory to be held for nothing', `${heldBytes} bytes held`);
    }
  }

  /** Returns how many bytes were taken. */
  #take(piece: Uint8Array): number {
    const buffer = this.#buffer;
    const scratch = this.#scratch;
    if (scratch === undefined) {
      buffer.append(piece);
      this.#delivered += piece.length;
      this.#decodeAll();
      this.#checkMemory(0);
      return piece.length;
    }
    const room = buffer.beginReceive(scratch);
    const received = piece.subarray(0, room.length);
    room.set(received);
    buffer.endReceive(received.length);
    this.#delivered += received.length;
    const { bytes, end } = buffer;
    this.#decodeAll();
    buffer.settle();
    if (bytes === scratch) scratch.fill(POISON, 0, end);
    this.#checkMemory(RECEIVE_ROOM);
    return received.length;
  }

  #decodeAll(): void {
    const buffer = this.#buffer;
    for (;;) {
      const before = buffer.offset;
      const outcome = this.#attempt(() => this.#decoder.decode(buffer));
      if (buffer.offset + buffer.length !== this.#delivered) {
        const received = `${buffer.offset} consumed and ${buffer.length} unread`;
        throw new Fault(`${this.#delivered} bytes to be consumed or unread`, received);
      }
      if (outcome === NEED_DATA) return;
      if (outcome instanceof Error) checkError(outcome);
      this.#push(outcome);
      if (this.#failure !== undefined) {
        this.#checkLost(
          this.#failure,
          this.#attempt(() => this.#decoder.decode(buffer)),
        );
        return;
      }
      if (buffer.offset === before) {
        throw new Fault('a result to consume something', 'a result for nothing');
      }
    }
  }

  #push(outcome: Message | RemoteProtocolError): void {
    this.results.push({ outcome, end: this.#buffer.offset });
    if (outcome instanceof RemoteProtocolError && outcome.framing === 'lost') {
      this.#failure = outcome;
    }
  }

  /** What a call returned, or the Remote error that it threw. */
  #attempt<Value>(call: () => Value): Value | RemoteProtocolError {
    try {
      return call();
    } catch (thrown) {
      if (thrown instanceof RemoteProtocolError) return thrown;
      throw new Fault('a message or a RemoteProtocolError', showThrown(thrown), { cause: thrown });
    }
  }

  #checkLost(failure: RemoteProtocolError, outcome: unknown): void {
    if (outcome !== failure)
      throw unexpected('the same error in each call that follows it', outcome);
    const end = this.results.at(-1)?.end;
    if (this.#buffer.offset === end) return;
    throw new Fault('nothing to be consumed after the framing is lost', `${this.#buffer.offset}`);
  }

  #checkMemory(room: number): void {
    const { heldBytes } = this.#buffer;
    const allowed = HELD_TIMES * this.#delivered + room;
    if (heldBytes <= allowed) return;
    throw new Fault(`at most ${allowed} bytes to be held`, `${heldBytes} bytes held`);
  }
}

/** The facts of an error that `decode` threw are those that the protocol and its log lines rely on. */
function checkError(error: RemoteProtocolError): void {
  if (!(error instanceof MessageError)) throw unexpected('decode to throw a MessageError', error);
  const { code, framing, message, sample } = error;
  if (FRAMING_AFTER[code] !== framing) throw unexpected(`the framing of ${code}`, error);
  if (!/^read .+: ./s.test(message)) throw unexpected('a message "read ...: ..."', error);
  if (sample.length > 32 * 3 - 1) throw new Fault('a sample of 32 bytes', sample);
}

function unexpected(expected: string, received: unknown): Fault {
  return new Fault(expected, received instanceof Error ? showThrown(received) : String(received));
}
