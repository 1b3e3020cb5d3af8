/** A connected socket in one call; see socket.ts for what its calls do. */
import {
  formatAddress,
  formatEndpoint,
  isAddress,
  withoutLookUp,
  type Family,
  type InternetEndpoint,
  type IpAddress,
  type IpFamily,
  type Where,
} from '../address/address.ts';
import { connectFailure } from '../connecting/connect-failure.ts';
import { connectFirst } from './connect-first.ts';
import { connectTimeout, type CreateConnectionOptions } from '../connecting/create-options.ts';
import { ConnectionFailedError } from '../errors/connection-failed-error.ts';
import type { Libc } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import {
  anyInterface,
  byFamily,
  reachableFrom,
  type LocalAddresses,
} from '../names/local-addresses.ts';
import { numericHost } from '../names/numeric-host.ts';
import { checkFound, resolveWaiting } from '../names/resolve.ts';
import { Socket } from './socket.ts';

/**
 * Connects to the first address of `where` that answers, and blocks until it stands.
 *
 * A name often stands for several addresses, and some may lead nowhere: IPv6 that is set up and broken is common.
 * They are tried in turns of their families, an attempt each 250 ms or as soon as one fails, until one stands
 * (Happy Eyeballs, RFC 8305).
 *
 * For tests and on one machine take an address, `127.0.0.1`: which addresses a name stands for is up to the
 * machine's configuration, and may differ from one time to the next.
 *
 * @returns a socket with the time-out of the options; nothing else stays open, and nothing when it throws
 * @throws ConnectionRefusedError, UnreachableError, ...: what all attempts failed with
 * @throws ConnectionFailedError when they failed with different errors; otherwise it is the `cause`, if there were
 * several attempts. Its `attempts` are the trace.
 * @throws TimeoutError when the time of the options is over.
 * @throws NameResolutionError, InterruptedError
 *
 * @example
 * ```ts
 * using socket = createConnection({ host: 'localhost', port: 65432 }, { timeoutMs: 5000 });
 * ```
 */
export function createConnection(where: Where<IpFamily>, options?: CreateConnectionOptions): Socket;
export function createConnection(
  where: Where<'unix'>,
  options?: CreateConnectionOptions,
): Socket<'unix'>;
export function createConnection(where: Where, options?: CreateConnectionOptions): Socket<Family>;
export function createConnection(
  where: Where,
  options: CreateConnectionOptions = {},
): Socket<Family> {
  const startedAt = performance.now();
  const timeoutMs = connectTimeout(options);
  const { localAddress, attemptDelayMs, onAttempt } = options;
  const libc = openLibc();
  const place = withoutLookUp('connect', where);
  const target = isAddress(place) ? formatAddress(place) : formatEndpoint(place);
  const addresses = isAddress(place) ? [place] : lookUp(libc, place, options);
  const from = localAddress && localAddresses(libc, localAddress);
  const reachable = from ? reachableFrom(from, addresses, target) : addresses;
  const plan = { target, startedAt, timeoutMs, attemptDelayMs, onAttempt };
  try {
    const connected = connectFirst(reachable, { ...plan, from, libc });
    const { family, type } = connected;
    const socket = new Socket({ family, type, fd: connected.detach() });
    socket.setTimeout(timeoutMs);
    return socket;
  } catch (error) {
    throw error instanceof ConnectionFailedError ? connectFailure(error, target) : error;
  }
}

/** The addresses that a host has. */
function lookUp(
  libc: Libc,
  { host, port }: InternetEndpoint,
  options: CreateConnectionOptions,
): readonly IpAddress[] {
  const { lookup } = options;
  if (lookup === undefined) return resolveWaiting(libc, host, port, options);
  const numeric = numericHost(host, port, options.family);
  return numeric ? [numeric] : checkFound(host, lookup(host, port, options), options);
}

/** Where to connect from, in each family. */
function localAddresses(libc: Libc, where: Where): LocalAddresses {
  const place = withoutLookUp('bind', where);
  if (isAddress(place)) return byFamily([place]);
  const { host, port } = place;
  return byFamily(host === '' ? anyInterface(port) : resolveWaiting(libc, host, port));
}
