/**
 * ReceiveBuffer: the bytes of one stream that have come and have not been used.
 *
 * Its window, `bytes[start..end)`, lies in one of two places:
 *
 * ```
 *   lent   the loop's one scratch buffer:  |kept tail|fresh bytes ........|
 *          or somebody else's chunk:       |used|unread ..................|
 *   own    a store of this stream's own:   |used|unread ......|free ......|
 *          or a chunk that was adopted:    |used|unread ..................|
 * ```
 *
 * A connection that is up to date has no store at all: `beginReceive` hands out the scratch buffer, the
 * decoder takes whole frames straight from it, and `settle` copies only the incomplete tail away. A tail
 * small enough goes to the front of the scratch buffer at the next receive (two short copies beat a
 * store of 64 KiB per connection); a large one stays in the store and is received into in place, so that
 * a long frame is moved only when the store doubles: linear in its length, and never more than twice
 * what has come. Where the decoder says how much to expect, the store is made for all of it, up to four
 * times what has come, and then nothing is moved again.
 *
 * Rules: `bytes`, `start` and `end` may be read by a decoder inside its `decode` call and by nobody
 * later; between `beginReceive` and `settle` no other stream may use the same scratch buffer.
 */
import { checkBytes } from './check-bytes.ts';
import { copyBytes } from './copy-bytes.ts';
import { BufferFullError } from './errors.ts';
import { memoryToFill } from './platform.ts';

/** 64 MiB: twice the largest message content allowed by default, so the decoder's own limit speaks first. */
const DEFAULT_MAX_LENGTH = 64 * 1024 * 1024;

/** Free room to receive into in place: what one `recv` on loopback tends to bring. */
const RECEIVE_ROOM = 64 * 1024;

/** 16 KiB: what is expected is received in place from here on; to copy less costs less than memory of its own. */
const EXPECTED_LEAST = 16 * 1024;

/** Four times of what has come may be reserved for what is expected: a long frame is moved a few times at most. */
const EXPECTED_GROWTH = 4;

const EMPTY = new Uint8Array(0);

/** 1 MiB of what was given back: four parts of 256 KiB, one that is received and some on their way. */
const MAX_SPARE = 1024 * 1024;

/** Options of {@link ReceiveBuffer}. */
export interface ReceiveBufferOptions {
  /** The most bytes that may wait unread. 64 MiB unless told. */
  readonly maxLength?: number;
}

/**
 * The unread bytes of one stream.
 *
 * @example
 * ```ts
 * const buffer = new ReceiveBuffer({ maxLength: 1024 });
 * buffer.append(Uint8Array.of(1, 2, 3));
 * buffer.take(2); // Uint8Array [1, 2]
 * buffer.length; // 1
 * ```
 */
export class ReceiveBuffer {
  readonly maxLength: number;
  /** The memory that the window lies in. Valid only inside a `decode` call. */
  bytes: Uint8Array = EMPTY;
  /** Index in `bytes` of the first unread byte. */
  start = 0;
  /** Index in `bytes` just after the last unread byte. */
  end = 0;
  /** Bytes consumed since the stream began: where in the stream `start` is. */
  offset = 0;
  /** Whether `bytes` will never be written to, by whomever: what is made of them may keep them. */
  isStable = false;
  #lent = false;
  /** How many bytes from `start` are known to belong together. */
  #expected = 0;
  /** What was given back, to be received into again. */
  readonly #spares: Uint8Array[] = [];
  #spareBytes = 0;

  constructor(options: ReceiveBufferOptions = {}) {
    this.maxLength = options.maxLength ?? DEFAULT_MAX_LENGTH;
    if (!(this.maxLength >= 0)) {
      throw new RangeError(
        `keep at most ${this.maxLength} bytes: give maxLength a number, not below 0`,
      );
    }
  }

  /** How many bytes are unread. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Whether what is expected has come, all of it and nothing behind it: it is received into memory that ends with it,
   * so more may have come by now.
   */
  get hasAllExpected(): boolean {
    return this.#expected >= EXPECTED_LEAST && this.#expected === this.end - this.start;
  }

  /** How many bytes of memory this stream holds for itself: 0 when it is up to date and nothing was given back. */
  get heldBytes(): number {
    return (this.#lent ? 0 : this.bytes.length) + this.#spareBytes;
  }

  /**
   * Removes the next `count` bytes.
   *
   * @throws RangeError when fewer are unread, or `count` is negative.
   */
  consume(count: number): void {
    // Written so that it refuses NaN too: a length read from the wire may be anything.
    if (!(count >= 0 && count <= this.end - this.start)) {
      throw new RangeError(`consume ${count} bytes: only ${this.length} are unread`);
    }
    this.start += count;
    this.offset += count;
    this.#expected = 0;
  }

  /**
   * Says that the next `count` bytes will be taken together, of which only some have come. Long ones are then received
   * where they are to stay, as far as a multiple of what has come allows: nothing is reserved on a peer's word alone.
   */
  expect(count: number): void {
    this.#expected = Math.min(count, this.maxLength);
  }

  /**
   * Removes the next `count` bytes and returns them as memory that the caller owns. When they are most
   * of this stream's own store, the store itself changes hands and nothing is copied.
   *
   * @throws RangeError when fewer are unread.
   */
  take(count: number): Uint8Array {
    const { bytes, start } = this;
    this.consume(count);
    if (this.#lent || count * 2 < bytes.length) {
      const spare = this.#takeSpare(count);
      if (spare === undefined) return copyBytes(bytes, start, start + count);
      spare.set(bytes.subarray(start, start + count));
      return spare;
    }
    const rest = copyBytes(bytes, this.start, this.end);
    this.#own(rest, rest.length);
    return bytes.subarray(start, start + count);
  }

  /**
   * Takes back what {@link take} gave, from whoever is done with it: long frames that are expected are received into
   * it. So a long stream goes through a few pieces of memory instead of making garbage of its length. 1 MiB is kept,
   * until {@link forgetSpares}.
   *
   * @param bytes nobody else may use this memory any more
   */
  giveBack(bytes: Uint8Array): void {
    const { buffer, byteLength } = bytes;
    // Parts of something else, and what is too short to be received into, are left to the collector.
    if (byteLength !== buffer.byteLength || byteLength < EXPECTED_LEAST) return;
    if (this.#spareBytes + byteLength > MAX_SPARE) return;
    this.#spares.push(new Uint8Array(buffer));
    this.#spareBytes += byteLength;
  }

  /** Lets go of what was given back. */
  forgetSpares(): void {
    this.#spares.length = 0;
    this.#spareBytes = 0;
  }

  /**
   * Adds a copy of `chunk`. The simple way in, for whoever has chunks; an event loop receives in place
   * with {@link beginReceive} instead.
   *
   * @throws BufferFullError when more than `maxLength` bytes would be unread.
   */
  append(chunk: Uint8Array): void {
    checkBytes(chunk, 'append a chunk');
    this.settle();
    this.#makeRoom(chunk.length, chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /**
   * Adds `chunk` without a copy where nothing is unread, and without keeping it: what is unread when {@link settle} is
   * called, or more is added, is copied then. For whoever gets chunks and cannot know who else has them.
   *
   * @throws BufferFullError when more than `maxLength` bytes would be unread.
   */
  lend(chunk: Uint8Array): void {
    const isLent = this.start === this.end;
    this.#lent = this.#use(chunk) && isLent;
  }

  /**
   * Adds `chunk` without a copy where nothing is unread, and keeps it: nobody may write to it any more. For chunks that
   * are handed over for good, as those of streams are. Frames may then be views of the chunk, so that who keeps a frame
   * keeps the chunk.
   *
   * @throws BufferFullError when more than `maxLength` bytes would be unread.
   */
  adopt(chunk: Uint8Array): void {
    this.isStable = this.#use(chunk);
  }

  /**
   * Returns where the next bytes are to be received. Say with {@link endReceive} how many came.
   *
   * @param scratch memory that all streams of one thread share; lent until {@link settle}
   * @throws BufferFullError when `maxLength` bytes are unread already.
   */
  beginReceive(scratch: Uint8Array): Uint8Array {
    this.settle();
    const kept = this.length;
    if (kept * 2 > scratch.length || this.#hasRoomForExpected()) {
      this.#makeRoom(1, RECEIVE_ROOM);
      return this.bytes.subarray(this.end);
    }
    if (kept >= this.maxLength) throw this.#full(kept + 1);
    if (kept > 0) scratch.set(this.bytes.subarray(this.start, this.end));
    this.#own(scratch, kept);
    this.#lent = true;
    return kept === 0 && scratch.length <= this.maxLength
      ? scratch
      : scratch.subarray(kept, this.maxLength);
  }

  /**
   * Says how many bytes were written to what {@link beginReceive} returned.
   *
   * @throws RangeError when they do not fit there.
   */
  endReceive(count: number): void {
    const room = Math.min(this.bytes.length - this.end, this.maxLength - this.length);
    if (!(count >= 0 && count <= room)) {
      throw new RangeError(`receive ${count} bytes: there was room for ${room}`);
    }
    this.end += count;
  }

  /**
   * Gives lent memory back: what is unread is copied to a store of its own, and nothing unread costs
   * nothing. A store that is mostly used up is exchanged for a smaller one.
   */
  settle(): void {
    if (this.start === this.end) {
      if (this.bytes !== EMPTY) this.#own(EMPTY, 0);
    } else if (this.#lent && this.#expects(this.length)) {
      this.#moveToExpected(0);
    } else if (this.#lent || (this.length * 4 < this.bytes.length && this.start > RECEIVE_ROOM)) {
      const tail = copyBytes(this.bytes, this.start, this.end);
      this.#own(tail, tail.length);
    }
  }

  /** Forgets everything that is unread. */
  clear(): void {
    this.consume(this.length);
    this.settle();
  }

  /** Makes `chunk` the window, alone or with what is unread in front; returns whether nothing was appended. */
  #use(chunk: Uint8Array): boolean {
    checkBytes(chunk, 'take a chunk');
    const unread = this.end - this.start;
    const { buffer, byteOffset, length } = chunk;
    // Joined exactly, the next chunk finds no room: worth it only if that makes the store twice as long.
    if (unread > length || unread + length > this.maxLength) {
      this.append(chunk);
      return false;
    }
    if (unread === 0) {
      // Plain bytes: the methods of a Buffer have other meanings.
      this.#own(new Uint8Array(buffer, byteOffset, length), length);
    } else {
      const joined = memoryToFill(unread + length);
      joined.set(this.bytes.subarray(this.start, this.end));
      joined.set(chunk, unread);
      this.#own(joined, unread + length);
    }
    return true;
  }

  #full(length: number): BufferFullError {
    return new BufferFullError(`keep ${length} received bytes`, {
      option: 'maxLength',
      value: this.maxLength,
    });
  }

  #own(store: Uint8Array, length: number): void {
    this.bytes = store;
    this.start = 0;
    this.end = length;
    this.#lent = false;
    this.isStable = false;
  }

  /** Whether all that is expected fits where it has begun. */
  #hasRoomForExpected(): boolean {
    return this.length < this.#expected && this.start + this.#expected <= this.bytes.length;
  }

  /** Whether much is expected, and at least `length` bytes of it. */
  #expects(length: number): boolean {
    return this.#expected >= EXPECTED_LEAST && this.#expected >= length;
  }

  /** Moves what is unread to where all that is expected has room, or so much of it as is fair to reserve. */
  #moveToExpected(least: number): void {
    const unread = this.length;
    const fair = Math.min(this.#expected, unread * EXPECTED_GROWTH);
    const store = this.#takeSpare(this.#expected) ?? memoryToFill(Math.max(fair, least));
    store.set(this.bytes.subarray(this.start, this.end));
    this.#own(store, unread);
  }

  /** Memory of `length` bytes that was given back, if there is some. */
  #takeSpare(length: number): Uint8Array | undefined {
    if (length < EXPECTED_LEAST) return undefined;
    const spare = this.#spares.pop();
    if (spare === undefined) return undefined;
    this.#spareBytes -= spare.length;
    if (spare.length === length) return spare;
    this.forgetSpares(); // frames have another length now
    return undefined;
  }

  /** Frees at least `needed` bytes behind `end`, `wanted` where the cap allows it; doubles at least. */
  #makeRoom(needed: number, wanted: number): void {
    const unread = this.length;
    if (unread + needed > this.maxLength) throw this.#full(unread + needed);
    const room = this.bytes.length - this.end;
    if (room >= wanted) return;
    if (this.#expects(unread + needed)) {
      // As much as is expected and no more: what follows it is another frame's.
      if (room < needed) this.#moveToExpected(unread + needed);
      return;
    }
    const capacity = Math.min(Math.max(unread + wanted, unread * 2), this.maxLength);
    // Room for less than wanted will do until moving at least doubles it: else each byte costs a move.
    if (room >= needed && capacity - unread < room * 2) return;
    const store = new Uint8Array(capacity);
    store.set(this.bytes.subarray(this.start, this.end));
    this.#own(store, unread);
  }
}
