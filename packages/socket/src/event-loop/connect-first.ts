/**
 * Connecting to the first of several addresses that answers, awaited: the schedule of `happy-eyeballs.ts` in Node's
 * loop.
 */
import type { Address } from '../address.ts';
import { SystemError } from '../errors.ts';
import { HappyEyeballs, type ConnectPlan } from '../happy-eyeballs.ts';
import { whenAborted } from './abort-listeners.ts';
import { systemClock, type Clock, type Timer } from './clock.ts';

/** What an attempt makes: a socket, or something that has one. */
export interface Closable {
  close(): void;
}

/** How to make one connection. */
export interface ConnectFirstOptions<A extends Address, S extends Closable> extends Omit<
  ConnectPlan,
  'startedAt'
> {
  /**
   * Connects to one address. Closes what it has opened when that fails, and fails soon when `signal` aborts: that
   * is how an attempt is abandoned.
   */
  readonly connect: (address: A, options: { readonly signal: AbortSignal }) => Promise<S>;
  /** When connecting was asked for, by `clock`: now unless told. */
  readonly startedAt?: number;
  /** Gives all attempts up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

/**
 * Connects to the first of `addresses` that answers, as RFC 8305 has it: see `attemptDelayMs` and `timeoutMs`.
 *
 * @returns what `connect` made; all others are closed, and all when it rejects
 * @throws ConnectionFailedError when none answered
 * @throws the reason of the signal; RangeError for a delay of less than 10 ms; what `connect` throws that is no
 * SystemError
 *
 * @example
 * ```ts
 * const addresses = await resolve('localhost', 65432);
 * const socket = await connectFirst(addresses, {
 *   target: 'localhost:65432',
 *   timeoutMs: 5000,
 *   connect: (address, { signal }) => connect(address, { signal, timeoutMs: Infinity }),
 * });
 * ```
 */
export async function connectFirst<A extends Address, S extends Closable>(
  addresses: readonly A[],
  options: ConnectFirstOptions<A, S>,
): Promise<S> {
  options.signal?.throwIfAborted();
  return new AwaitedRace(addresses, options).run();
}

/** What the attempts hear that are not needed any more. */
const ABANDONED = new Error('connect: another attempt has won, or the time is over');

class AwaitedRace<A extends Address, S extends Closable> {
  readonly #eyeballs: HappyEyeballs<A>;
  readonly #options: ConnectFirstOptions<A, S>;
  readonly #clock: Clock;
  readonly #abandonment = new AbortController();
  /** Every attempt; they never reject. */
  readonly #attempts: Promise<void>[] = [];
  #timer: Timer | undefined;
  #isOver = false;
  #win: (connection: S) => void = () => {};
  #lose: (reason: unknown) => void = () => {};

  constructor(addresses: readonly A[], options: ConnectFirstOptions<A, S>) {
    const { clock = systemClock, startedAt = clock.now() } = options;
    this.#options = options;
    this.#clock = clock;
    this.#eyeballs = new HappyEyeballs(addresses, { ...options, startedAt });
  }

  async run(): Promise<S> {
    const { signal } = this.#options;
    let ignoreSignal: (() => void) | undefined;
    try {
      return await new Promise<S>((resolve, reject) => {
        this.#win = resolve;
        this.#lose = reject;
        ignoreSignal = signal && whenAborted(signal, () => this.#giveUp(signal.reason));
        this.#proceed();
      });
    } finally {
      this.#timer?.cancel();
      ignoreSignal?.();
      this.#abandonment.abort(ABANDONED);
      // Nothing stays open: whoever waits for us may count descriptors.
      await Promise.all(this.#attempts);
    }
  }

  /** Does what is due, until there is something to wait for. */
  #proceed(): void {
    try {
      while (!this.#isOver) {
        const now = this.#clock.now();
        const step = this.#eyeballs.next(now);
        if (step.do === 'give up') return this.#giveUp(step.error);
        if (step.do === 'wait') {
          this.#timer?.cancel();
          this.#timer = this.#clock.after(step.until - now, () => this.#proceed());
          return;
        }
        this.#attempts.push(this.#attempt(step.attempt, step.address));
      }
    } catch (error) {
      this.#giveUp(error); // of whoever watches the attempts
    }
  }

  async #attempt(number: number, address: A): Promise<void> {
    let connection: S;
    try {
      connection = await this.#options.connect(address, { signal: this.#abandonment.signal });
    } catch (error) {
      this.#failed(number, error);
      return;
    }
    if (!this.#isOver) this.#connected(number, connection);
    else connection.close();
  }

  #connected(number: number, connection: S): void {
    this.#isOver = true;
    try {
      this.#eyeballs.connected(number, this.#clock.now());
      this.#win(connection);
    } catch (error) {
      connection.close();
      this.#lose(error); // of whoever watches the attempts
    }
  }

  #failed(number: number, error: unknown): void {
    if (this.#isOver) return;
    if (!(error instanceof SystemError)) return this.#giveUp(error);
    try {
      this.#eyeballs.failed(number, error, this.#clock.now());
    } catch (cause) {
      return this.#giveUp(cause); // of whoever watches the attempts
    }
    this.#proceed();
  }

  #giveUp(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      this.#eyeballs.abandon(this.#clock.now());
      this.#lose(reason);
    } catch (error) {
      this.#lose(error); // of whoever watches the attempts
    }
  }
}
