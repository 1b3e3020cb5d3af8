/**
 * SocketFile of the awaited face; `file/socket-file.ts` is the same for the face that blocks, and tells the
 * rules. One read and one write at a time: a second one fails with `SocketBusyError` and does nothing.
 */

import { SocketBusyError } from '../errors.ts';
import { checkBytes } from '../check-bytes.ts';
import {
  bufferSizeOf,
  checkSize,
  endTooFar,
  LINE_LIMIT,
  lineTooLong,
  READ_LIMIT,
  type ReadLimit,
  type SocketFileOptions,
} from '../file/options.ts';
import { ReadBuffer } from '../file/read-buffer.ts';
import { WriteBuffer } from '../file/write-buffer.ts';

/** What a file needs of its socket. */
export interface AwaitedStream {
  recvInto(buffer: Uint8Array): Promise<number>;
  sendAll(bytes: Uint8Array): Promise<void>;
}

/**
 * A socket as a file; made by `Socket.makeFile`. Its calls wait as the socket's do, and reject with what
 * those reject with.
 *
 * @example
 * ```ts
 * await using file = socket.makeFile();
 * await file.write(new TextEncoder().encode('name?\n'));
 * await file.flush();
 * const answer = new TextDecoder().decode(await file.readLine());
 * ```
 */
export class SocketFile {
  readonly #stream: AwaitedStream;
  readonly #received: ReadBuffer;
  readonly #written: WriteBuffer;
  #isSending = false;

  /** @throws RangeError when the size of the buffers is none. */
  constructor(stream: AwaitedStream, options: SocketFileOptions = {}) {
    const size = bufferSizeOf(options);
    this.#stream = stream;
    this.#received = new ReadBuffer(size);
    this.#written = new WriteBuffer(size);
  }

  /** Reads `size` bytes; fewer only when the peer has sent its last. */
  async read(size: number): Promise<Uint8Array> {
    checkSize('read', size);
    while (this.#received.length < size && (await this.#receive())) continue;
    return this.#received.take(size);
  }

  /**
   * Reads a line, with its line feed. The last one may have none; after it lines are empty.
   *
   * @throws LimitError when there is no line end within the limit, 64 KiB unless told.
   */
  async readLine({ limit = LINE_LIMIT }: ReadLimit = {}): Promise<Uint8Array> {
    for (;;) {
      const line = this.#received.maybeTakeLine(checkSize('readLine', limit));
      if (line !== undefined) return line;
      if (this.#received.length >= limit) throw lineTooLong(limit);
      if (!(await this.#receive())) return this.#received.take(limit);
    }
  }

  /**
   * Reads until the peer has sent its last byte.
   *
   * @throws LimitError when more comes than the limit, 16 MiB unless told.
   */
  async readToEnd({ limit = READ_LIMIT }: ReadLimit = {}): Promise<Uint8Array> {
    checkSize('readToEnd', limit);
    do {
      if (this.#received.length > limit) throw endTooFar(limit);
    } while (await this.#receive());
    return this.#received.take(limit);
  }

  /** Keeps `bytes` for the next flush, and sends what has no room. */
  async write(bytes: Uint8Array): Promise<void> {
    checkBytes('write', bytes);
    if (this.#written.tryAdd(bytes)) return;
    await this.flush();
    if (!this.#written.tryAdd(bytes)) await this.#send(() => bytes);
  }

  /** Sends what was written. */
  async flush(): Promise<void> {
    if (this.#written.length > 0) await this.#send(() => this.#written.take());
  }

  /** Sends what was written. The socket stays open. */
  async close(): Promise<void> {
    await this.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The lines that come, until the peer has sent its last. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const line = await this.readLine();
      if (line.length === 0) return;
      yield line;
    }
  }

  /** Sends what `take` gives, unless a send is under way: then nothing is taken. */
  async #send(take: () => Uint8Array): Promise<void> {
    if (this.#isSending) throw new SocketBusyError('write', 'send');
    this.#isSending = true;
    try {
      await this.#stream.sendAll(take());
    } finally {
      this.#isSending = false;
    }
  }

  /** Receives once; false when the peer has sent its last byte. */
  async #receive(): Promise<boolean> {
    const count = await this.#stream.recvInto(this.#received.space());
    this.#received.filled(count);
    return count > 0;
  }
}
