/**
 * Happy Eyeballs: in which order the addresses of a host are tried, when each attempt begins, and what became of
 * it. RFC 8305, sections 4 and 5.
 *
 * ```
 *   [::1] ------ 250 ms ------ [::1] goes on ------> abandoned
 *                              127.0.0.1 ---> connected: it wins
 * ```
 *
 * - Families alternate, beginning with that of the best address: when one family is broken, the second attempt is
 *   of the other. Within a family the order stays as it was given (RFC 6724 has sorted it).
 * - An attempt begins 250 ms after the one before, or at once when one fails. Those that run go on. When there is
 *   little time, attempts follow each other sooner, so that each address gets its share of it.
 * - The first that connects wins. One time holds for all of it.
 *
 * There is no I/O here and no clock: whoever connects asks {@link HappyEyeballs.next} what to do, does it, and says
 * what came of it and when. The face that blocks does so around poll (`connect-first.ts`), the awaited one in the
 * event loop (`event-loop/connect-first.ts`).
 *
 * Imperfect: the families of a name come in one answer, as `getaddrinfo` gives it, so a name server that is slow for
 * one of them holds up both (section 3 would not wait); and no round-trip times are remembered.
 */
import { formatAddress, type Address } from '../address/address.ts';
import type { ConnectionAttempt } from './connection-attempt.ts';
import { systemError, type SystemError } from '../errors.ts';
import { ConnectionFailedError } from '../errors/connection-failed-error.ts';
import { ERRNO } from '../libc/errno.ts';

/** "Connection Attempt Delay", RFC 8305, section 8: about the time of the second SYN. */
export const ATTEMPT_DELAY_MS = 250;

/** RFC 8305, section 5: an attempt "MUST NOT be started within 10 milliseconds of the previous" one. */
export const SHORTEST_ATTEMPT_DELAY_MS = 10;

/** How to try the addresses of a host. */
export interface ConnectPlan {
  /** What is to be connected to, as errors say it: `localhost:80`. */
  readonly target: string;
  /** When connecting was asked for, on the clock of all the calls. */
  readonly startedAt: number;
  /** How many milliseconds after an attempt the next one begins; 250, or its share of the time, unless told. */
  readonly attemptDelayMs?: number | undefined;
  /** Milliseconds for all of it, since `startedAt`; `null`, as without it, for ever. */
  readonly timeoutMs?: number | null | undefined;
  /** Called when an attempt begins, and when it has ended. */
  readonly onAttempt?: ((attempt: ConnectionAttempt) => void) | undefined;
}

/** What is to be done next. */
export type Step<A extends Address> =
  /** Begin to connect to `address`, and ask again. The attempt is called by its number. */
  | { readonly do: 'begin'; readonly attempt: number; readonly address: A }
  /** Wait until something comes of an attempt, but no longer than `until`, and ask again. */
  | { readonly do: 'wait'; readonly until: number }
  /** Nothing answered. */
  | { readonly do: 'give up'; readonly error: ConnectionFailedError };

/**
 * The attempts to reach one host.
 *
 * @example
 * ```ts
 * const eyeballs = new HappyEyeballs(addresses, { target: 'localhost:80', startedAt: now() });
 * eyeballs.next(now()); // { do: 'begin', attempt: 0, address: ... }
 * eyeballs.next(now()); // { do: 'wait', until: ... }
 * eyeballs.failed(0, systemError('connect', ERRNO.ECONNREFUSED), now());
 * eyeballs.next(now()); // { do: 'begin', attempt: 1, address: ... }
 * ```
 */
export class HappyEyeballs<A extends Address> {
  readonly #plan: ConnectPlan;
  /** How long after an attempt the next one begins; known when the first one does. */
  #delay: number | undefined;
  readonly #deadline: number;
  readonly #upcoming: A[];
  readonly #attempts: ConnectionAttempt[] = [];
  /** How many attempts have not ended. */
  #running = 0;
  /** When the next attempt begins, if there is one left. */
  #nextAt: number;

  /** @throws RangeError when the delay is shorter than 10 ms. */
  constructor(addresses: readonly A[], plan: ConnectPlan) {
    const { startedAt, timeoutMs } = plan;
    this.#plan = plan;
    this.#delay = checkAttemptDelay(plan.attemptDelayMs);
    this.#deadline = startedAt + (timeoutMs ?? Infinity);
    this.#nextAt = startedAt;
    this.#upcoming = inTurns(addresses);
  }

  /** What to do now. An attempt that it begins, or ends because the time is over, is told to `onAttempt`. */
  next(now: number): Step<A> {
    if (now >= this.#deadline) {
      this.#end(now, (attempt) => ({ outcome: 'timed-out', error: this.#timeout(attempt) }));
      return { do: 'give up', error: this.#failure() };
    }
    const [address] = this.#upcoming;
    if (address !== undefined && now >= this.#nextAt) return this.#begin(address, now);
    if (this.#running === 0) return { do: 'give up', error: this.#failure() };
    const nextAt = address === undefined ? Infinity : this.#nextAt;
    return { do: 'wait', until: Math.min(nextAt, this.#deadline) };
  }

  /** The attempt has won. Those that run are abandoned. */
  connected(attempt: number, now: number): void {
    this.#change(attempt, now, { outcome: 'connected' });
    this.abandon(now);
  }

  /** The attempt has failed. The next one begins at once. */
  failed(attempt: number, error: SystemError, now: number): void {
    this.#nextAt = now;
    this.#change(attempt, now, { outcome: 'failed', error });
  }

  /** Nobody wants a connection any more. */
  abandon(now: number): void {
    this.#end(now, () => ({ outcome: 'abandoned' }));
  }

  #begin(address: A, now: number): Step<A> {
    const begun: ConnectionAttempt = {
      address,
      beganMs: now - this.#plan.startedAt,
      outcome: 'connecting',
    };
    const share = (this.#deadline - now) / this.#upcoming.length;
    this.#delay ??= Math.max(Math.min(share, ATTEMPT_DELAY_MS), SHORTEST_ATTEMPT_DELAY_MS);
    this.#nextAt = now + this.#delay;
    this.#upcoming.shift();
    this.#running++;
    const attempt = this.#attempts.push(begun) - 1;
    this.#plan.onAttempt?.(begun);
    return { do: 'begin', attempt, address };
  }

  /** Ends all attempts that run. */
  #end(now: number, ending: (attempt: ConnectionAttempt) => Ending): void {
    if (this.#running === 0) return;
    for (const [number, attempt] of this.#attempts.entries()) {
      if (attempt.outcome === 'connecting') this.#change(number, now, ending(attempt));
    }
  }

  #change(number: number, now: number, ending: Ending): void {
    const attempt = this.#attempts[number];
    if (attempt?.outcome !== 'connecting') {
      throw new Error(`end attempt ${number}: it is ${attempt?.outcome ?? 'none'}`);
    }
    this.#running--;
    const ended = { ...attempt, endedMs: now - this.#plan.startedAt, ...ending };
    this.#attempts[number] = ended;
    this.#plan.onAttempt?.(ended);
  }

  #failure(): ConnectionFailedError {
    return new ConnectionFailedError(this.#plan.target, this.#attempts);
  }

  #timeout({ address }: ConnectionAttempt): SystemError {
    const explanation = `no answer within ${this.#plan.timeoutMs} ms: the peer may be down, or a firewall drops the packets`;
    return systemError('connect', ERRNO.ETIMEDOUT, formatAddress(address), explanation);
  }
}

/** How an attempt ends. */
type Ending = Pick<ConnectionAttempt, 'outcome' | 'error'>;

/**
 * The addresses with their families in turns, beginning with that of the first; each address once.
 *
 * RFC 8305, section 4, with a "First Address Family Count" of 1.
 */
export function inTurns<A extends Address>(addresses: readonly A[]): A[] {
  if (addresses.length < 2) return [...addresses];
  const unique = [
    ...new Map(addresses.map((address) => [formatAddress(address), address])).values(),
  ];
  const best = addresses[0]?.family;
  const queues = [
    unique.filter(({ family }) => family === best),
    unique.filter(({ family }) => family !== best),
  ];
  return unique.flatMap((_, turn) => queues.flatMap((queue) => queue[turn] ?? []));
}

function checkAttemptDelay(ms: number | undefined): number | undefined {
  if (ms === undefined || ms >= SHORTEST_ATTEMPT_DELAY_MS) return ms;
  throw new RangeError(
    `begin attempts ${ms} ms apart: attemptDelayMs is a number of at least ${SHORTEST_ATTEMPT_DELAY_MS}, so that a lost packet is not taken for a broken way (RFC 8305)`,
  );
}
