/** What `getnameinfo` of both faces is asked and answers. */
import { formatAddress, type Address, type IpAddress } from '../address/address.ts';
import { nameError } from './name-errors.ts';
import type { Services } from './services.ts';

/** Flags of `getnameinfo`, by their own names; meanings in getnameinfo(3). */
export type NameInfoFlag =
  /** The host as a number: nobody is asked for its name. */
  | 'NI_NUMERICHOST'
  /** The port as a number. */
  | 'NI_NUMERICSERV'
  /** Fail when the host has no name, instead of giving the number. */
  | 'NI_NAMEREQD'
  /** The name of the UDP port, where TCP has another service or none. */
  | 'NI_DGRAM';

const FLAGS: readonly string[] = [
  'NI_NUMERICHOST',
  'NI_NUMERICSERV',
  'NI_NAMEREQD',
  'NI_DGRAM',
] satisfies NameInfoFlag[];

/** Options of `getnameinfo`. */
export interface NameInfoOptions {
  readonly flags?: NameInfoFlag | readonly NameInfoFlag[];
}

/** The names of an address. */
export interface NameInfo {
  /** The name of the host, or its number when it has none. */
  readonly host: string;
  /** The name of the service that is usually at the port, or the port's number in text. */
  readonly service: string;
}

/** What is asked, checked. */
export interface NameQuestion {
  readonly address: IpAddress;
  readonly flags: ReadonlySet<NameInfoFlag>;
}

/**
 * Checks what `getnameinfo` was given.
 *
 * @throws TypeError for what is no address of the internet, and for flags that are none.
 */
export function nameQuestion(address: IpAddress, options: NameInfoOptions): NameQuestion {
  checkHasHost(address);
  const flags = [options.flags ?? []].flat();
  for (const flag of flags) {
    if (FLAGS.includes(flag)) continue;
    throw new TypeError(`use the flag '${flag}': expected '${FLAGS.join("', '")}'`);
  }
  const wildcard = address.family === 'inet' ? '0.0.0.0' : '::';
  return { address: { ...address, host: address.host || wildcard }, flags: new Set(flags) };
}

/**
 * The names.
 *
 * @param host the host's, if it was asked for and there is one
 * @throws NameResolutionError when there is none and there has to be.
 */
export function nameInfo(
  { address, flags }: NameQuestion,
  host: string | undefined,
  services: Services,
): NameInfo {
  const { port } = address;
  const number = numberOf(address);
  if (host === undefined && flags.has('NI_NAMEREQD')) throw nameError(number, 'ENOTFOUND');
  const protocol = flags.has('NI_DGRAM') ? 'udp' : 'tcp';
  const service = flags.has('NI_NUMERICSERV') ? undefined : services.nameOf(port, protocol);
  return { host: host ?? number, service: service ?? String(port) };
}

/** For callers without types. */
function checkHasHost(address: Address): void {
  if (address.family !== 'unix') return;
  throw new TypeError(`getnameinfo of ${formatAddress(address)}: a path has no other name`);
}

/** The host as a number: `192.0.2.1`, `fe80::1%2`. */
function numberOf(address: IpAddress): string {
  if (address.family === 'inet' || address.scopeId === 0) return address.host;
  return `${address.host}%${address.scopeId}`;
}
