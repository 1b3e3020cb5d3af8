/**
 * SocketFile of the awaited face; `file/socket-file.ts` is the same for the face that blocks, and tells the
 * rules. One read and one write at a time: a second one fails with `SocketBusyError` and does nothing.
 */

import { SocketBusyError } from '../errors.ts';
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
} from '../file/options.ts';
import { ReadBuffer } from '../file/read-buffer.ts';
import { WriteBuffer } from '../file/write-buffer.ts';

/** Options of everything that waits. */
export interface FileOptions {
  /** Gives the wait up; the promise rejects with the signal's reason. What came stays to be read. */
  readonly signal?: AbortSignal | undefined;
}

/** What a file needs of its socket. */
export interface AwaitedStream {
  recvInto(buffer: Uint8Array, options: FileOptions): Promise<number>;
  sendAll(
    bytes: Uint8Array,
    options: FileOptions & { readonly onSent?: (count: number) => void },
  ): Promise<void>;
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
  #isReading = false;
  #isWriting = false;
  #sending: Promise<void> | undefined;

  /** @throws RangeError when the size of the buffers is none. */
  constructor(stream: AwaitedStream, options: SocketFileOptions = {}) {
    const size = bufferSizeOf(options);
    this.#stream = stream;
    this.#received = new ReadBuffer(size);
    this.#written = new WriteBuffer(size);
  }

  /** Reads `size` bytes; fewer only when the peer has sent its last. */
  read(size: number, options: FileOptions = {}): Promise<Uint8Array> {
    return this.#reading('read', async () => {
      checkSize('read', size);
      while (this.#received.length < size && (await this.#receive(options))) continue;
      return this.#received.take(size);
    });
  }

  /**
   * Reads a line, with its line feed. The last one may have none; after it lines are empty.
   *
   * @throws LimitError when there is no line end within the limit, 64 KiB unless told.
   */
  readLine(options: ReadLimit & FileOptions = {}): Promise<Uint8Array> {
    const { limit = LINE_LIMIT } = options;
    return this.#reading('readLine', async () => {
      checkSize('readLine', limit);
      for (;;) {
        const line = this.#received.maybeTakeLine(limit);
        if (line !== undefined) return line;
        if (this.#received.length >= limit) throw lineTooLong(limit);
        if (!(await this.#receive(options))) return this.#received.take(limit);
      }
    });
  }

  /**
   * Reads until the peer has sent its last byte.
   *
   * @throws LimitError when more comes than the limit, 16 MiB unless told.
   */
  readToEnd(options: ReadLimit & FileOptions = {}): Promise<Uint8Array> {
    const { limit = READ_LIMIT } = options;
    return this.#reading('readToEnd', async () => {
      checkSize('readToEnd', limit);
      do {
        if (this.#received.length > limit) throw endTooFar(limit);
      } while (await this.#receive(options));
      return this.#received.take(limit);
    });
  }

  /** Keeps `bytes` for the next flush, and sends what has no room. */
  async write(bytes: Uint8Array, options: FileOptions = {}): Promise<void> {
    checkBytes('write', bytes);
    // Behind a write that waits nothing gets in, however small it is.
    if (this.#isWriting) throw new SocketBusyError('write', 'send');
    if (this.#written.tryAdd(bytes)) return;
    this.#isWriting = true;
    try {
      await this.flush(options);
      if (!this.#written.tryAdd(bytes)) await this.#send(bytes, options);
    } finally {
      this.#isWriting = false;
    }
  }

  /**
   * Sends what was written. Should that fail, what was not sent waits for the next flush, as does what is
   * written meanwhile.
   */
  async flush(options: FileOptions = {}): Promise<void> {
    const { bytes } = this.#written;
    if (bytes.length === 0) return;
    let sent = 0;
    try {
      await this.#send(bytes, { ...options, onSent: (count) => (sent += count) });
    } finally {
      this.#written.drop(sent);
    }
  }

  /** Sends what was written, behind what is being sent. The socket stays open. */
  async close(options: FileOptions = {}): Promise<void> {
    // How that ends is told to whoever asked for it.
    await this.#sending?.catch(() => {});
    await this.flush(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** {@link lines} without options. */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    return this.lines();
  }

  /** The lines that come, until the peer has sent its last. */
  async *lines(options: ReadLimit & FileOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const line = await this.readLine(options);
      if (line.length === 0) return;
      yield line;
    }
  }

  async #reading(attempt: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    if (this.#isReading) throw new SocketBusyError(attempt, 'receive');
    this.#isReading = true;
    try {
      return await read();
    } finally {
      this.#isReading = false;
    }
  }

  async #send(
    bytes: Uint8Array,
    options: FileOptions & { readonly onSent?: (count: number) => void },
  ): Promise<void> {
    if (this.#sending !== undefined) throw new SocketBusyError('flush', 'send');
    this.#sending = this.#stream.sendAll(bytes, options);
    try {
      await this.#sending;
    } finally {
      this.#sending = undefined;
    }
  }

  /** Receives once; false when the peer has sent its last byte. */
  async #receive(options: FileOptions): Promise<boolean> {
    const count = await this.#stream.recvInto(this.#received.space(), { signal: options.signal });
    this.#received.filled(count);
    return count > 0;
  }
}
