/**
 * EventLoop: one epoll descriptor per thread, living inside Node's own loop.
 *
 * ```
 *   Node's loop --- watches ---> epoll descriptor --- watches ---> 10,000 sockets
 *        |  readable                                                    |
 *        '-> setImmediate(turn) -> epoll_wait(0) -> handlers -> end-of-turn tasks
 * ```
 *
 * Node is told of one descriptor, however many sockets there are; a turn costs one `epoll_wait` for all
 * that are ready. What holds, and why:
 *
 * - A turn runs from `setImmediate`, not from the watch's callback: in there is no callback scope, an
 *   exception would surface in some unrelated call, and promises would not be settled in time.
 * - Readiness is level-triggered: what a handler leaves unread is reported again next turn, after the
 *   others had theirs.
 * - A descriptor closed and its number used again within one turn: events carry a generation beside the
 *   number, so that the new owner never gets the old one's event.
 * - `unregister` removes the descriptor from epoll before it is closed: epoll would otherwise go on
 *   reporting one that was duplicated or passed on.
 * - A loop with registrations is held by this module, else it could be collected and fall silent.
 * - A handler that throws harms nobody else: its error becomes an uncaught exception after the turn, the
 *   other handlers and the tasks of the end of the turn still run. Were the turn to end there, a handler
 *   that throws each time would keep those behind it from ever running.
 *
 * The loop keeps the process alive as long as something is registered that was not told otherwise (`unref`).
 */
import * as c from '../libc/constants.ts';
import { EPOLL_EVENT } from '../libc/layouts.ts';
import type { Libc, Watch } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import { mustCall } from '../libc/syscall.ts';
import {
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  Registration,
  type Interest,
  type ReadinessHandler,
  type RegistrationKeeper,
} from './registration.ts';
import { throwLater } from './throw-later.ts';
import { TurnEnd, type TurnTask } from './turn-end.ts';

/** The most events fetched in one turn; more come in the next. 1024 of 12 bytes are 12 KiB a thread. */
const MAX_EVENTS = 1024;

/**
 * 128 KiB: a part of 64 KiB comes whole, with its header and the beginning of the next, in one receive; two such
 * buffers' worth would no longer stay in the processor's cache.
 */
const RECEIVE_BUFFER_LENGTH = 128 * 1024;

/** Loops with registrations: held here so that they are not collected. */
const busyLoops = new Set<EventLoop>();

/** Options of {@link EventLoop}. */
export interface EventLoopOptions {
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/**
 * Watches descriptors and calls their handlers.
 *
 * @example
 * ```ts
 * const loop = currentEventLoop();
 * const registration = loop.register(socket.fileno(), 'read', {
 *   onReady() {
 *     const count = socket.tryRecvInto(loop.receiveBuffer);
 *     if (count === 0) {
 *       registration.unregister();
 *       socket.close();
 *     }
 *   },
 * });
 * ```
 */
export class EventLoop {
  /** Memory to receive into, shared by all handlers of the thread: empty it before you return. */
  readonly receiveBuffer = new Uint8Array(RECEIVE_BUFFER_LENGTH);
  readonly #libc: Libc;
  readonly #epfd: number;
  readonly #watch: Watch;
  readonly #events = new Uint32Array(MAX_EVENTS * EPOLL_EVENT.words);
  readonly #change = new Uint32Array(EPOLL_EVENT.words);
  /** By descriptor. Dense and small: the kernel gives the lowest free numbers. */
  readonly #registrations: (Registration | undefined)[] = [];
  readonly #turnEnd = new TurnEnd();
  readonly #runTurn = (): void => this.#turn();
  readonly #keeper: RegistrationKeeper = {
    changeInterest: (registration) => this.#control(c.EPOLL_CTL_MOD, registration),
    changeHold: (by) => this.#changeHold(by),
    forget: (registration) => this.#forget(registration),
  };
  #count = 0;
  /** How many registrations keep the process alive. */
  #holding = 0;
  #generation = 0;
  #turnScheduled = false;
  #closed = false;

  /** @throws ResourceExhaustedError when no descriptor is left for epoll. */
  constructor(options: EventLoopOptions = {}) {
    const libc = options.libc ?? openLibc();
    this.#libc = libc;
    this.#epfd = mustCall(libc, 'epoll_create1', () => libc.epollCreate1(c.EPOLL_CLOEXEC));
    this.#watch = libc.watch(this.#epfd, () => this.#scheduleTurn());
    this.#watch.unref();
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How many descriptors are registered. */
  get size(): number {
    return this.#count;
  }

  /**
   * Calls `handler` whenever `fd` is ready for `interest`, until the registration is unregistered.
   *
   * @throws Error when `fd` is registered already: a descriptor has one owner.
   * @throws SystemError EBADF, or EPERM for a file that cannot be watched.
   */
  register(fd: number, interest: Interest, handler: ReadinessHandler): Registration {
    if (this.#closed) throw new Error(`register descriptor ${fd}: the event loop is closed`);
    if (this.#registrations[fd] !== undefined) {
      throw new Error(`register descriptor ${fd}: it is registered already; unregister it first`);
    }
    this.#generation = (this.#generation + 1) >>> 0;
    const generation = this.#generation;
    const registration = new Registration(this.#keeper, { fd, generation, interest, handler });
    this.#control(c.EPOLL_CTL_ADD, registration);
    this.#registrations[fd] = registration;
    if (this.#count++ === 0) busyLoops.add(this);
    this.#changeHold(1);
    return registration;
  }

  /** Runs `task.run()` when this turn ends, after all its handlers. */
  atEndOfTurn(task: TurnTask): void {
    this.#turnEnd.add(task);
  }

  /**
   * Has every call that waits in this loop fail with `InterruptedError`, as a signal does with one that blocks.
   * Nothing is lost by it: the sockets stay open, and the same call may be made again; what `createConnection`
   * had begun, it gives up. Connections that are served, and streams, do not notice: none of their calls waits. A
   * name that is being looked up is not the loop's business.
   *
   * @example
   * ```ts
   * process.on('SIGINT', () => currentEventLoop().interrupt()); // what Ctrl-C does at a prompt
   * ```
   */
  interrupt(): void {
    // Those of now: what begins meanwhile is not meant, and what has ended by what another one did hears nothing.
    for (const registration of this.#registrations.slice()) {
      if (registration?.active !== true) continue;
      try {
        registration.handler.onInterrupted?.();
      } catch (error) {
        throwLater(error);
      }
    }
  }

  /** Ends all registrations and gives the descriptor back. The sockets stay open: they are not ours. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const registration of this.#registrations) {
      registration?.unregister();
      registration?.handler.onLoopClosed?.();
    }
    this.#watch.close();
    this.#libc.close(this.#epfd);
  }

  #changeHold(by: 1 | -1): void {
    const before = this.#holding;
    this.#holding = before + by;
    if (before === 0) this.#watch.ref();
    else if (this.#holding === 0) this.#watch.unref();
  }

  #forget(registration: Registration): void {
    this.#registrations[registration.fd] = undefined;
    if (--this.#count === 0) busyLoops.delete(this);
    // When the loop closes, so does epoll, and forgets them all. And whatever the kernel answers, the descriptor
    // is out afterwards: should somebody have closed it already, it was out before.
    if (this.#closed) return;
    this.#libc.epollCtl(this.#epfd, c.EPOLL_CTL_DEL, registration.fd, this.#change);
  }

  #control(operation: number, registration: Registration): void {
    const { fd } = registration;
    const event = this.#change;
    event[0] = EPOLL_BITS[registration.interest];
    event[EPOLL_EVENT.descriptor] = fd;
    event[EPOLL_EVENT.generation] = registration.generation;
    mustCall(this.#libc, 'epoll_ctl', () => this.#libc.epollCtl(this.#epfd, operation, fd, event));
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    setImmediate(this.#runTurn);
  }

  #turn(): void {
    this.#turnScheduled = false;
    if (this.#closed) return;
    const libc = this.#libc;
    const ready = mustCall(libc, 'epoll_wait', () =>
      libc.epollWait(this.#epfd, this.#events, MAX_EVENTS, 0),
    );
    this.#turnEnd.begin();
    for (let i = 0; i < ready; i++) {
      try {
        this.#dispatch(i * EPOLL_EVENT.words);
      } catch (error) {
        throwLater(error);
      }
    }
    this.#turnEnd.run();
  }

  #dispatch(at: number): void {
    const events = this.#events;
    const registration = this.#registrations[events[at + EPOLL_EVENT.descriptor] ?? 0];
    if (registration === undefined) return; // unregistered earlier in this turn
    if (registration.generation !== events[at + EPOLL_EVENT.generation]) return; // and used again
    const bits = events[at] ?? 0;
    let ready = 0;
    if ((bits & c.EPOLLIN) !== 0) ready |= EVENT_READ;
    if ((bits & c.EPOLLOUT) !== 0) ready |= EVENT_WRITE;
    if ((bits & (c.EPOLLERR | c.EPOLLHUP)) !== 0) ready = EVENT_READ | EVENT_WRITE | EVENT_HANGUP;
    registration.handler.onReady(ready);
  }
}

const EPOLL_BITS: Readonly<Record<Interest, number>> = {
  none: 0,
  read: c.EPOLLIN,
  write: c.EPOLLOUT,
  'read-write': c.EPOLLIN | c.EPOLLOUT,
};

let current: EventLoop | undefined;

/** The event loop of this thread, made on first use, and anew when it was closed. */
export function currentEventLoop(): EventLoop {
  if (current === undefined || current.closed) current = new EventLoop();
  return current;
}
