/**
 * NameTable: the addresses of hosts on a fake network; a path is its own. Nothing is looked up anywhere else, so that a test
 * means the same on every machine.
 */
import { isIP } from 'node:net';
import { NameResolutionError, resolve, type Address, type Endpoint } from '@wireline/socket';

/** Names, each with its addresses. */
export type Hosts = Readonly<Record<string, readonly string[]>>;

/** All interfaces of their family. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Knows names. */
export class NameTable {
  readonly #hosts: ReadonlyMap<string, readonly string[]>;

  constructor(hosts: Hosts = {}) {
    this.#hosts = new Map([['localhost', ['127.0.0.1']], ...Object.entries(hosts)]);
  }

  /**
   * The addresses of an endpoint, best first.
   *
   * @throws NameResolutionError for a name that is not in the table, RangeError for a port that is none.
   */
  async addressesOf(endpoint: Endpoint): Promise<readonly [Address, ...Address[]]> {
    if ('path' in endpoint) return [{ family: 'unix', path: endpoint.path }];
    const { host, port } = endpoint;
    const known = this.#hosts.get(host);
    if (known === undefined) {
      const [numeric = ''] = host.split('%');
      // What is no name is not looked up by `resolve`.
      if (host === '' || isIP(numeric) !== 0) return resolve(host, port);
      const advice = 'the fake network has no such host; name it in the option hosts';
      throw new NameResolutionError(host, 'ENOTFOUND', advice);
    }
    const [first, ...rest] = await Promise.all(
      known.map(async (each) => (await resolve(each, port))[0]),
    );
    if (first === undefined) {
      throw new NameResolutionError(host, 'ENODATA', 'the option hosts gives it no address');
    }
    return [first, ...rest];
  }
}

/** Whether who listens at `listening` hears of a connect to `wanted`. */
export function covers(listening: Address, wanted: Address): boolean {
  if (listening.family === 'unix') {
    return wanted.family === 'unix' && wanted.path === listening.path;
  }
  if (wanted.family === 'unix') return false;
  if (listening.port !== wanted.port) return false;
  if (listening.host === wanted.host) return true;
  // As the native network listens: all interfaces of IPv6 are those of IPv4 too.
  return (
    WILDCARDS.has(listening.host) && (listening.family === 'inet6' || wanted.family === 'inet')
  );
}
