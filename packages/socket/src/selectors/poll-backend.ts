/**
 * Waiting with poll: the kernel is shown all descriptors in each wait. It watches whatever there is, regular files
 * too, and keeps nothing.
 *
 * - A one-shot key that was reported leaves the set, until it is armed again. So does one whose descriptor turns out
 *   to be closed, or another's: epoll says nothing of such a one either, and poll would say so for ever.
 * - poll only knows levels: the trigger `edge` is refused.
 * - Node's loop cannot wait with poll. It gets a temporary epoll set of all that is watched, so that an awaited
 *   wait costs for each of them, as every wait does here.
 */
import { EPOLL_CTL_ADD, F_GETFL, POLLNVAL } from '../libc/constants.ts';
import type { Libc } from '../libc/libc.ts';
import { mustCall } from '../libc/syscall.ts';
import type { Backend, Ready, Watched } from './backend.ts';
import { AT_ONCE } from './deadline.ts';
import { EpollSet } from './epoll-set.ts';
import { PollSet } from './poll-set.ts';
import { eventsOf, INTEREST_BITS } from './readiness.ts';

/** See poll(2). */
export class PollBackend<Key extends Watched> implements Backend<Key> {
  readonly #libc: Libc;
  readonly #keys: ReadonlyMap<number, Key>;
  readonly #set = new PollSet();
  #awaited: EpollSet | undefined;

  constructor(libc: Libc, keys: ReadonlyMap<number, Key>) {
    this.#libc = libc;
    this.#keys = keys;
  }

  add(key: Key): void {
    const { fd, interest, trigger } = key;
    if (trigger === 'edge') {
      throw new TypeError(
        `register descriptor ${fd} with the trigger 'edge': poll only knows levels; take the trigger 'level', or an EpollSelector`,
      );
    }
    // poll itself would say only later that there is no such descriptor.
    mustCall(this.#libc, 'fcntl', () => this.#libc.fcntl(fd, F_GETFL, 0), `descriptor ${fd}`);
    this.#set.put(fd, INTEREST_BITS[interest]);
  }

  change(key: Key): void {
    this.add(key);
  }

  remove({ fd }: Key): void {
    this.#set.delete(fd);
  }

  wait(deadline: number): Ready<Key>[] {
    for (;;) {
      const count = this.#set.poll(this.#libc, deadline);
      const ready = this.#harvest(count);
      if (ready.length > 0 || count === 0 || deadline === AT_ONCE) return ready;
    }
  }

  beginAwaiting(): number {
    const awaited = new EpollSet(this.#libc);
    try {
      for (const fd of this.#set.descriptors()) {
        awaited.control(EPOLL_CTL_ADD, { fd, bits: this.#set.wanted(fd), generation: 0 });
      }
    } catch (error) {
      awaited.close();
      throw error;
    }
    this.#awaited = awaited;
    return awaited.fd;
  }

  endAwaiting(): void {
    this.#awaited?.close();
    this.#awaited = undefined;
  }

  close(): void {
    this.endAwaiting();
  }

  /** The `count` answers of the last poll. */
  #harvest(count: number): Ready<Key>[] {
    const set = this.#set;
    const ready: Ready<Key>[] = [];
    // From the end, so that what takes the place of one that leaves was seen already.
    for (let position = set.count - 1, left = count; left > 0 && position >= 0; position--) {
      const bits = set.answerAt(position);
      if (bits === 0) continue;
      left--;
      const fd = set.descriptorAt(position);
      const key = this.#keys.get(fd);
      if (key === undefined || (bits & POLLNVAL) !== 0 || key.stale) {
        set.delete(fd);
        continue;
      }
      key.fire();
      if (key.oneShot) set.delete(fd);
      ready.push({ key, events: eventsOf(bits, key.interest) });
    }
    return ready;
  }
}
