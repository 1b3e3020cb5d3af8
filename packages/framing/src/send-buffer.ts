/**
 * SendBuffer: the bytes of one stream that are to be sent and that the kernel has not taken.
 *
 * ```
 *   bytes:  |sent ..|start  waiting ...... end|free ......|
 * ```
 *
 * Encoders reserve room at the end and write there; whoever sends consumes from the start. An empty
 * buffer holds no memory: its block goes back to the pool, so that ten thousand silent connections share
 * the blocks of the few that speak.
 */
import { BlockPool } from './block-pool.ts';
import { BufferFullError } from './errors.ts';

/** 33 MiB: one message at the default content limit (32 MiB) and the 1 MiB that may wait before it. */
const DEFAULT_MAX_LENGTH = 33 * 1024 * 1024;

const EMPTY = new Uint8Array(0);

/** Options of {@link SendBuffer}. */
export interface SendBufferOptions {
  /** The most bytes that may wait. 33 MiB unless told. */
  readonly maxLength?: number;
  /** Where blocks come from; one pool for all the connections of a thread. */
  readonly pool?: BlockPool;
}

/**
 * The unsent bytes of one stream.
 *
 * @example
 * ```ts
 * const buffer = new SendBuffer();
 * const at = buffer.reserve(2);
 * buffer.bytes[at] = 0x68;
 * buffer.bytes[at + 1] = 0x69;
 * buffer.commit(2);
 * const taken = socket.trySend(buffer.bytes.subarray(buffer.start, buffer.end));
 * ```
 */
export class SendBuffer {
  readonly maxLength: number;
  bytes: Uint8Array = EMPTY;
  /** Index in `bytes` of the first byte that waits. */
  start = 0;
  /** Index in `bytes` just after the last byte that waits. */
  end = 0;
  readonly #pool: BlockPool;
  #lent = false;

  constructor(options: SendBufferOptions = {}) {
    this.maxLength = options.maxLength ?? DEFAULT_MAX_LENGTH;
    this.#pool = options.pool ?? new BlockPool({ maxBlocks: 0 });
  }

  /** How many bytes wait. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Makes room for `count` bytes and returns the index in `bytes` where they go. Nothing is added until
   * {@link commit}, so an encoder that fails half-way leaves nothing behind.
   *
   * @throws BufferFullError when more than `maxLength` bytes would wait.
   */
  reserve(count: number): number {
    const needed = this.length + count;
    if (needed > this.maxLength) {
      throw new BufferFullError(`keep ${needed} bytes to be sent`, {
        option: 'maxLength',
        value: this.maxLength,
      });
    }
    if (this.#lent || this.bytes.length - this.end < count) this.#makeRoom(needed);
    return this.end;
  }

  /**
   * Adds the `count` bytes that were written where {@link reserve} said.
   *
   * @throws RangeError when so many were not reserved.
   */
  commit(count: number): void {
    if (!(count >= 0 && count <= this.bytes.length - this.end)) {
      throw new RangeError(
        `commit ${count} bytes: there was room for ${this.bytes.length - this.end}`,
      );
    }
    this.end += count;
  }

  /** Appends a copy of `chunk`, with the same cap as {@link reserve}. */
  append(chunk: Uint8Array): void {
    const at = this.reserve(chunk.length);
    this.bytes.set(chunk, at);
    this.end += chunk.length;
  }

  /**
   * Takes `chunk` to be sent, without a copy where nothing else waits, and without keeping it: what is left of it when
   * {@link settle} is called is copied then. For long chunks, most of which the kernel takes at once.
   *
   * @throws BufferFullError when more than `maxLength` bytes would wait.
   */
  lend(chunk: Uint8Array): void {
    if (this.length > 0 || chunk.length > this.maxLength) {
      this.append(chunk);
      return;
    }
    this.bytes = chunk;
    this.end = chunk.length;
    this.#lent = true;
  }

  /** Gives a lent chunk back: what was not sent of it is copied. */
  settle(): void {
    if (this.#lent) this.#makeRoom(this.length);
  }

  /**
   * Removes the first `count` bytes: they were sent.
   *
   * @throws RangeError when fewer wait, or `count` is negative.
   */
  consume(count: number): void {
    if (!(count >= 0 && count <= this.end - this.start)) {
      throw new RangeError(`consume ${count} bytes: only ${this.length} wait`);
    }
    this.start += count;
    if (this.start === this.end) this.clear();
  }

  /** Forgets everything that waits and gives the memory back. */
  clear(): void {
    if (!this.#lent) this.#pool.give(this.bytes);
    this.#lent = false;
    this.bytes = EMPTY;
    this.start = 0;
    this.end = 0;
  }

  #makeRoom(needed: number): void {
    const waiting = this.length;
    const own = this.#lent ? EMPTY : this.bytes;
    const fits = needed <= own.length;
    // Moving to the front pays when at least half of the block has been sent; otherwise grow, doubling.
    const target =
      fits && this.start * 2 >= own.length
        ? own
        : this.#pool.take(Math.min(Math.max(needed, own.length * 2), this.maxLength));
    if (waiting > 0) target.set(this.bytes.subarray(this.start, this.end));
    if (target !== own) this.#pool.give(own);
    this.bytes = target;
    this.#lent = false;
    this.start = 0;
    this.end = waiting;
  }
}
