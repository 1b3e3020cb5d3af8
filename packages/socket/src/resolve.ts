/**
 * From what a user writes (`localhost`, `''`, `::1`, a port) to the addresses that a socket takes.
 *
 * Names are looked up by the operating system's `getaddrinfo`, in the order that it gives (RFC 6724):
 * `resolve` has it done on a thread of Node's pool, `resolveWaiting` on this one, for blocking calls.
 */
import { lookup } from 'node:dns/promises';
import { domainToASCII } from 'node:url';
import { checkPort, type Address, type Family } from './address.ts';
import { NameResolutionError } from './errors.ts';
import { isIpv4, isIpv6 } from './ip.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from './libc/constants.ts';
import { decodeSockaddr } from './libc/layouts.ts';
import type { Libc } from './libc/libc.ts';

/** Options of {@link resolve}. */
export interface ResolveOptions {
  /** Only addresses of this family. */
  readonly family?: Family;
}

/**
 * The addresses of `host`, best first. An empty host stands for all interfaces: `0.0.0.0`, or `::` when
 * the family is `inet6`.
 *
 * @throws NameResolutionError when the name has no address (of that family).
 * @throws RangeError when the port is not in 0..65535.
 * @throws TypeError when the zone of an IPv6 address is not an interface's index.
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
): Promise<Addresses> {
  const { family } = options;
  return withoutLookUp(host, port, family) ?? addressesOf(host, port, await lookUp(host, family));
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
): Addresses {
  const { family } = options;
  return (
    withoutLookUp(host, port, family) ?? addressesOf(host, port, lookUpWaiting(libc, host, family))
  );
}

/** One or more addresses, the best first. */
type Addresses = readonly [Address, ...Address[]];

/** What needs no name server: all interfaces, and addresses. */
function withoutLookUp(host: string, port: number, family?: Family): Addresses | undefined {
  checkPort(port);
  // C's strings end at a zero: another name would be looked up.
  if (host.includes('\0')) throw resolutionError(host, 'EINVAL');
  if (host === '') return [numericAddress(family === 'inet6' ? '::' : '0.0.0.0', port)];
  const [numeric = '', ...zones] = host.split('%');
  const zone = zones.length === 0 ? undefined : zones.join('%');
  if (!isIpv4(host) && !isIpv6(numeric)) return undefined;
  const address = numericAddress(numeric, port, zone);
  if (family !== undefined && family !== address.family) {
    throw new NameResolutionError(host, 'EAI_ADDRFAMILY', `not an address of family ${family}`);
  }
  return [address];
}

function addressesOf(host: string, port: number, found: readonly string[]): Addresses {
  const [first, ...rest] = found.map((text) => numericAddress(text, port));
  if (first === undefined) throw resolutionError(host, 'ENODATA');
  return [first, ...rest];
}

async function lookUp(host: string, family: Family | undefined): Promise<string[]> {
  const wanted = family === undefined ? 0 : family === 'inet' ? 4 : 6;
  try {
    const found = await lookup(host, { all: true, family: wanted, verbatim: true });
    return found.map(({ address }) => address);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'EAI_FAIL'; // what node:dns documents
    throw resolutionError(host, code, { cause });
  }
}

function lookUpWaiting(libc: Libc, host: string, family: Family | undefined): string[] {
  // As Node does it: names beyond ASCII have a form of their own. What is no name at all becomes ''.
  const ascii = domainToASCII(host);
  if (ascii === '') throw resolutionError(host, 'EINVAL');
  const wanted = family === undefined ? AF_UNSPEC : family === 'inet' ? AF_INET : AF_INET6;
  const { code, addresses } = libc.getaddrinfo(ascii, wanted);
  if (code !== 0) throw resolutionError(host, EAI_NAMES[code] ?? `EAI_${code}`);
  return addresses.map((bytes) => decodeSockaddr(bytes).host);
}

function resolutionError(host: string, code: string, options?: ErrorOptions): NameResolutionError {
  return new NameResolutionError(host, code, ADVICE[code] ?? 'the look-up failed', options);
}

/** The field of `sockaddr_in6` has 32 bits. */
const MAX_SCOPE_ID = 0xffff_ffff;

/** Error codes of getaddrinfo(3), under the names that Node gives them. */
const EAI_NAMES: Readonly<Record<number, string>> = {
  [-2]: 'ENOTFOUND',
  [-3]: 'EAI_AGAIN',
  [-4]: 'EAI_FAIL',
  [-5]: 'ENODATA',
  [-6]: 'EAI_FAMILY',
  [-9]: 'EAI_ADDRFAMILY',
  [-10]: 'EAI_MEMORY',
  [-11]: 'EAI_SYSTEM',
};

const ADVICE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host; check the spelling',
  EINVAL: 'no name looks like this: it is too long, or has characters that names do not have',
  ENODATA: 'the name has no address',
  EAI_ADDRFAMILY: 'the name has no address of that family',
  EAI_AGAIN: 'the name server does not answer; check the network',
};

function numericAddress(host: string, port: number, zone?: string): Address {
  if (isIpv4(host)) return { family: 'inet', host, port };
  const scopeId = zone === undefined ? 0 : Number(zone);
  if (zone !== undefined && (!/^[0-9]+$/.test(zone) || scopeId > MAX_SCOPE_ID)) {
    throw new TypeError(
      `use the zone '${zone}' of ${host}: expected the interface's index, a number`,
    );
  }
  return { family: 'inet6', host, port, flowinfo: 0, scopeId };
}
