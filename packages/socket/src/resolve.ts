/**
 * From what a user writes (`localhost`, `''`, `::1`, a port) to the addresses that a socket takes.
 *
 * Names are looked up by the operating system's `getaddrinfo`, on a thread of Node's pool, in the order
 * that it gives (RFC 6724); the loop never waits.
 */
import { lookup } from 'node:dns/promises';
import { checkPort, type Address, type Family } from './address.ts';
import { NameResolutionError } from './errors.ts';
import { isIpv4, isIpv6 } from './ip.ts';

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
): Promise<readonly [Address, ...Address[]]> {
  checkPort(port);
  const { family } = options;
  if (host === '') return [numericAddress(family === 'inet6' ? '::' : '0.0.0.0', port)];
  const [numeric = '', ...zones] = host.split('%');
  const zone = zones.length === 0 ? undefined : zones.join('%');
  if (isIpv4(host) || isIpv6(numeric)) {
    const address = numericAddress(numeric, port, zone);
    if (family !== undefined && family !== address.family) {
      throw new NameResolutionError(host, 'EAI_ADDRFAMILY', `not an address of family ${family}`);
    }
    return [address];
  }
  const found = await lookUp(host, family);
  const [first, ...rest] = found.map((text) => numericAddress(text, port));
  if (first === undefined)
    throw new NameResolutionError(host, 'ENODATA', 'the name has no address');
  return [first, ...rest];
}

async function lookUp(host: string, family: Family | undefined): Promise<string[]> {
  const wanted = family === undefined ? 0 : family === 'inet' ? 4 : 6;
  try {
    const found = await lookup(host, { all: true, family: wanted, verbatim: true });
    return found.map(({ address }) => address);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'EAI_FAIL'; // what node:dns documents
    throw new NameResolutionError(host, code, ADVICE[code] ?? 'the look-up failed', { cause });
  }
}

/** The field of `sockaddr_in6` has 32 bits. */
const MAX_SCOPE_ID = 0xffff_ffff;

const ADVICE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host; check the spelling',
  EINVAL: 'no name looks like this: it is too long, or has characters that names do not have',
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
