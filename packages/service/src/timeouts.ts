/**
 * How long a peer may take over what, and the watchdog that sees to it.
 *
 * ```
 *   first byte          header complete                 message complete          next message
 *   |------ headerMs ------|                                   |------- idleMs -------|
 *   |------------------------- messageMs ----------------------|
 * ```
 *
 * One byte and then silence, a byte now and then, a peer that never reads or never says anything: none of
 * them holds a connection for ever. (Who reads a little now and then does; the memory budget bounds that.)
 *
 * A time-out that has passed is not believed before the kernel was asked once more: where this process was
 * the slow one, what is missing has come long since.
 *
 * One timer looks after all connections of a server, every tenth of the shortest time-out. A connection
 * on which whole messages come and go only sets a flag, so time-outs cost nothing where nothing is wrong.
 * The price is exactness: a time-out comes up to a tenth of the shortest one late, never early.
 */
import type { Clock, Timer } from '@wireline/socket/event-loop';

/** Time-outs of a connection, in milliseconds. Infinity is none. */
export interface Timeouts {
  /** From the first byte of a message to the last of its header. */
  readonly headerMs: number;
  /** From the first byte of a message to its last. */
  readonly messageMs: number;
  /** Between messages: nothing comes, nothing is owed, nothing is sent. */
  readonly idleMs: number;
  /** Something waits to be sent, and the peer takes nothing of it. */
  readonly writeStallMs: number;
}

/** The time-outs of a server that hold unless told otherwise. */
export const DEFAULT_TIMEOUTS: Timeouts = Object.freeze({
  // A header is one segment; 10 s leave room for three retransmissions of it.
  headerMs: 10_000,
  // 32 MiB in 60 s are 4.5 Mbit/s: a slow line, but a line.
  messageMs: 60_000,
  // Longer than the minute after which clients and balancers give up theirs, so that the client closes first.
  idleMs: 75_000,
  // Five retransmissions without an answer: the peer is gone, or does not read.
  writeStallMs: 30_000,
});

/** How exact time-outs are: to a tenth of the shortest. */
const CHECKS_PER_TIMEOUT = 10;

/** Time-outs of 10 ms and less are for tests; a timer that rings each millisecond is for nobody. */
const SHORTEST_PERIOD_MS = 1;

/**
 * Fills in the defaults.
 *
 * @throws RangeError when one is not a number of more than 0.
 */
export function resolveTimeouts(
  timeouts: Partial<Timeouts> = {},
  defaults: Timeouts = DEFAULT_TIMEOUTS,
): Timeouts {
  const resolved = { ...defaults, ...timeouts };
  for (const [name, ms] of Object.entries(resolved)) {
    if (!(ms > 0)) throw new RangeError(`set ${name} to ${ms}: expected milliseconds, more than 0`);
  }
  return resolved;
}

/** Calls for a check of all connections again and again, while there are any. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #check: (now: number) => boolean;
  #timer: Timer | undefined;

  /** @param check sees to everybody at the time `now`; returns whether anybody is left */
  constructor(clock: Clock, timeouts: Timeouts, check: (now: number) => boolean) {
    const { headerMs, messageMs, idleMs, writeStallMs } = timeouts;
    const shortest = Math.min(headerMs, messageMs, idleMs, writeStallMs);
    this.#clock = clock;
    this.#periodMs = Math.max(shortest / CHECKS_PER_TIMEOUT, SHORTEST_PERIOD_MS);
    this.#check = check;
  }

  /** Watches until a check finds nobody. Does nothing while it is watching. */
  start(): void {
    this.#timer ??= this.#clock.after(this.#periodMs, () => this.#tick());
  }

  /** Watches no more, until {@link start}. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #tick(): void {
    const timer = this.#timer;
    const anybodyLeft = this.#check(this.#clock.now());
    if (timer !== this.#timer) return; // stopped by what the check did
    if (anybodyLeft) timer?.restart();
    else this.stop();
  }
}
