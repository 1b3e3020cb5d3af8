/**
 * A scripted kernel: a `Libc` whose answers the test writes down, for what real sockets do rarely.
 *
 * The script is a list of the calls that are expected, in order, each with its answer. A call that is not
 * next in the script fails the test at once, and `done()` fails it when something was not called. Calls
 * that a test does not care about can be answered `always`; they are logged like the others.
 *
 * Time does not pass here and nothing is ever ready by itself: `turn(events)` plays what the kernel finds
 * ready and lets the event loop run its turn.
 */
import { ERRNO, type ErrnoName } from '../libc/errno.ts';
import { EPOLL_EVENT } from '../libc/layouts.ts';
import type { Libc, MessageMemory, Watch } from '../libc/libc.ts';

/** The names of the calls that can be scripted. */
export type ScriptedCall = Exclude<
  keyof Libc,
  | 'errno'
  | 'getaddrinfo'
  | 'getnameinfo'
  | 'ifNameindex'
  | 'signalWaits'
  | 'watch'
  | 'closeAtThreadEnd'
  | 'keepAtThreadEnd'
>;

/** What a scripted call does: returns a number, fails with an error, or (`recv`, `accept4` ...) gives bytes. */
export type ScriptedAnswer =
  | {
      readonly returns: number;
      readonly fills?: Uint8Array;
      /** What `recvmsg` gets beside the bytes; `recvfrom` its name. */
      readonly beside?: ScriptedBeside;
    }
  | { readonly fails: ErrnoName | number };

/** What comes beside the bytes of a message: a `sockaddr`, control messages, the bits of flags. */
export interface ScriptedBeside {
  readonly name?: Uint8Array;
  readonly control?: Uint8Array;
  readonly flags?: number;
}

/** One expected call. */
export type ScriptedStep = {
  readonly call: ScriptedCall;
  readonly fd?: number;
  /** Runs before the answer: what happens, or can be seen, while the call is under way. */
  readonly during?: (values: readonly unknown[]) => void;
} & ScriptedAnswer;

/** A call that was made. */
export interface MadeCall {
  readonly call: ScriptedCall;
  readonly arguments: readonly unknown[];
}

/** One event that `turn` plays; bits as in epoll_ctl(2). */
export interface ScriptedEvent {
  readonly fd: number;
  /** The generation of the registration; the newest for the descriptor unless told. */
  readonly generation?: number;
  readonly bits: number;
}

/** Options of {@link ScriptedKernel}. */
export interface ScriptedKernelOptions {
  readonly script?: readonly ScriptedStep[];
  /** Calls that are answered whenever they come and are not next in the script. */
  readonly always?: Partial<Record<ScriptedCall, ScriptedAnswer>>;
}

/** Which argument of a call holds the bytes that the kernel fills. */
const FILLED_ARGUMENT: Partial<Record<ScriptedCall, number>> = {
  recv: 1,
  recvfrom: 1,
  socketpair: 3,
  accept4: 1,
  getsockname: 1,
  getpeername: 1,
  getsockopt: 3,
  ioctl: 2,
  poll: 0,
  getrlimit: 1,
};

/**
 * Plays the operating system.
 *
 * @example
 * ```ts
 * const kernel = new ScriptedKernel({
 *   script: [
 *     { call: 'socket', returns: 5 },
 *     { call: 'send', fails: 'EINTR' },
 *     { call: 'send', returns: 2 },
 *   ],
 *   always: { close: { returns: 0 } },
 * });
 * const socket = new Socket({ libc: kernel.libc });
 * socket.trySend(bytes); // 2: a short write
 * kernel.done();
 * ```
 */
export class ScriptedKernel {
  readonly libc: Libc;
  /** Every call so far, in order. */
  readonly calls: MadeCall[] = [];
  readonly #script: ScriptedStep[];
  readonly #always: Partial<Record<ScriptedCall, ScriptedAnswer>>;
  readonly #generations = new Map<number, number>();
  readonly #ready: ScriptedEvent[] = [];
  #errno = 0;
  #onReadable: (() => void) | undefined;

  constructor(options: ScriptedKernelOptions = {}) {
    this.#script = [...(options.script ?? [])];
    this.#always = options.always ?? {};
    this.libc = this.#makeLibc();
  }

  /** Adds to the end of the script. */
  expect(...steps: readonly ScriptedStep[]): void {
    this.#script.push(...steps);
  }

  /** The names of the calls so far. */
  get callNames(): ScriptedCall[] {
    return this.calls.map(({ call }) => call);
  }

  /**
   * Says that `events` are ready and lets the event loop run one turn. The `epoll_wait` of that turn is
   * answered from here, not from the script.
   */
  async turn(...events: readonly ScriptedEvent[]): Promise<void> {
    if (this.#onReadable === undefined) throw new Error('play a turn: no event loop is watching');
    this.#ready.push(...events);
    this.#onReadable();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** @throws Error when a scripted call was not made. */
  done(): void {
    if (this.#script.length === 0) return;
    const left = this.#script.map(({ call }) => call).join(', ');
    throw new Error(`the script was not played to its end: ${left} did not come`);
  }

  #answer(call: ScriptedCall, values: readonly unknown[]): number {
    this.calls.push({ call, arguments: values });
    const next = this.#script[0];
    const isNext = next?.call === call && (next.fd === undefined || next.fd === values[0]);
    const answer = isNext ? next : this.#always[call];
    if (isNext) {
      this.#script.shift();
      next.during?.(values);
    }
    if (answer === undefined) {
      const expected = next === undefined ? 'the end of the script' : describe(next);
      throw new Error(`unscripted call ${call}(${values[0]}): expected ${expected}`);
    }
    if ('fails' in answer) {
      this.#errno = typeof answer.fails === 'number' ? answer.fails : ERRNO[answer.fails];
      return -1;
    }
    if (call === 'recvfrom') fillName(values, answer);
    if (call === 'recvmsg') fillMessage(values, answer);
    else if (answer.fills !== undefined) {
      // The table names arguments that Libc types as arrays of numbers.
      const filled = values[FILLED_ARGUMENT[call] ?? -1] as Uint8Array | Int32Array;
      new Uint8Array(filled.buffer, filled.byteOffset, filled.byteLength).set(answer.fills);
    }
    return answer.returns;
  }

  #makeLibc(): Libc {
    const play =
      (call: ScriptedCall) =>
      (...values: readonly unknown[]): number =>
        this.#answer(call, values);
    return {
      errno: () => this.#errno,
      socket: play('socket'),
      socketpair: play('socketpair'),
      bind: play('bind'),
      listen: play('listen'),
      accept4: play('accept4'),
      connect: play('connect'),
      recv: play('recv'),
      send: play('send'),
      sendto: play('sendto'),
      recvfrom: play('recvfrom'),
      sendmsg: play('sendmsg'),
      recvmsg: play('recvmsg'),
      shutdown: play('shutdown'),
      close: play('close'),
      getsockname: play('getsockname'),
      getpeername: play('getpeername'),
      setsockopt: play('setsockopt'),
      getsockopt: play('getsockopt'),
      fcntl: play('fcntl'),
      ioctl: play('ioctl'),
      poll: play('poll'),
      signalWaits: () => false,
      getrlimit: play('getrlimit'),
      getaddrinfo: () => {
        throw new Error('unscripted call getaddrinfo: the scripted kernel knows no names');
      },
      getnameinfo: () => {
        throw new Error('unscripted call getnameinfo: the scripted kernel knows no names');
      },
      ifNameindex: () => [],
      epollCreate1: play('epollCreate1'),
      epollCtl: (epfd, operation, fd, event) => {
        this.#generations.set(fd, event[EPOLL_EVENT.generation] ?? 0);
        return this.#answer('epollCtl', [epfd, operation, fd, event[0]]);
      },
      epollWait: (epfd, events, maxEvents, timeoutMs) => {
        if (this.#ready.length === 0)
          return this.#answer('epollWait', [epfd, maxEvents, timeoutMs]);
        this.calls.push({ call: 'epollWait', arguments: [epfd, maxEvents, timeoutMs] });
        return this.#fillEvents(events, maxEvents);
      },
      watch: (_fd, onReadable) => this.#watch(onReadable),
      closeAtThreadEnd: () => {},
      keepAtThreadEnd: () => {},
    };
  }

  #fillEvents(events: Uint32Array, maxEvents: number): number {
    const batch = this.#ready.splice(0, maxEvents);
    for (const [index, { fd, bits, generation }] of batch.entries()) {
      const at = index * EPOLL_EVENT.words;
      events[at] = bits;
      events[at + EPOLL_EVENT.descriptor] = fd;
      events[at + EPOLL_EVENT.generation] = generation ?? this.#generations.get(fd) ?? 0;
    }
    return batch.length;
  }

  #watch(onReadable: () => void): Watch {
    this.#onReadable = onReadable;
    return {
      ref: () => {},
      unref: () => {},
      close: () => {
        this.#onReadable = undefined;
      },
    };
  }
}

/** Fills what `recvmsg` was given: the bytes, and the memory and the facts of what is beside them. */
function fillMessage(
  values: readonly unknown[],
  { fills, beside = {} }: { readonly fills?: Uint8Array; readonly beside?: ScriptedBeside },
): void {
  // As Libc declares them.
  const memory = values[1] as MessageMemory;
  const facts = values[3] as Int32Array;
  const { name = NOTHING, control = NOTHING, flags = 0 } = beside;
  if (fills !== undefined) memory.parts[0]?.set(fills);
  memory.name.set(name);
  memory.control.set(control);
  facts.set([name.length, control.length, flags]);
}

/** Fills where `recvfrom` puts the name; nobody's is none, as the kernel says of a connection. */
function fillName(
  values: readonly unknown[],
  { beside: { name = NOTHING } = {} }: { readonly beside?: ScriptedBeside },
): void {
  // As Libc declares them.
  const [address, addressLength] = values.slice(4) as [Uint8Array, Int32Array];
  address.set(name);
  addressLength[0] = name.length;
}

const NOTHING = new Uint8Array(0);

function describe(step: ScriptedStep): string {
  return `${step.call}(${step.fd ?? ''})`;
}
