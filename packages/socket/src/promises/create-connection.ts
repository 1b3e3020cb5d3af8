/** A connected socket in one call, awaited. */
import {
  formatAddress,
  formatEndpoint,
  isAddress,
  withoutLookUp,
  type Family,
  type IpFamily,
  type Where,
} from '../address/address.ts';
import { connectFailure } from '../connecting/connect-failure.ts';
import {
  connectTimeout,
  type CreateConnectionOptions as BlockingCreateConnectionOptions,
} from '../connecting/create-options.ts';
import { ConnectionFailedError } from '../errors/connection-failed-error.ts';
import { connectFirst } from '../event-loop/connect-first.ts';
import {
  anyInterface,
  byFamily,
  reachableFrom,
  type LocalAddresses,
} from '../names/local-addresses.ts';
import { lookUp, type AwaitedLookup, type LookUpOptions } from './look-up.ts';
import type { WaitOptions } from './options.ts';
import { Socket } from './socket.ts';

/** Options of `createConnection`. */
export interface CreateConnectionOptions
  extends Omit<BlockingCreateConnectionOptions, 'lookup'>, WaitOptions {
  /** Says which addresses a host has, in place of the system. It is not asked about addresses. */
  readonly lookup?: AwaitedLookup;
}

/**
 * Connects to the first address of `where` that answers.
 *
 * A name often stands for several addresses, and some may lead nowhere: IPv6 that is set up and broken is common.
 * They are tried in turns of their families, an attempt each 250 ms or as soon as one fails, until one stands
 * (Happy Eyeballs, RFC 8305).
 *
 * For tests and on one machine take an address, `127.0.0.1`: which addresses a name stands for is up to the
 * machine's configuration, and may differ from one time to the next.
 *
 * @returns a socket with the time-out of the options; nothing else stays open, and nothing when it rejects
 * @throws ConnectionRefusedError, UnreachableError, ...: what all attempts failed with
 * @throws ConnectionFailedError when they failed with different errors; otherwise it is the `cause`, if there were
 * several attempts. Its `attempts` are the trace.
 * @throws TimeoutError when the time of the options is over.
 * @throws NameResolutionError, the signal's reason
 *
 * @example
 * ```ts
 * await using socket = await createConnection({ host: 'localhost', port: 65432 }, { timeoutMs: 5000 });
 * ```
 */
export function createConnection(
  where: Where<IpFamily>,
  options?: CreateConnectionOptions,
): Promise<Socket>;
export function createConnection(
  where: Where<'unix'>,
  options?: CreateConnectionOptions,
): Promise<Socket<'unix'>>;
export function createConnection(
  where: Where,
  options?: CreateConnectionOptions,
): Promise<Socket<Family>>;
export async function createConnection(
  where: Where,
  options: CreateConnectionOptions = {},
): Promise<Socket<Family>> {
  const startedAt = performance.now();
  const timeoutMs = connectTimeout(options);
  const { localAddress, attemptDelayMs, onAttempt, signal } = options;
  const place = withoutLookUp('connect', where);
  const target = isAddress(place) ? formatAddress(place) : formatEndpoint(place);
  const addresses = await lookUp(where, { ...options, attempt: 'connect', timeoutMs });
  const left = timeoutMs && Math.max(startedAt + timeoutMs - performance.now(), 0);
  const from = localAddress && (await localAddresses(localAddress, { timeoutMs: left, signal }));
  const reachable = from ? reachableFrom(from, addresses, target) : addresses;
  const plan = { target, startedAt, timeoutMs, attemptDelayMs, onAttempt };
  try {
    const connected = await connectFirst(reachable, { ...plan, from, signal });
    const { family, type } = connected.socket;
    const socket = new Socket({ family, type, fd: connected.socket.detach() });
    socket.setTimeout(timeoutMs);
    return socket;
  } catch (error) {
    throw error instanceof ConnectionFailedError ? connectFailure(error, target) : error;
  }
}

/** Where to connect from, in each family. */
async function localAddresses(
  where: Where,
  options: Pick<LookUpOptions, 'timeoutMs' | 'signal'>,
): Promise<LocalAddresses> {
  const place = withoutLookUp('bind', where);
  const isAny = !isAddress(place) && place.host === '';
  return byFamily(
    isAny ? anyInterface(place.port) : await lookUp(where, { ...options, attempt: 'bind' }),
  );
}
