/**
 * From what a user writes (`localhost`, `''`, `::1`, `fe80::1%eth0`, a port) to the addresses that a socket takes.
 *
 * `resolve` has names looked up on a thread of Node's pool, `resolveWaiting` on this one, for blocking calls
 * (`system-names.ts`). What all of it is made of, call by call, is `getaddrinfo`.
 */
import {
  formatEndpoint,
  type Family,
  type InternetEndpoint,
  type IpAddress,
  type IpFamily,
} from '../address/address.ts';
import type { Libc } from '../libc/libc.ts';
import { nameError } from './name-errors.ts';
import { numericHost } from './numeric-host.ts';
import { askSystem, askSystemWaiting, type NameAnswer } from './system-names.ts';

/** Options of {@link resolve}. */
export interface ResolveOptions {
  /** Only addresses of this family. */
  readonly family?: IpFamily;
}

/** One or more addresses, the best first. */
export type IpAddresses = readonly [IpAddress, ...IpAddress[]];

/**
 * The addresses of `host`, best first. An empty host stands for all interfaces: `0.0.0.0`, or `::` when
 * the family is `inet6`.
 *
 * @throws NameResolutionError when the name has no address (of that family), or the zone of an IPv6 address is no
 * interface of this machine.
 * @throws RangeError when the port is not in 0..65535.
 *
 * @example
 * ```ts
 * const [first] = await resolve('localhost', 65432);
 * ```
 */
export async function resolve(
  host: string,
  port: number,
  options: ResolveOptions = {},
): Promise<IpAddresses> {
  const numeric = numericHost(host, port, options.family);
  if (numeric !== undefined) return [numeric];
  return atPort(host, port, await askSystem(host, options));
}

/**
 * As {@link resolve}, and this thread waits for the name server: for as long as the system's resolver does,
 * whatever happens meanwhile. Only names are looked up; addresses cost nothing.
 *
 * @throws as `resolve`.
 */
export function resolveWaiting(
  libc: Libc,
  host: string,
  port: number,
  options: ResolveOptions = {},
): IpAddresses {
  const numeric = numericHost(host, port, options.family);
  if (numeric !== undefined) return [numeric];
  return atPort(host, port, askSystemWaiting(libc, host, options));
}

/**
 * The family of which a socket of `family` needs an address.
 *
 * @throws TypeError when hosts are nothing to it: a Unix socket has paths.
 */
export function familyToLookUp(
  attempt: string,
  endpoint: InternetEndpoint,
  family: Family,
): IpFamily {
  if (family !== 'unix') return family;
  throw new TypeError(
    `${attempt} ${formatEndpoint(endpoint)}: the family of this socket is unix; expected { path }`,
  );
}

/**
 * What a look-up of `host` found, of one family if one was asked for.
 *
 * @throws NameResolutionError when that is nothing. TypeError when it is no list, as from callers without types.
 */
export function checkFound(
  host: string,
  found: readonly IpAddress[],
  { family }: ResolveOptions = {},
): IpAddresses {
  checkList(host, found);
  const [first, ...rest] = found.filter(
    (address) => family === undefined || address.family === family,
  );
  if (first === undefined) throw nameError(host, found.length > 0 ? 'EAI_ADDRFAMILY' : 'ENODATA');
  return [first, ...rest];
}

/** For callers without types. */
function checkList(host: string, found: unknown): void {
  if (Array.isArray(found)) return;
  const advice = 'one that gives a promise is for @wireline/socket/promises';
  throw new TypeError(`look up ${host}: lookup gave no list of addresses; ${advice}`);
}

function atPort(host: string, port: number, { addresses }: NameAnswer): IpAddresses {
  return checkFound(
    host,
    addresses.map((address) => ({ ...address, port })),
  );
}
