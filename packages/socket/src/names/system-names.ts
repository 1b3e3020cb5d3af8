/**
 * What the operating system's `getaddrinfo` says of a name, in the order that it gives (RFC 6724): asked on a thread
 * of Node's pool, or on this one, for blocking calls.
 *
 * Imperfect: of a link-local address that a name stands for, Node does not tell the zone.
 */
import { lookup } from 'node:dns/promises';
import { domainToASCII } from 'node:url';
import type { IpAddress, IpFamily } from '../address/address.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../libc/constants.ts';
import { decodeSockaddr } from '../libc/layouts.ts';
import type { Libc } from '../libc/libc.ts';
import { nameError, nameErrorOf } from './name-errors.ts';
import { numericAddress } from './numeric-host.ts';

/** What is asked about a name. */
export interface NameQuestion {
  readonly family?: IpFamily | undefined;
  /** The bits of `AI_` flags. */
  readonly flags?: number;
}

/** What the system knows about a name: addresses, with port 0. */
export interface NameAnswer {
  readonly addresses: readonly IpAddress[];
  /** If it was asked for, and only in the way that blocks. */
  readonly canonicalName?: string;
}

/**
 * Asks on a thread of Node's pool.
 *
 * @throws NameResolutionError
 */
export async function askSystem(host: string, question: NameQuestion): Promise<NameAnswer> {
  const { family, flags: hints = 0 } = question;
  const wanted = family === undefined ? 0 : family === 'inet' ? 4 : 6;
  try {
    const found = await lookup(host, { all: true, family: wanted, hints, verbatim: true });
    return { addresses: found.map(({ address }) => numericAddress(address, 0)) };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'EAI_FAIL'; // what node:dns documents
    throw nameError(host, code, { cause, family });
  }
}

/**
 * Asks on this thread, which waits for as long as the system's resolver does.
 *
 * @throws NameResolutionError
 */
export function askSystemWaiting(libc: Libc, host: string, question: NameQuestion): NameAnswer {
  // As Node does it: names beyond ASCII have a form of their own. What is no name at all becomes ''.
  const ascii = domainToASCII(host);
  if (ascii === '') throw nameError(host, 'EINVAL');
  const { family, flags = 0 } = question;
  const wanted = family === undefined ? AF_UNSPEC : family === 'inet' ? AF_INET : AF_INET6;
  const { code, addresses, canonicalName } = libc.getaddrinfo(ascii, wanted, flags);
  if (code !== 0) throw nameErrorOf(host, code, { family });
  return {
    // getaddrinfo was asked for addresses of the internet.
    addresses: addresses.map((bytes) => decodeSockaddr(bytes) as IpAddress),
    ...(canonicalName === null ? {} : { canonicalName }),
  };
}
