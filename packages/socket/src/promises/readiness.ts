/**
 * Readiness: what one socket waits for in the event loop, a receiver and a sender at most.
 *
 * ```
 *   wait('read', call) --> armed --> readable --> call() --> its result settles the promise
 *                            ^                      |
 *                            '---- would block -----'
 * ```
 *
 * - The call is made here, in the loop's turn, and not by the code that waits: when the promise settles the
 *   bytes are there, and a `recv` that was aborted has taken none.
 * - Interest in reading is left armed when its receiver got something: most will ask again. Should readiness
 *   come with nobody waiting, it is taken back then. Ping-pong thus costs no system call for interest.
 * - It is what remains of a socket that is collected, so nothing here leads to the socket. While somebody
 *   waits, his call does; otherwise a socket that is forgotten can be collected, and its descriptor closed.
 * - Only a wait keeps the process alive.
 * - A Unix datagram socket is writable although nobody can be sent to: its sender rests between two attempts.
 */
import { whenAborted } from '../event-loop/abort-listeners.ts';
import type { Clock, Timer } from '../event-loop/clock.ts';
import type { EventLoop } from '../event-loop/event-loop.ts';
import {
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  interestOf,
  isReadArmed,
  type ReadinessHandler,
  type Registration,
} from '../event-loop/registration.ts';
import { drainErrorQueue, hasErrorQueue } from '../messages/error-queue.ts';
import { SocketClosedError, systemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import { isWritableInVain, SEND_REST_MS, timedOut } from '../socket-mode.ts';
import { Remains, type OpenDescriptor } from '../descriptor/unclosed.ts';

/** Which of the two a call waits for. */
export type Direction = 'read' | 'write';

/** A call that has to wait. */
export interface WaitingCall<T> {
  /** Its name, as errors say it. */
  readonly attempt: string;
  /** Tried whenever the socket is ready, with the bits of its `MSG_` flags. */
  readonly call: (flags: number) => T | WouldBlock;
  readonly flags: number;
  /** What it is about, as errors say it. */
  readonly address?: string;
  /** How long to wait; `null` for ever. */
  readonly timeoutMs: number | null;
  /** Gives up; the promise rejects with the signal's reason. */
  readonly signal: AbortSignal | undefined;
}

/** Where a socket's calls wait. */
export class Readiness extends Remains implements ReadinessHandler {
  /** Where it waits. */
  readonly loop: EventLoop;
  /** What time-outs are measured with. */
  readonly clock: Clock;
  #registration: Registration | undefined;
  #reader: Waiter | undefined;
  #writer: Waiter | undefined;
  /** Runs while being writable is not listened to, because it meant nothing. */
  #rest: Timer | undefined;

  constructor(descriptor: OpenDescriptor, loop: EventLoop, clock: Clock) {
    super(descriptor);
    this.loop = loop;
    this.clock = clock;
  }

  /** Whether a call waits in this direction. */
  isWaiting(direction: Direction): boolean {
    return this.waiting(direction) !== undefined;
  }

  /** The name of the call that waits in this direction. */
  waiting(direction: Direction): string | undefined {
    return (direction === 'read' ? this.#reader : this.#writer)?.attempt;
  }

  /** Whether a connect waits: until it is decided there is nothing to receive. */
  get isConnecting(): boolean {
    return this.#writer?.attempt === 'connect';
  }

  /** Resolves to what the call answers once it does not have to wait. One in each direction at most. */
  wait<T>(direction: Direction, waiting: WaitingCall<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiter: Waiter = {
        attempt: waiting.attempt,
        call: waiting.call,
        flags: waiting.flags,
        resolve,
        reject,
        stopWatching: undefined,
      };
      this.#put(direction, waiter);
      try {
        this.#watch(direction, waiter, waiting);
        this.#arm();
      } catch (error) {
        this.#take(direction, waiter);
        reject(error);
      }
    });
  }

  onReady(events: number): void {
    const reader = this.#reader;
    const writer = this.#writer;
    // The end of a connect is the connect's to hear: to receive would take its error away.
    const isConnecting = writer?.attempt === 'connect';
    if (isConnecting) this.#attempt('write', writer);
    if ((events & EVENT_READ) !== 0 && reader !== undefined && !this.isConnecting) {
      this.#attempt('read', reader);
    }
    if ((events & EVENT_WRITE) !== 0 && writer !== undefined && !isConnecting) {
      this.#attempt('write', writer);
      if (this.#writer === writer && isWritableInVain(this)) this.#takeRest();
    }
    const stillWaits = this.#reader !== undefined || this.#writer !== undefined;
    // An error that ends no wait is one of datagrams, whose reports nobody reads.
    if (stillWaits && (events & EVENT_HANGUP) !== 0 && hasErrorQueue(this.family)) {
      drainErrorQueue(this.libc, this.fd);
    }
    this.#settleInterest(events, reader !== undefined);
  }

  /** The loop was closed: nobody will be woken any more. */
  onLoopClosed(): void {
    this.release();
  }

  /** The calls that wait fail, and may be made again. */
  onInterrupted(): void {
    this.#rejectAll((attempt) => systemError(attempt, ERRNO.EINTR));
  }

  /** Ends the registration; the calls that wait fail. Before the descriptor is closed or handed on. */
  override release(): void {
    this.#registration?.unregister();
    this.#registration = undefined;
    this.#rejectAll((attempt) => new SocketClosedError(attempt));
  }

  #rejectAll(reasonFor: (attempt: string) => Error): void {
    for (const direction of ['read', 'write'] as const) {
      const waiter = direction === 'read' ? this.#reader : this.#writer;
      if (waiter === undefined) continue;
      this.#take(direction, waiter);
      waiter.reject(reasonFor(waiter.attempt));
    }
  }

  #attempt(direction: Direction, waiter: Waiter): void {
    let result: unknown;
    try {
      result = waiter.call(waiter.flags);
    } catch (error) {
      this.#take(direction, waiter);
      waiter.reject(error);
      return;
    }
    if (result === WOULD_BLOCK) return;
    this.#take(direction, waiter);
    waiter.resolve(result as never);
  }

  #put(direction: Direction, waiter: Waiter): void {
    if (direction === 'read') this.#reader = waiter;
    else this.#writer = waiter;
  }

  #take(direction: Direction, waiter: Waiter): void {
    if (direction === 'read') this.#reader = undefined;
    else this.#writer = undefined;
    if (direction === 'write') this.#endRest();
    waiter.stopWatching?.();
    if (this.#reader === undefined && this.#writer === undefined) this.#registration?.unref();
  }

  get #isWriting(): boolean {
    return this.#writer !== undefined && this.#rest === undefined;
  }

  #takeRest(): void {
    this.#rest ??= this.clock.after(SEND_REST_MS, () => {
      this.#endRest();
      const writer = this.#writer;
      if (writer === undefined) return;
      try {
        this.#arm();
      } catch (error) {
        this.#take('write', writer);
        writer.reject(error);
      }
    });
  }

  #endRest(): void {
    this.#rest?.cancel();
    this.#rest = undefined;
  }

  /** Has the wait end by its time-out, or its signal. */
  #watch<T>(direction: Direction, waiter: Waiter, waiting: WaitingCall<T>): void {
    const { timeoutMs, signal, attempt, address } = waiting;
    if (timeoutMs === null && signal === undefined) return;
    const giveUp = (reason: unknown): void => {
      this.#take(direction, waiter);
      waiter.reject(reason);
    };
    const timer = this.clock.after(timeoutMs ?? Infinity, () => {
      // What came while this thread was busy came in time.
      if (direction === 'read') this.#attempt(direction, waiter);
      if (this.isWaiting(direction)) giveUp(timedOut(attempt, timeoutMs, address));
    });
    const ignoreSignal = signal && whenAborted(signal, () => giveUp(signal.reason));
    waiter.stopWatching = () => {
      timer.cancel();
      ignoreSignal?.();
    };
  }

  /** Asks the loop for all that somebody waits for, beside what is armed already. */
  #arm(): void {
    // One that the loop has given up is none: to register anew says so.
    const registration = this.#registration?.active === true ? this.#registration : undefined;
    const isReading = this.#reader !== undefined || isReadArmed(registration);
    const interest = interestOf(isReading, this.#isWriting);
    if (registration === undefined) {
      this.#registration = this.loop.register(this.fd, interest, this);
    } else {
      registration.modify(interest);
      registration.ref();
    }
  }

  #settleInterest(events: number, hadReader: boolean): void {
    const registration = this.#registration;
    if (registration === undefined) return; // closed by what was called
    const isIdle = this.#reader === undefined && this.#writer === undefined;
    if (isIdle && (events & EVENT_HANGUP) !== 0) {
      // A hang-up is reported turn after turn, whatever the interest: out, until somebody asks again.
      registration.unregister();
      this.#registration = undefined;
      return;
    }
    const isReadWanted = hadReader || (events & EVENT_READ) === 0;
    const isReading = isReadWanted && isReadArmed(registration);
    registration.modify(interestOf(isReading, this.#isWriting));
  }
}

/** A call that waits, and its promise. */
interface Waiter {
  readonly attempt: string;
  readonly call: (flags: number) => unknown;
  readonly flags: number;
  /** Takes what `call` answers: they were given together, so it is of the promise's type. */
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
  /** Takes back what would end the wait early. */
  stopWatching: (() => void) | undefined;
}
