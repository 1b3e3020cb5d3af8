/**
 * Descriptors that end with their thread.
 *
 * The process's own end closes everything. A worker's does not: it shares the process's descriptors, and when
 * it is terminated no JavaScript of it runs any more. So each descriptor of a worker has a native clean-up hook
 * that closes it.
 *
 * A worker can be terminated between any two calls of JavaScript functions, and at each turn of a loop. What
 * opens a descriptor and what hooks it therefore stand in one function, one foreign call behind the other, and
 * so do unhooking and closing; a `Set` beside them would be such a moment, an array of bytes is none.
 */
import { isMainThread } from 'node:worker_threads';
import type Koffi from 'koffi';

type KoffiModule = typeof Koffi;
type ForeignCall = (...values: unknown[]) => number;

/** Room for the descriptors of most processes; it grows. */
const FIRST_LENGTH = 1024;

/** How calls are made to look after their descriptors. */
export interface ThreadEnd {
  /** `open`, whose result is closed when this thread ends. */
  opening<A extends unknown[]>(open: (...values: A) => number): (...values: A) => number;
  /** `open`, whose last argument gets two descriptors, which are closed when this thread ends. */
  openingPair<A extends [...unknown[], Int32Array]>(
    open: (...values: A) => number,
  ): (...values: A) => number;
  /** `close`, which takes that back. */
  closing(close: (fd: number) => number): (fd: number) => number;
  /** Has `fd`, which was opened elsewhere, closed when this thread ends. */
  closeAtThreadEnd(fd: number): void;
  /** Takes it back, and leaves `fd` open. */
  keepAtThreadEnd(fd: number): void;
}

const NOTHING_TO_DO: ThreadEnd = {
  opening: (open) => open,
  openingPair: (open) => open,
  closing: (close) => close,
  closeAtThreadEnd: () => {},
  keepAtThreadEnd: () => {},
};

/** What holds for this thread. */
export function threadEnd(koffi: KoffiModule): ThreadEnd {
  return isMainThread ? NOTHING_TO_DO : workerEnd(koffi);
}

function workerEnd(koffi: KoffiModule): ThreadEnd {
  const program = koffi.load(null);
  const add: ForeignCall = program.func(
    'int napi_add_env_cleanup_hook(void *env, void *hook, uintptr_t argument)',
  );
  const remove: ForeignCall = program.func(
    'int napi_remove_env_cleanup_hook(void *env, void *hook, uintptr_t argument)',
  );
  const nativeClose: unknown = program.symbol('close');
  const { env } = koffi.node;
  // 1 for each descriptor that has a hook: to add the same hook twice aborts the process.
  let hooked = new Uint8Array(FIRST_LENGTH);

  const grow = (fd: number): void => {
    const longer = new Uint8Array(2 * fd);
    longer.set(hooked);
    hooked = longer;
  };

  return {
    opening:
      (open) =>
      (...values) => {
        const fd = open(...values);
        if (fd >= 0 && hooked[fd] !== 1) {
          add(env, nativeClose, fd);
          if (fd >= hooked.length) grow(fd);
          hooked[fd] = 1;
        }
        return fd;
      },

    openingPair:
      (open) =>
      (...values) => {
        const fds = values[values.length - 1] as Int32Array; // as the type of A says
        const result = open(...values);
        if (result === 0) {
          const [one = -1, other = -1] = [fds[0], fds[1]];
          // A number whose owner closed it without us has its hook still.
          if (hooked[one] !== 1) add(env, nativeClose, one);
          if (hooked[other] !== 1) add(env, nativeClose, other);
          // Either may be the larger one: other threads open and close meanwhile.
          const larger = Math.max(one, other);
          if (larger >= hooked.length) grow(larger);
          hooked[one] = 1;
          hooked[other] = 1;
        }
        return result;
      },

    closing: (close) => (fd) => {
      if (hooked[fd] === 1) {
        remove(env, nativeClose, fd);
        hooked[fd] = 0;
      }
      return close(fd);
    },

    closeAtThreadEnd(fd) {
      if (hooked[fd] === 1) return;
      add(env, nativeClose, fd);
      if (fd >= hooked.length) grow(fd);
      hooked[fd] = 1;
    },

    keepAtThreadEnd(fd) {
      if (hooked[fd] !== 1) return;
      remove(env, nativeClose, fd);
      hooked[fd] = 0;
    },
  };
}
