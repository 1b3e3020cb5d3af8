/** What `createConnection` and `createServer` can be told, in both faces. */
import type { Endpoint, Family } from './address.ts';
import { checkTimeout } from './socket-mode.ts';

/** Options of `createConnection`. */
export interface CreateConnectionOptions {
  /**
   * Milliseconds for the whole attempt, more than 0, and then for each call of the socket (`setTimeout`); for
   * ever unless told.
   */
  readonly timeoutMs?: number | null;
  /** Only addresses of this family. */
  readonly family?: Family;
  /** Where to connect from: an address of this machine, whose port may be 0. */
  readonly localAddress?: Endpoint;
}

/** Options of `createServer`. */
export interface CreateServerOptions {
  /** How many connections may wait to be accepted; 4096 unless told. */
  readonly backlog?: number;
  /** Only addresses of this family; with an empty host, which family's "all interfaces" is meant. */
  readonly family?: Family;
  /** Let other sockets listen at the same address; the kernel spreads connections over them (SO_REUSEPORT). */
  readonly reusePort?: boolean;
}

/**
 * The time-out of an attempt.
 *
 * @throws RangeError when it is none, or 0: nothing connects in no time.
 */
export function connectTimeout({ timeoutMs = null }: CreateConnectionOptions): number | null {
  if (timeoutMs !== 0) return checkTimeout(timeoutMs);
  throw new RangeError(
    'createConnection within timeoutMs 0: expected more than 0, or null for ever',
  );
}

/**
 * What is left until `deadline` for one of `count` addresses that are tried one after the other: an equal
 * share, so that one that never answers leaves time for the next.
 */
export function shareOf(deadline: number, count: number): number | null {
  return deadline === Infinity
    ? null
    : Math.max(Math.ceil((deadline - performance.now()) / count), 1);
}
