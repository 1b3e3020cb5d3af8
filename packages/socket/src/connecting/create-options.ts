/** What `createConnection` and `createServer` can be told, in both faces. */
import type { IpAddress, IpFamily, Where } from '../address/address.ts';
import type { ConnectionAttempt } from './connection-attempt.ts';
import type { ResolveOptions } from '../names/resolve.ts';
import { checkTimeout } from '../socket-mode.ts';

/** Options of `createConnection`. */
export interface CreateConnectionOptions {
  /**
   * Milliseconds for all of it, the look-up of the name and every attempt, more than 0; and then for each call of
   * the socket (`setTimeout`). For ever unless told.
   */
  readonly timeoutMs?: number | null;
  /** Only addresses of this family. */
  readonly family?: IpFamily;
  /**
   * Where to connect from: an address of this machine, whose port may be 0; or a path. Only addresses of its family
   * are tried.
   */
  readonly localAddress?: Where;
  /**
   * How many milliseconds after an attempt the next address is tried while there is no answer: 250 unless told (RFC
   * 8305), or less when `timeoutMs` leaves less for each. At least 10; with Infinity an address is tried when the one
   * before it has failed.
   */
  readonly attemptDelayMs?: number;
  /**
   * Called when an attempt begins, and again when it has ended, with how it stands: the trace of connecting.
   *
   * @example
   * ```ts
   * createConnection(where, { onAttempt: ({ address, outcome }) => console.log(formatAddress(address), outcome) });
   * ```
   */
  readonly onAttempt?: (attempt: ConnectionAttempt) => void;
  /** Says which addresses a host has, in place of the system. It is not asked about addresses. */
  readonly lookup?: Lookup;
}

/**
 * The addresses of a host, the best first; none when it has none. What it throws, connecting throws.
 *
 * @example
 * ```ts
 * const lookup: Lookup = (host, port) => [{ family: 'inet', host: '127.0.0.1', port }];
 * ```
 */
export type Lookup = (host: string, port: number, options: ResolveOptions) => readonly IpAddress[];

/** Options of `createServer`. */
export interface CreateServerOptions {
  /** How many connections may wait to be accepted; 4096 unless told. */
  readonly backlog?: number;
  /** Only addresses of this family; with an empty host, which family's "all interfaces" is meant. */
  readonly family?: IpFamily;
  /** Let other sockets listen at the same address; the kernel spreads connections over them (SO_REUSEPORT). */
  readonly reusePort?: boolean;
}

/**
 * The time-out of connecting.
 *
 * @throws RangeError when it is none, or 0: nothing connects in no time.
 */
export function connectTimeout({
  timeoutMs = null,
}: Pick<CreateConnectionOptions, 'timeoutMs'>): number | null {
  if (timeoutMs !== 0) return checkTimeout(timeoutMs);
  throw new RangeError(
    'createConnection within timeoutMs 0: expected more than 0, or null for ever',
  );
}
