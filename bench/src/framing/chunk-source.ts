/** Where contestants get their chunks from: pass after pass, until the time is over. */
import { Readable } from 'node:stream';
import type { ByteStream } from './byte-stream.ts';

/**
 * Chunks in the shape that a contestant wants: one by one, as an iterable, an async iterable, or a stream. It can be
 * gone through once. It ends behind a whole pass, with the first one that ends too late.
 */
export class ChunkSource {
  readonly #stream: ByteStream;
  readonly #isOver: () => boolean;
  #index = 0;
  #passes = 0;
  #hasEnded = false;

  /**
   * @param stream what a pass consists of
   * @param isOver asked behind each pass
   */
  constructor(stream: ByteStream, isOver: () => boolean) {
    this.#stream = stream;
    this.#isOver = isOver;
  }

  /** How many passes there were. */
  get passes(): number {
    return this.#passes;
  }

  /** The next chunk, or undefined at the end. */
  next(): Buffer | undefined {
    if (this.#index === this.#stream.chunkCount) {
      if (this.#hasEnded) return undefined;
      this.#passes += 1;
      this.#hasEnded = this.#isOver();
      if (this.#hasEnded) return undefined;
      this.#index = 0;
    }
    const chunk = this.#stream.chunkAt(this.#index);
    this.#index += 1;
    return chunk;
  }

  /** The chunks, for a `for` loop. */
  *inStep(): Generator<Buffer> {
    for (let chunk = this.next(); chunk !== undefined; chunk = this.next()) yield chunk;
  }

  /** The chunks, for a `for await` loop. */
  // oxlint-disable-next-line typescript/require-await -- a source that has its chunks is still an async one
  async *awaited(): AsyncGenerator<Buffer> {
    for (let chunk = this.next(); chunk !== undefined; chunk = this.next()) yield chunk;
  }

  /** The chunks as a stream, which gives one whenever it is asked. */
  toReadable(): Readable {
    const next = (): Buffer | null => this.next() ?? null; // null ends a stream
    return new Readable({
      read() {
        this.push(next());
      },
    });
  }
}
