/**
 * A decoder of frames at work on one stream, watched. It holds the decoder to what needs no knowledge of the stream:
 *
 * - it parses or raises a Remote error, and of two results that come before the end one consumes something;
 * - consumed and unread bytes are all that came;
 * - what waits, in buffer and decoder, is never more than the limit of a frame;
 * - after an error that loses the framing every call throws that very error;
 * - once it is closed it consumes all, gives nothing, and `end` returns.
 */
import {
  NEED_DATA,
  ReceiveBuffer,
  RemoteProtocolError,
  type FrameDecoder,
} from '@wireline/framing';
import { Fault, showThrown } from './fault.ts';

/** What came out: a frame, or what an error says that does not depend on the chunks. */
export type FramedResult =
  | { readonly frame: unknown }
  | { readonly code: string; readonly framing: string; readonly offset: number | undefined };

/** All that came of a stream. */
export interface Reading {
  readonly results: readonly FramedResult[];
  readonly closed: boolean;
}

/** How a stream is read. */
export interface ReadingOptions {
  /** Lengths of chunks, over and over; none for one chunk. */
  readonly chunks: readonly number[];
  /** Memory to receive into; without it, chunks are appended. */
  readonly scratch?: Uint8Array | undefined;
  /** The most bytes that may wait. */
  readonly mostHeld: number;
}

/** Written over shared memory when it is given back. */
const POISON = 0xa5;

/** Reads all of `bytes` and the end behind them. */
export function readStream(
  decoder: FrameDecoder<unknown>,
  bytes: Uint8Array,
  options: ReadingOptions,
): Reading {
  const reader = new FramedReader(decoder, options);
  const { chunks } = options;
  let at = 0;
  for (let turn = 0; at < bytes.length && !reader.lost; turn++) {
    const length = chunks[turn % chunks.length] ?? bytes.length;
    at += reader.deliver(bytes.subarray(at, at + length));
  }
  reader.finish();
  return { results: reader.results, closed: decoder.closed };
}

class FramedReader {
  readonly results: FramedResult[] = [];
  readonly #buffer = new ReceiveBuffer();
  readonly #decoder: FrameDecoder<unknown>;
  readonly #scratch: Uint8Array | undefined;
  readonly #mostHeld: number;
  #delivered = 0;
  #failure: RemoteProtocolError | undefined;

  constructor(decoder: FrameDecoder<unknown>, { scratch, mostHeld }: ReadingOptions) {
    this.#decoder = decoder;
    this.#scratch = scratch;
    this.#mostHeld = mostHeld;
  }

  /** Whether the framing is lost. */
  get lost(): boolean {
    return this.#failure !== undefined;
  }

  /** Delivers what there is room for, and decodes all there is. Returns how many bytes that were. */
  deliver(chunk: Uint8Array): number {
    const buffer = this.#buffer;
    const scratch = this.#scratch;
    const room = scratch === undefined ? chunk : buffer.beginReceive(scratch);
    const received = chunk.subarray(0, room.length);
    if (scratch === undefined) {
      buffer.append(received);
    } else {
      room.set(received);
      buffer.endReceive(received.length);
    }
    this.#delivered += received.length;
    this.#decodeAll();
    const { bytes, end } = buffer;
    buffer.settle();
    if (bytes === scratch) bytes.fill(POISON, 0, end);
    return received.length;
  }

  /** Says that the stream has ended, and decodes what that completes. */
  finish(): void {
    const decoder = this.#decoder;
    const buffer = this.#buffer;
    const wasLost = this.lost;
    this.#attempt(() => {
      decoder.end(buffer);
      return NEED_DATA;
    });
    if (this.lost) {
      // The same error comes again, from `end` and from `decode`.
      this.#attempt(() => decoder.decode(buffer));
      return;
    }
    if (wasLost) throw new Fault('the framing to stay lost', 'an end as if nothing were wrong');
    if (
      this.#attempt(() => decoder.decode(buffer)) &&
      this.#attempt(() => decoder.decode(buffer))
    ) {
      throw new Fault('at most one result behind the end', 'another');
    }
    if (buffer.length > 0 && !this.lost) {
      throw new Fault('nothing unread at a clean end', `${buffer.length} bytes`);
    }
  }

  #decodeAll(): void {
    const buffer = this.#buffer;
    let before = -1;
    let idle = 0;
    while (!this.lost && this.#attempt(() => this.#decoder.decode(buffer))) {
      idle = buffer.offset === before ? idle + 1 : 0;
      before = buffer.offset;
      // The last piece of a frame may be empty.
      if (idle > 1 && !this.lost) {
        throw new Fault('results to consume something', 'two in a row for nothing');
      }
    }
    const { offset, length } = buffer;
    if (offset + length !== this.#delivered) {
      throw new Fault(`${this.#delivered} bytes consumed or unread`, `${offset} and ${length}`);
    }
    if (this.lost) return;
    const held = length + heldBy(this.#decoder);
    if (held > this.#mostHeld) {
      throw new Fault(`at most ${this.#mostHeld} bytes to wait`, `${held}`);
    }
    if (this.#decoder.closed && length > 0) {
      throw new Fault('a closed decoder to consume all', `${length} bytes unread`);
    }
  }

  /** Returns whether there was a result. */
  #attempt(step: () => unknown): boolean {
    try {
      const frame = step();
      if (frame === NEED_DATA) return false;
      this.results.push({ frame });
    } catch (thrown) {
      if (!(thrown instanceof RemoteProtocolError)) {
        throw new Fault('a frame or a RemoteProtocolError', showThrown(thrown), { cause: thrown });
      }
      this.#keep(thrown);
    }
    return true;
  }

  #keep(error: RemoteProtocolError): void {
    if (this.#failure !== undefined) {
      if (error === this.#failure) return;
      throw new Fault('the same error in each call that follows it', showThrown(error));
    }
    const { code, framing, offset } = error;
    this.results.push({ code, framing, offset });
    if (framing === 'lost') this.#failure = error;
  }
}

function heldBy(decoder: FrameDecoder<unknown>): number {
  return 'heldBytes' in decoder && typeof decoder.heldBytes === 'number' ? decoder.heldBytes : 0;
}
