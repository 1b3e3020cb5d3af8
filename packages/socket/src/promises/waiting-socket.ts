/**
 * WaitingSocket of the awaited face: how its calls wait. What they are is in `message-socket.ts` and `socket.ts`.
 *
 * A call is tried at once. What would have to wait does so in the event loop (`readiness.ts`), together with
 * all other sockets of this thread. Two things keep a busy socket from costing too much:
 *
 * - A receive that got less than it had room for has emptied the kernel's queue: the next one does not ask
 *   again, it waits. Should more have come meanwhile, the loop says so in its next turn.
 * - Calls that succeed at once, again and again, would never let Node's loop run: after {@link STREAK_LIMIT} of them
 *   the next one goes through the loop. One that may not wait is made in its turn, and its outcome told later.
 */
import {
  formatAddress,
  type AddressOf,
  type Family,
  type IpFamily,
  type Where,
} from '../address/address.ts';
import { SocketBusyError } from '../errors.ts';
import { systemClock, type Clock } from '../event-loop/clock.ts';
import { currentEventLoop, type EventLoop } from '../event-loop/event-loop.ts';
import { ERRNO } from '../libc/errno.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import {
  flagBits,
  neverWaits,
  type ReceiveFlag,
  type SendFlag,
} from '../messages/message-flags.ts';
import { finishConnect } from '../connecting/finish-connect.ts';
import { isUnderWay, wouldBlock } from '../socket-mode.ts';
import { preparedDescriptor } from '../descriptor/prepared-descriptor.ts';
import { TimedSocket } from '../descriptor/timed-socket.ts';
import { forgetUnclosed, watchUnclosed } from '../descriptor/unclosed.ts';
import { lookUp } from './look-up.ts';
import type { ReceiveOptions, SendOptions, SocketOptions, WaitOptions } from './options.ts';
import { Readiness, type Direction } from './readiness.ts';

/** How many calls in a row may succeed at once: 16 chunks are a megabyte, a fraction of a millisecond. */
const STREAK_LIMIT = 16;

/** The calls that wait, and what each is, of which there is one at a time. */
const EXCLUSIVE = {
  accept: 'accept',
  connect: 'connect',
  recv: 'receive',
  recvFrom: 'receive',
  recvMsg: 'receive',
  send: 'send',
  sendTo: 'send',
  sendMsg: 'send',
} as const;

/** The name of a call that waits. */
export type Attempt = keyof typeof EXCLUSIVE;

/** A socket whose calls wait in the event loop. */
export abstract class WaitingSocket<F extends Family = IpFamily> extends TimedSocket<F> {
  /** Whether the last receive emptied the kernel's queue. */
  protected drained = false;
  readonly #readiness: Readiness;
  /** How many calls in a row succeeded at once. */
  #streak = 0;

  protected constructor(options: SocketOptions<F>) {
    // The loop first: when it cannot be made, no descriptor is open yet.
    const { loop = currentEventLoop(), clock = systemClock } = options;
    super(preparedDescriptor(options));
    const { family, type, libc } = this;
    this.#readiness = new Readiness({ family, type, libc, fd: this.fileno() }, loop, clock);
    watchUnclosed(this, this.#readiness);
  }

  /** As in the face that blocks. Calls that wait fail with `SocketClosedError`. */
  protected override release(): number {
    this.#readiness.release();
    forgetUnclosed(this);
    return super.release();
  }

  /** Where it waits, and what it measures time with. */
  protected get surroundings(): { readonly loop: EventLoop; readonly clock: Clock } {
    return this.#readiness;
  }

  /** Tries `call`, and waits where it would have to. Whatever is wrong, the promise rejects. */
  protected run<T>(
    direction: Direction,
    attempt: Attempt,
    options: ReceiveOptions | SendOptions,
    call: (flags: number) => T | WouldBlock,
  ): Promise<T> {
    try {
      const { signal } = options;
      const flags = flagBits<ReceiveFlag | SendFlag>(options.flags);
      signal?.throwIfAborted();
      this.#checkBusy(direction, attempt);
      const isImmediate = this.isImmediate(direction, flags);
      if (isImmediate && this.#streak >= STREAK_LIMIT) {
        this.#streak = 0;
        return afterOthers(outcomeOf(attempt, () => call(flags)));
      }
      if (isImmediate || !this.#isDue(direction)) {
        this.#streak++; // before the call: one that fails counts, too
        const result = call(flags);
        if (result !== WOULD_BLOCK) return Promise.resolve(result);
        if (isImmediate) throw wouldBlock(attempt);
      }
      this.#streak = 0;
      this.descriptor(attempt);
      const timeoutMs = this.getTimeout();
      return this.#readiness.wait(direction, { attempt, call, flags, timeoutMs, signal });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Resolves to the error number that connecting ends with, 0 for none. */
  protected async connectTo(address: AddressOf<F>, options: WaitOptions): Promise<number> {
    this.#checkBusy('write', 'connect');
    const errno = this.tryConnectEx(address);
    if (!isUnderWay(errno)) return errno;
    if (this.getTimeout() === 0) return errno === ERRNO.EINTR ? ERRNO.EINPROGRESS : errno;
    return this.#readiness.wait('write', {
      attempt: 'connect',
      call: () => finishConnect(this, address),
      flags: 0,
      address: formatAddress(address),
      timeoutMs: this.getTimeout(),
      signal: options.signal,
    });
  }

  /** Whether a call may not wait. */
  protected isImmediate(direction: Direction, flags: number): boolean {
    return this.getTimeout() === 0 || neverWaits(flags, direction);
  }

  /** The address that `where` is, or that its host has. */
  protected async addressOf(
    attempt: string,
    where: Where<F>,
    { signal }: WaitOptions,
  ): Promise<AddressOf<F>> {
    this.descriptor(attempt);
    const [address] = await lookUp(where, {
      attempt,
      family: this.family,
      // Non-blocking mode is about the socket: a look-up takes its time.
      timeoutMs: this.getTimeout() || null,
      clock: this.#readiness.clock,
      signal,
    });
    // The socket may have been closed meanwhile, or the signal given.
    this.descriptor(attempt);
    signal?.throwIfAborted();
    return address as AddressOf<F>; // of the family that was asked for; an address is checked when it is used
  }

  #checkBusy(direction: Direction, attempt: Attempt): void {
    const waiting = this.#readiness.waiting(direction);
    if (waiting === undefined) return;
    // Only the calls of this class wait there.
    throw new SocketBusyError(attempt, EXCLUSIVE[waiting as Attempt]);
  }

  /** Whether it is time to wait without asking first. */
  #isDue(direction: Direction): boolean {
    if (this.#streak >= STREAK_LIMIT) return true;
    return direction === 'read' && (this.drained || this.#readiness.isConnecting);
  }
}

/** What `call`, which may not wait, answers or throws: it is made now, in its turn, and told later. */
function outcomeOf<T>(attempt: Attempt, call: () => T | WouldBlock): () => T {
  try {
    const result = call();
    if (result === WOULD_BLOCK) throw wouldBlock(attempt);
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Tells an outcome when everybody else in this thread has had his turn. */
function afterOthers<T>(outcome: () => T): Promise<T> {
  return new Promise<void>((resolve) => setImmediate(resolve)).then(outcome);
}
