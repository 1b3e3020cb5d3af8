/**
 * Addresses of sockets, as plain objects, and as the text that messages show.
 *
 * An empty host means all interfaces when binding, as it does in the textbook.
 */

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

/** Where somebody is or is to be, before the name of the host is looked up. */
export interface Endpoint {
  /** A host name or address; when binding, an empty one means all interfaces. */
  readonly host: string;
  /** 0 to 65535; when binding, 0 lets the kernel choose. */
  readonly port: number;
}

/** Where a socket is bound or connected. */
export type Address = Ipv4Address | Ipv6Address;

/** The families of sockets: IPv4 and IPv6. */
export type Family = Address['family'];

/**
 * An address as people write it: `127.0.0.1:65432`, `[::1]:65432`, `[fe80::1%2]:80`.
 *
 * @example
 * ```ts
 * formatAddress({ family: 'inet', host: '', port: 80 }); // '0.0.0.0:80'
 * ```
 */
export function formatAddress(address: Address): string {
  if (address.family === 'inet') return `${address.host || '0.0.0.0'}:${address.port}`;
  const scope = address.scopeId === 0 ? '' : `%${address.scopeId}`;
  return `[${address.host || '::'}${scope}]:${address.port}`;
}

/** An endpoint as people write it: `localhost:65432`, `[::1]:65432`. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Whether `where` is an address already, or a host to be looked up.
 *
 * @throws TypeError when it is neither, as from callers without types.
 */
export function isAddress(attempt: string, where: Address | Endpoint): where is Address {
  const given: unknown = where;
  if (typeof given === 'object' && given !== null && 'host' in given && 'port' in given) {
    if (typeof given.host !== 'string') {
      throw new TypeError(`${attempt}: the host is a ${typeof given.host}: expected text`);
    }
    return 'family' in given;
  }
  throw new TypeError(`${attempt}: expected { host, port }, got ${describe(given)}`);
}

function describe(given: unknown): string {
  if (typeof given !== 'object' || given === null) return String(given);
  return `an object with ${Object.keys(given).join(', ') || 'nothing'}`;
}

/** Whether only this machine itself can reach a socket bound to `address`. */
export function isLoopback(address: Address): boolean {
  return address.family === 'inet'
    ? address.host.startsWith('127.')
    : address.host === '::1' || address.host.startsWith('::ffff:127.');
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
