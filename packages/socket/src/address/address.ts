/**
 * Addresses of sockets, as plain objects, and as the text that messages show.
 *
 * An empty host means all interfaces when binding, as it does in the textbook.
 */
import { formatUnixPath } from './unix-path.ts';

/** An IPv4 endpoint; `host` is dotted-decimal or empty, `port` in 0..65535, 0 lets the kernel choose. */
export interface Ipv4Address {
  readonly family: 'inet';
  readonly host: string;
  readonly port: number;
}

/** An IPv6 endpoint: with the flow label and the scope (interface index) of link-local addresses, both 0 usually. */
export interface Ipv6Address {
  readonly family: 'inet6';
  readonly host: string;
  readonly port: number;
  readonly flowinfo: number;
  readonly scopeId: number;
}

/**
 * The address of a Unix socket: a file's path, a name in the abstract namespace when it begins with `\0`, or
 * empty for a socket that has no name. See unix(7).
 */
export interface UnixAddress {
  readonly family: 'unix';
  readonly path: string;
}

/** Where a socket of the internet is bound or connected. */
export type IpAddress = Ipv4Address | Ipv6Address;

/** Where a socket is bound or connected. */
export type Address = IpAddress | UnixAddress;

/** The families of sockets: IPv4, IPv6, and those within one machine. */
export type Family = Address['family'];

/** The families of the internet. */
export type IpFamily = IpAddress['family'];

/** The addresses that sockets of a family have. */
export type AddressOf<F extends Family> = AddressesByFamily[F];

interface AddressesByFamily {
  readonly inet: Ipv4Address;
  readonly inet6: Ipv6Address;
  readonly unix: UnixAddress;
}

/** A host and a port, before the name of the host is looked up. */
export interface InternetEndpoint {
  /** A host name or address; when binding, an empty one means all interfaces. */
  readonly host: string;
  /** 0 to 65535; when binding, 0 lets the kernel choose. */
  readonly port: number;
}

/** The path of a Unix socket; as in {@link UnixAddress}. */
export interface UnixEndpoint {
  readonly path: string;
}

/** Where somebody is or is to be. */
export type Endpoint = InternetEndpoint | UnixEndpoint;

/** What `bind` and `connect` of a socket of a family take. */
export type Where<F extends Family = Family> = PlacesByFamily[F];

interface PlacesByFamily {
  readonly inet: Ipv4Address | InternetEndpoint;
  readonly inet6: Ipv6Address | InternetEndpoint;
  readonly unix: UnixAddress | UnixEndpoint;
}

/**
 * An address as people write it: `127.0.0.1:65432`, `[::1]:65432`, `[fe80::1%2]:80`, `unix:/run/service.sock`,
 * `unix:@abstract`.
 *
 * @example
 * ```ts
 * formatAddress({ family: 'inet', host: '', port: 80 }); // '0.0.0.0:80'
 * ```
 */
export function formatAddress(address: Address): string {
  switch (address.family) {
    case 'inet':
      return `${address.host || '0.0.0.0'}:${address.port}`;
    case 'inet6': {
      const scope = address.scopeId === 0 ? '' : `%${address.scopeId}`;
      return `[${address.host || '::'}${scope}]:${address.port}`;
    }
    case 'unix':
      return formatUnixPath(address.path);
  }
}

/** An endpoint as people write it: `localhost:65432`, `[::1]:65432`, `unix:/run/service.sock`. */
export function formatEndpoint(endpoint: Endpoint): string {
  if ('path' in endpoint) return formatUnixPath(endpoint.path);
  const { host, port } = endpoint;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * The address that `where` is, or the host that has to be looked up.
 *
 * @throws TypeError when it is neither, as from callers without types.
 */
export function withoutLookUp(attempt: string, where: Where): Address | InternetEndpoint {
  const given: unknown = where;
  if (typeof given === 'object' && given !== null) {
    if ('path' in given) {
      checkText(attempt, 'path', given.path);
      return { family: 'unix', path: given.path };
    }
    if ('host' in given && 'port' in given) {
      checkText(attempt, 'host', given.host);
      return where as IpAddress | InternetEndpoint; // it has a host
    }
  }
  throw new TypeError(
    `${attempt}: expected { host, port }, or { path } of a Unix socket, got ${describe(given)}`,
  );
}

/** Whether it is an address, not a host to be looked up. */
export function isAddress(where: Address | InternetEndpoint): where is Address {
  return 'family' in where;
}

function checkText(attempt: string, what: string, value: unknown): asserts value is string {
  if (typeof value === 'string') return;
  throw new TypeError(`${attempt}: the ${what} is a ${typeof value}: expected text`);
}

function describe(given: unknown): string {
  if (typeof given === 'string') {
    const where = given.includes('/')
      ? `{ path: '${given}' }`
      : `{ host: '${given}', port: 65432 }`;
    return `'${given}'; write ${where}`;
  }
  if (typeof given !== 'object' || given === null) return String(given);
  return `an object with ${Object.keys(given).join(', ') || 'nothing'}`;
}

/** Whether only this machine itself can reach a socket bound to `address`. */
export function isLoopback(address: Address): boolean {
  switch (address.family) {
    case 'inet':
      return address.host.startsWith('127.');
    case 'inet6':
      return address.host === '::1' || address.host.startsWith('::ffff:127.');
    case 'unix':
      return true;
  }
}

/**
 * Checks a port number.
 *
 * @throws RangeError when it is no integer in 0..65535.
 */
export function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  const given = typeof port === 'number' ? String(port) : `'${String(port)}' (${typeof port})`;
  throw new RangeError(`use port ${given}: expected an integer from 0 to 65535`);
}

/** `sin6_flowinfo` and `sin6_scope_id` have 32 bits each. */
const MAX_WORD = 0xffff_ffff;

/**
 * Checks the flow information of an IPv6 address: traffic class and flow label, RFC 6437.
 *
 * @throws RangeError when it is no integer of 32 bits.
 */
export function checkFlowinfo(flowinfo: number): number {
  return checkWord('flowinfo', flowinfo);
}

/**
 * Checks the scope of an IPv6 address: the index of an interface, 0 for none.
 *
 * @throws RangeError when it is no integer of 32 bits.
 */
export function checkScopeId(scopeId: number): number {
  return checkWord('scopeId', scopeId);
}

function checkWord(what: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_WORD) return value;
  throw new RangeError(`use the ${what} ${value}: expected an integer from 0 to ${MAX_WORD}`);
}
