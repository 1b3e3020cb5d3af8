/**
 * Waiting with epoll: the kernel keeps the set, and tells of those that are ready only. The price of an event does
 * not depend on how many are registered.
 *
 * - Blocking is done in poll(2) on the epoll descriptor, where a signal and the end of a worker can reach it.
 * - The data of an event is the descriptor and the key's generation, so that nobody gets an event of an earlier
 *   owner of his number.
 * - epoll goes on reporting a descriptor that was closed without being unregistered, if it had a duplicate: a
 *   ghost, which cannot be taken out any more because its number is another's, or nobody's. When one shows, the set
 *   is thrown away and made anew from the keys, before the next look. Each such mistake of the program's costs that
 *   once.
 * - The kernel moves what it has reported to the end of its queue: with more ready than `MAX_EVENTS`, the next wait
 *   has the others.
 */
import { throwIfInterrupted, waitUntilReady } from '../blocking/blocking-wait.ts';
import { ResourceExhaustedError, SystemError } from '../errors.ts';
import { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLLET, EPOLLONESHOT } from '../libc/constants.ts';
import { ERRNO } from '../libc/errno.ts';
import { EPOLL_EVENT } from '../libc/layouts.ts';
import type { Libc } from '../libc/libc.ts';
import { ATTEMPT, type Backend, type Ready, type Watched } from './backend.ts';
import { AT_ONCE } from './deadline.ts';
import { EpollSet, type EpollWish } from './epoll-set.ts';
import { eventsOf, INTEREST_BITS } from './readiness.ts';
import { badDescriptor, CLOSED_MEANWHILE } from './selectable.ts';

/** The most events of one wait; more come with the next. 1024 of 12 bytes are 12 KiB a selector. */
const MAX_EVENTS = 1024;

/**
 * How many waits in a row may find something at once before one looks for a signal: looking takes a microsecond,
 * and a program that is always busy would not hear of Ctrl-C otherwise.
 */
const STREAK_LIMIT = 16;

/** See epoll(7). */
export class EpollBackend<Key extends Watched> implements Backend<Key> {
  readonly #libc: Libc;
  readonly #keys: ReadonlyMap<number, Key>;
  readonly #events = new Uint32Array(MAX_EVENTS * EPOLL_EVENT.words);
  #set: EpollSet;
  /** Whether the set has reported something that is not registered. */
  #haunted = false;
  #streak = 0;

  /** @throws ResourceExhaustedError when no descriptor is left. */
  constructor(libc: Libc, keys: ReadonlyMap<number, Key>) {
    this.#libc = libc;
    this.#keys = keys;
    this.#set = new EpollSet(libc);
  }

  add(key: Key): void {
    this.#set.control(EPOLL_CTL_ADD, wishOf(key));
  }

  change(key: Key): void {
    try {
      this.#set.control(EPOLL_CTL_MOD, wishOf(key));
    } catch (error) {
      // The number is open, and what it was registered for is not.
      const isAnother = error instanceof SystemError && error.errno === ERRNO.ENOENT;
      if (!isAnother) throw error;
      throw badDescriptor('modify', key.fd, { explanation: CLOSED_MEANWHILE });
    }
  }

  remove({ fd }: Key): void {
    this.#set.remove(fd);
  }

  wait(deadline: number): Ready<Key>[] {
    if (deadline !== AT_ONCE && ++this.#streak >= STREAK_LIMIT) {
      throwIfInterrupted(this.#libc, ATTEMPT);
      this.#streak = 0;
    }
    for (;;) {
      const ready = this.#collect();
      if (ready.length > 0 || deadline === AT_ONCE) return ready;
      this.#streak = 0;
      const { fd } = this.#set;
      const wait = {
        fd,
        readiness: 'read',
        deadline,
        attempt: ATTEMPT,
        hasErrorQueue: false,
      } as const;
      if (!waitUntilReady(this.#libc, wait)) return ready;
    }
  }

  beginAwaiting(): number {
    return this.#set.fd;
  }

  endAwaiting(): void {
    // The set stays.
  }

  close(): void {
    this.#set.close();
  }

  #collect(): Ready<Key>[] {
    if (this.#haunted) this.#rebuild();
    const events = this.#events;
    const count = this.#set.collect(events, MAX_EVENTS);
    const ready: Ready<Key>[] = [];
    for (let at = 0; at < count * EPOLL_EVENT.words; at += EPOLL_EVENT.words) {
      const key = this.#keys.get(events[at + EPOLL_EVENT.descriptor] ?? -1);
      const isOurs = key?.generation === events[at + EPOLL_EVENT.generation];
      if (key === undefined || !isOurs || key.stale) {
        this.#haunted = true;
      } else if (key.fire()) {
        ready.push({ key, events: eventsOf(events[at] ?? 0, key.interest) });
      }
    }
    return ready;
  }

  /**
   * A set with what is registered, and no ghosts. The old one stays if there can be no new one. A one-shot key that
   * was reported may show once more in it, and is passed over then.
   */
  #rebuild(): void {
    const set = new EpollSet(this.#libc);
    try {
      for (const key of this.#keys.values()) this.#readd(set, key);
    } catch (error) {
      set.close();
      throw error;
    }
    this.#set.close();
    this.#set = set;
    this.#haunted = false;
  }

  #readd(set: EpollSet, key: Key): void {
    if (key.stale) return;
    try {
      set.control(EPOLL_CTL_ADD, wishOf(key));
    } catch (error) {
      // A bare number that was closed, and perhaps is a file's now, or the new set's own: nothing to be told of.
      if (error instanceof ResourceExhaustedError) throw error;
    }
  }
}

function wishOf({ fd, generation, interest, trigger, oneShot }: Watched): EpollWish {
  const bits =
    INTEREST_BITS[interest] | (trigger === 'edge' ? EPOLLET : 0) | (oneShot ? EPOLLONESHOT : 0);
  return { fd, bits, generation };
}
