/**
 * SocketFile: a connection read and written as a file, through a buffer in each direction.
 *
 * The trap of this textbook chapter: what was written waits in the buffer until it is full, `flush` or
 * `close`. Who asks a question and waits for the answer without flushing waits for ever.
 *
 * The socket stays its owner's: closing the file flushes and leaves the socket open. Bytes that came and
 * were not read stay in the file: do not receive from the socket beside it.
 */

import { checkBytes } from '../check-bytes.ts';
import { checkSize } from '../messages/receive-room.ts';
import {
  bufferSizeOf,
  endTooFar,
  LINE_LIMIT,
  lineTooLong,
  READ_LIMIT,
  type ReadLimit,
  type SocketFileOptions,
} from './options.ts';
import { ReadBuffer } from './read-buffer.ts';
import { WriteBuffer } from './write-buffer.ts';

/** What a file needs of its socket. */
export interface BlockingStream {
  recvInto(buffer: Uint8Array): number;
  /** Returns how many bytes were sent. */
  send(bytes: Uint8Array): number;
  sendAll(bytes: Uint8Array): void;
}

/**
 * A socket as a file; made by `Socket.makeFile`. Its calls block as the socket's do, and throw what those
 * throw.
 *
 * @example
 * ```ts
 * using file = socket.makeFile();
 * file.write(new TextEncoder().encode('name?\n'));
 * file.flush();
 * const answer = new TextDecoder().decode(file.readLine());
 * ```
 */
export class SocketFile {
  readonly #stream: BlockingStream;
  readonly #received: ReadBuffer;
  readonly #written: WriteBuffer;

  /** @throws RangeError when the size of the buffers is none. */
  constructor(stream: BlockingStream, options: SocketFileOptions = {}) {
    const size = bufferSizeOf(options);
    this.#stream = stream;
    this.#received = new ReadBuffer(size);
    this.#written = new WriteBuffer(size);
  }

  /** Reads `size` bytes; fewer only when the peer has sent its last. */
  read(size: number): Uint8Array {
    checkSize('read', size);
    while (this.#received.length < size && this.#receive()) continue;
    return this.#received.take(size);
  }

  /**
   * Reads a line, with its line feed. The last one may have none; after it lines are empty.
   *
   * @throws LimitError when there is no line end within the limit, 64 KiB unless told.
   */
  readLine({ limit = LINE_LIMIT }: ReadLimit = {}): Uint8Array {
    checkSize('readLine', limit);
    for (;;) {
      const line = this.#received.maybeTakeLine(limit);
      if (line !== undefined) return line;
      if (this.#received.length >= limit) throw lineTooLong(limit);
      if (!this.#receive()) return this.#received.take(limit);
    }
  }

  /**
   * Reads until the peer has sent its last byte.
   *
   * @throws LimitError when more comes than the limit, 16 MiB unless told.
   */
  readToEnd({ limit = READ_LIMIT }: ReadLimit = {}): Uint8Array {
    checkSize('readToEnd', limit);
    do {
      if (this.#received.length > limit) throw endTooFar(limit);
    } while (this.#receive());
    return this.#received.take(limit);
  }

  /** Keeps `bytes` for the next flush, and sends what has no room. */
  write(bytes: Uint8Array): void {
    checkBytes('write', bytes);
    if (this.#written.tryAdd(bytes)) return;
    this.flush();
    if (!this.#written.tryAdd(bytes)) this.#stream.sendAll(bytes);
  }

  /** Sends what was written. Should that fail, what was not sent waits for the next flush. */
  flush(): void {
    while (this.#written.length > 0) this.#written.drop(this.#stream.send(this.#written.bytes));
  }

  /** Sends what was written. The socket stays open. */
  close(): void {
    this.flush();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** {@link lines} without options. */
  [Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    return this.lines();
  }

  /** The lines that come, until the peer has sent its last. */
  *lines(options: ReadLimit = {}): Generator<Uint8Array, void, undefined> {
    for (;;) {
      const line = this.readLine(options);
      if (line.length === 0) return;
      yield line;
    }
  }

  /** Receives once; false when the peer has sent its last byte. */
  #receive(): boolean {
    const count = this.#stream.recvInto(this.#received.space());
    this.#received.filled(count);
    return count > 0;
  }
}
