/**
 * Connecting to the first of several addresses that answers, awaited: the schedule of `happy-eyeballs.ts` in Node's
 * loop.
 */
import { formatAddress, type Address, type Family } from '../address/address.ts';
import { systemError, SystemError } from '../errors.ts';
import { HappyEyeballs, type ConnectPlan } from '../connecting/happy-eyeballs.ts';
import type { Libc } from '../libc/libc.ts';
import { openFrom, type LocalAddresses } from '../names/local-addresses.ts';
import type { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { isUnderWay } from '../socket-mode.ts';
import { whenAborted } from './abort-listeners.ts';
import { systemClock, type Clock, type Timer } from './clock.ts';
import { currentEventLoop, type EventLoop } from './event-loop.ts';
import { whenConnected } from './when-connected.ts';

/** Options of {@link connectFirst}. */
export interface ConnectFirstOptions extends Omit<ConnectPlan, 'startedAt'> {
  /** When connecting was asked for, by `clock`: now unless told. */
  readonly startedAt?: number;
  /** Where to connect from, by family; wherever the kernel says unless told. */
  readonly from?: LocalAddresses | undefined;
  /** Gives all attempts up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  readonly loop?: EventLoop;
  readonly libc?: Libc;
}

/** A connection that stands, and to where. */
export interface FirstConnection<A extends Address> {
  readonly socket: SocketDescriptor<Family>;
  readonly address: A;
}

/** An attempt that is not decided. */
interface Running {
  readonly socket: SocketDescriptor<Family>;
  /** Leaves the event loop. */
  stopWaiting: (() => void) | undefined;
}

/**
 * Connects to the first of `addresses` that answers, as RFC 8305 has it: an attempt each `attemptDelayMs`, or as soon
 * as one fails, all within `timeoutMs`.
 *
 * @returns the socket, which the caller owns; all others are closed, and all when it rejects
 * @throws ConnectionFailedError when none answered; the reason of the signal; RangeError for a delay of less than
 * 10 ms.
 *
 * @example
 * ```ts
 * const addresses = await resolve('localhost', 65432);
 * const { socket } = await connectFirst(addresses, { target: 'localhost:65432', timeoutMs: 5000 });
 * ```
 */
export async function connectFirst<A extends Address>(
  addresses: readonly A[],
  options: ConnectFirstOptions,
): Promise<FirstConnection<A>> {
  options.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    new AwaitedRace(addresses, options, { resolve, reject }).begin();
  });
}

/** Who waits for the end. */
interface Outcome<A extends Address> {
  resolve(first: FirstConnection<A>): void;
  reject(reason: unknown): void;
}

class AwaitedRace<A extends Address> {
  readonly #eyeballs: HappyEyeballs<A>;
  readonly #options: ConnectFirstOptions;
  readonly #outcome: Outcome<A>;
  readonly #clock: Clock;
  readonly #loop: EventLoop;
  readonly #running = new Map<number, Running>();
  #timer: Timer | undefined;
  #ignoreSignal: (() => void) | undefined;
  #isOver = false;

  constructor(addresses: readonly A[], options: ConnectFirstOptions, outcome: Outcome<A>) {
    const { clock = systemClock, startedAt = clock.now(), loop = currentEventLoop() } = options;
    this.#eyeballs = new HappyEyeballs(addresses, { ...options, startedAt });
    this.#options = options;
    this.#outcome = outcome;
    this.#clock = clock;
    this.#loop = loop;
  }

  begin(): void {
    const { signal } = this.#options;
    this.#ignoreSignal = signal && whenAborted(signal, () => this.#giveUp(signal.reason));
    this.#proceed();
  }

  /** Does what is due, until there is something to wait for. */
  #proceed(): void {
    this.#watched(() => {
      while (!this.#isOver) {
        const now = this.#clock.now();
        const step = this.#eyeballs.next(now);
        if (step.do === 'give up') return this.#giveUp(step.error);
        if (step.do === 'wait') return this.#waitFor(step.until - now);
        // Whoever was told of the attempt may have ended it all.
        if (!this.#isOver) this.#begin(step.attempt, step.address);
      }
    });
  }

  #waitFor(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, () => this.#proceed());
  }

  #begin(attempt: number, address: A): void {
    let errno: number;
    try {
      const socket = openFrom<Family>(address.family, this.#options);
      const running: Running = { socket, stopWaiting: undefined };
      this.#running.set(attempt, running);
      errno = socket.tryConnectEx(address);
      if (isUnderWay(errno)) {
        running.stopWaiting = whenConnected(
          this.#loop,
          { socket, address },
          {
            onDecided: (decided) => {
              this.#watched(() => this.#decided(attempt, address, decided));
              this.#proceed();
            },
            onLost: (error) => this.#giveUp(error),
          },
        );
        return;
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      return this.#failed(attempt, error);
    }
    this.#decided(attempt, address, errno);
  }

  #decided(attempt: number, address: A, errno: number): void {
    if (errno === 0) return this.#connected(attempt, address);
    this.#failed(attempt, systemError('connect', errno, formatAddress(address)));
  }

  #connected(attempt: number, address: A): void {
    this.#eyeballs.connected(attempt, this.#clock.now());
    const socket = this.#running.get(attempt)?.socket;
    if (socket === undefined) return; // whoever was told of it has ended it all
    this.#running.delete(attempt);
    this.#end();
    this.#outcome.resolve({ socket, address });
  }

  #failed(attempt: number, error: SystemError): void {
    this.#running.get(attempt)?.socket.close();
    this.#running.delete(attempt);
    this.#eyeballs.failed(attempt, error, this.#clock.now());
  }

  #giveUp(reason: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#outcome.reject(reason);
    this.#watched(() => this.#eyeballs.abandon(this.#clock.now()));
  }

  /** Leaves nothing behind. */
  #end(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#ignoreSignal?.();
    for (const { socket, stopWaiting } of this.#running.values()) {
      stopWaiting?.();
      socket.close();
    }
    this.#running.clear();
  }

  /** Runs what tells the watcher of attempts. What that throws ends it all; after the end it is nobody's. */
  #watched(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#giveUp(error);
    }
  }
}
