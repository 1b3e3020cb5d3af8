/**
 * Reconnection: when a client that has lost its server tries again. No I/O, no timer: it is told what happened
 * and says how long to wait.
 *
 * The wait doubles with each failure in a row and is a random part of that ("full jitter"), so that the clients
 * of a server that comes back do not all come at once. Only an answer ends the row: a server that takes
 * connections and then falls is not back yet, and one that lets a second connection in a row fall without an
 * answer is down, too. The first says nothing: servers restart. A client that was never connected does not wait and try: more
 * likely its address is wrong, and its user is to hear of it.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */

/** Options of {@link Reconnection}. */
export interface ReconnectOptions {
  /** The longest that the first wait can be, in milliseconds; 50 unless told. */
  readonly baseMs?: number;
  /** The longest that any wait can be, in milliseconds; 5000 unless told. */
  readonly maxMs?: number;
  /** Chance: a number from 0 to less than 1; `Math.random` unless a test brings its own. */
  readonly random?: () => number;
}

/** 50 ms: a process that is started anew by its supervisor is seldom sooner there. */
const BASE_MS = 50;

/** 5 s: so long after its server is back a client finds out at the latest. */
const MAX_MS = 5_000;

/** One client's. */
export class Reconnection {
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #hasConnected = false;
  #failures = 0;
  #setbacks = 0;
  #notBefore = -Infinity;
  #lastError: unknown;

  /** @throws RangeError when a time is no number, or negative; TypeError when chance is no function. */
  constructor({ baseMs = BASE_MS, maxMs = MAX_MS, random = Math.random }: ReconnectOptions = {}) {
    for (const [name, ms] of Object.entries({ baseMs, maxMs })) {
      if (typeof ms !== 'number' || !(ms >= 0))
        throw new RangeError(`set reconnect.${name} to ${ms}: expected milliseconds, at least 0`);
    }
    if (typeof random !== 'function') {
      throw new TypeError(`set reconnect.random to a ${typeof random}: expected a function`);
    }
    this.#baseMs = baseMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Whether a failure to connect is to be followed by another attempt. */
  get triesAgain(): boolean {
    return this.#hasConnected;
  }

  /** Whether the last attempts failed, and nothing was answered since. */
  get isDown(): boolean {
    return this.#failures > 0;
  }

  /**
   * How often something went wrong in a row: an attempt failed, or a connection was lost. Of what was attempted
   * side by side, only one is to be counted.
   */
  get setbacks(): number {
    return this.#setbacks;
  }

  /** Why the last attempt failed; `undefined` while the server is up. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** A connection stands. That is no answer yet. */
  connected(): void {
    this.#hasConnected = true;
  }

  /** The server is back. */
  answered(): void {
    this.#failures = 0;
    this.#setbacks = 0;
    this.#notBefore = -Infinity;
    this.#lastError = undefined;
  }

  /** An attempt failed at the time `now`. */
  failed(now: number, error: unknown): void {
    const most = Math.min(this.#maxMs, this.#baseMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#setbacks += 1;
    this.#lastError = error;
    this.#notBefore = now + this.#random() * most;
  }

  /** A connection ended without an answer to what was asked on it: a failure, unless nothing went wrong before. */
  lost(now: number, error: unknown): void {
    if (this.#setbacks > 0) this.failed(now, error);
    else this.#setbacks = 1;
  }

  /** How many milliseconds are left before the next attempt; 0 when it may be made now. */
  waitMs(now: number): number {
    return Math.max(Math.ceil(this.#notBefore - now), 0);
  }
}
