/**
 * The watch of worker threads.
 *
 * A worker can be terminated at any moment: no JavaScript runs in it from then on, but its loop finishes the
 * round that it is in. If koffi's callback comes in that round, it cannot run, cannot throw either, and the
 * process aborts. A worker with traffic meets this nearly every time. So here no JavaScript is called back:
 *
 * - libuv's handle, made by koffi (which knows how to close it when the thread ends), gets a native function
 *   without effect as its callback. All it does is to wake Node's loop.
 * - Whether the thread is held open is said to a timer of Node's, not to that handle: a method of koffi's that is
 *   called while the worker is being terminated aborts the process, too, and every wait says so twice.
 * - After each round, woken by whatever, an immediate that does not hold the process asks poll(2) whether the
 *   descriptor is readable. Node runs immediates only where JavaScript may run.
 *
 * The price is one system call for each round of the worker's loop.
 */
import type Koffi from 'koffi';
import type { Watch } from './libc.ts';

type KoffiModule = typeof Koffi;
type PollHandle = InstanceType<KoffiModule['node']['PollHandle']>;

/** From `uv_handle_type` and `uv_poll_event`: part of libuv's ABI. */
const UV_POLL = 8;
const UV_READABLE = 1;

/** What Node's timers can hold. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** poll(2). */
const POLLIN = 1;

/** Watches descriptors of a worker. */
export function workerWatch(koffi: KoffiModule): (fd: number, onReadable: () => void) => Watch {
  const wakeOnly = declareWakeOnly(koffi);
  const poll = koffi.load(null).func('int poll(void *fds, unsigned long count, int timeout)');
  return (fd, onReadable) => {
    const handle = koffi.node.poll(fd, { readable: true }, () => {});
    handle.unref();
    wakeOnly(fd);
    const pollfd = new Int32Array([fd, POLLIN]); // |fd i32|events u16|revents u16|
    return new WorkerWatch(handle, () => poll(pollfd, 1, 0) > 0, onReadable);
  };
}

/** A function that takes the callback away from the handle that watches a descriptor. */
function declareWakeOnly(koffi: KoffiModule): (fd: number) => void {
  const program = koffi.load(null);
  const visitor = koffi.pointer(koffi.proto('void (void *handle, void *argument)'));
  const getLoop = program.func('napi_get_uv_event_loop', 'int', ['void *', koffi.out('void **')]);
  const walk = program.func('uv_walk', 'void', ['void *', visitor, 'void *']);
  const typeOf = program.func('int uv_handle_get_type(const void *handle)');
  const fileno = program.func('uv_fileno', 'int', ['const void *', koffi.out('int *')]);
  const start = program.func('int uv_poll_start(void *handle, int events, void *callback)');
  const withoutEffect: unknown = program.symbol('uv_is_active');

  return (fd) => {
    const loop: unknown[] = [null];
    getLoop(koffi.node.env, loop);
    let found = false;
    walk(
      loop[0],
      (handle: unknown) => {
        const descriptor = [-1];
        if (typeOf(handle) !== UV_POLL || fileno(handle, descriptor) !== 0) return;
        if (descriptor[0] !== fd) return;
        found = start(handle, UV_READABLE, withoutEffect) === 0;
      },
      null,
    );
    if (!found)
      throw new Error(`watch descriptor ${fd} in a worker: libuv does not know its handle`);
  };
}

class WorkerWatch implements Watch {
  readonly #isReadable: () => boolean;
  readonly #onReadable: () => void;
  /** Never rings, or once in 25 days: while it is referenced, the thread lives. */
  readonly #hold = setInterval(() => {}, LONGEST_WAIT_MS);
  readonly #check = (): void => {
    if (this.#handle === undefined) return;
    this.#next = setImmediate(this.#check).unref();
    if (this.#isReadable()) this.#onReadable();
  };
  #handle: PollHandle | undefined;
  #next: NodeJS.Immediate;

  constructor(handle: PollHandle, isReadable: () => boolean, onReadable: () => void) {
    this.#handle = handle;
    this.#isReadable = isReadable;
    this.#onReadable = onReadable;
    this.#next = setImmediate(this.#check).unref();
  }

  ref(): void {
    this.#hold.ref();
  }

  unref(): void {
    this.#hold.unref();
  }

  close(): void {
    clearInterval(this.#hold);
    this.#handle?.close();
    this.#handle = undefined;
    clearImmediate(this.#next);
  }
}
