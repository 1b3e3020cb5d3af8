/**
 * PollSet: descriptors in the form that poll(2) takes, changed in place.
 *
 * ```
 * pollfd  |fd i32|events u16|revents u16|   as two 32-bit words, one behind the other without gaps
 * ```
 *
 * A descriptor that leaves is replaced by the last one. The array doubles when it is full.
 */
import type { Libc } from '../libc/libc.ts';
import { mustCall } from '../libc/syscall.ts';
import { pollUntil } from '../blocking/blocking-wait.ts';
import { ATTEMPT } from './backend.ts';
import { AT_ONCE } from './deadline.ts';

/** In 32-bit words. */
const POLLFD = 2;

/** Enough for most; 512 bytes. */
const FIRST_ROOM = 64;

/** Descriptors and what is asked for each. */
export class PollSet {
  readonly #positions = new Map<number, number>();
  #fds = new Int32Array(FIRST_ROOM * POLLFD);
  #count = 0;

  /** How many descriptors there are. */
  get count(): number {
    return this.#count;
  }

  /** The descriptors. */
  descriptors(): Iterable<number> {
    return this.#positions.keys();
  }

  /** The descriptor at a position from 0 on. */
  descriptorAt(position: number): number {
    return this.#fds[position * POLLFD] ?? -1;
  }

  /** The bits that are asked for at a position. */
  wantedAt(position: number): number {
    return (this.#fds[position * POLLFD + 1] ?? 0) & 0xffff;
  }

  /** The bits that the last poll answered for a position. */
  answerAt(position: number): number {
    return (this.#fds[position * POLLFD + 1] ?? 0) >>> 16;
  }

  /** The bits that are asked for a descriptor; 0 for one that is not there. */
  wanted(fd: number): number {
    const position = this.#positions.get(fd);
    return position === undefined ? 0 : this.wantedAt(position);
  }

  /** The bits that the last poll answered for a descriptor; 0 for one that is not there. */
  answer(fd: number): number {
    const position = this.#positions.get(fd);
    return position === undefined ? 0 : this.answerAt(position);
  }

  /** Asks for `bits` of a descriptor, and for nothing else. */
  put(fd: number, bits: number): void {
    const position = this.#positions.get(fd) ?? this.#append(fd);
    this.#fds[position * POLLFD + 1] = bits;
  }

  /** Asks for nothing of a descriptor any more, not even for errors. The last one gets its position. */
  delete(fd: number): void {
    const position = this.#positions.get(fd);
    if (position === undefined) return;
    this.#positions.delete(fd);
    const last = --this.#count;
    if (position === last) return;
    const fds = this.#fds;
    fds.copyWithin(position * POLLFD, last * POLLFD, (last + 1) * POLLFD);
    this.#positions.set(this.descriptorAt(position), position);
  }

  /**
   * Asks the kernel, and blocks until something is to be answered or the deadline has passed; with `AT_ONCE` it
   * does not block.
   *
   * @returns for how many there is an answer
   * @throws InterruptedError when it may block and a signal came that JavaScript handles.
   */
  poll(libc: Libc, deadline: number): number {
    const count = this.#count;
    const fds = this.#fds;
    if (deadline !== AT_ONCE) return pollUntil(libc, { fds, count, deadline, attempt: ATTEMPT });
    return mustCall(libc, 'poll', () => libc.poll(fds, count, 0));
  }

  #append(fd: number): number {
    const position = this.#count++;
    this.#positions.set(fd, position);
    if (this.#fds.length < this.#count * POLLFD) this.#grow();
    this.#fds[position * POLLFD] = fd;
    return position;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#fds.length);
    larger.set(this.#fds);
    this.#fds = larger;
  }
}
