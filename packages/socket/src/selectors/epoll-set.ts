/**
 * EpollSet: an epoll descriptor and what is asked of it.
 *
 * One that is collected without having been closed is closed then, with a warning: nothing else would give its
 * descriptor back while the thread lives.
 */
import { EPOLL_CLOEXEC, EPOLL_CTL_DEL } from '../libc/constants.ts';
import { EPOLL_EVENT } from '../libc/layouts.ts';
import type { Libc } from '../libc/libc.ts';
import { mustCall } from '../libc/syscall.ts';

/** The `code` of the warning. */
export const UNCLOSED_SELECTOR = 'WIRELINE_UNCLOSED_SELECTOR';

/** What is asked for a descriptor. */
export interface EpollWish {
  readonly fd: number;
  /** The `EPOLL` bits. */
  readonly bits: number;
  /** Comes back with each event. */
  readonly generation: number;
}

/** What is left of a set that was collected. */
interface Remains {
  readonly libc: Libc;
  readonly fd: number;
}

const registry = new FinalizationRegistry<Remains>(({ libc, fd }) => {
  libc.close(fd);
  process.emitWarning(
    `a selector (descriptor ${fd}) was collected without having been closed: close it when it is not needed, or declare it with \`using\``,
    { type: 'ResourceWarning', code: UNCLOSED_SELECTOR },
  );
});

// Scratch of this thread: written and read within one call.
const change = new Uint32Array(EPOLL_EVENT.words);

/** A set of descriptors in the kernel. See epoll(7). */
export class EpollSet {
  readonly fd: number;
  readonly #libc: Libc;
  #closed = false;

  /** @throws ResourceExhaustedError when no descriptor is left. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.fd = mustCall(libc, 'epoll_create1', () => libc.epollCreate1(EPOLL_CLOEXEC));
    registry.register(this, { libc, fd: this.fd }, this);
  }

  /**
   * Adds a descriptor, or changes what is asked for it.
   *
   * @param operation EPOLL_CTL_ADD or EPOLL_CTL_MOD
   * @throws SystemError
   */
  control(operation: number, wish: EpollWish): void {
    const { fd } = wish;
    const libc = this.#libc;
    change[0] = wish.bits;
    change[EPOLL_EVENT.descriptor] = fd;
    change[EPOLL_EVENT.generation] = wish.generation;
    mustCall(
      libc,
      'epoll_ctl',
      () => libc.epollCtl(this.fd, operation, fd, change),
      `descriptor ${fd}`,
    );
  }

  /** Takes a descriptor out, if it is in: one that was closed is out already, unless it has duplicates. */
  remove(fd: number): void {
    change.fill(0);
    this.#libc.epollCtl(this.fd, EPOLL_CTL_DEL, fd, change);
  }

  /** Fills `events` with what is ready now, `room` of them at most, and returns how many they are. */
  collect(events: Uint32Array, room: number): number {
    const libc = this.#libc;
    return mustCall(libc, 'epoll_wait', () => libc.epollWait(this.fd, events, room, 0));
  }

  /** Gives the descriptor back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    registry.unregister(this);
    this.#libc.close(this.fd);
  }
}
