/** Why a name has no address, or an address no name: codes of getaddrinfo(3), and what to do about each. */
import type { IpFamily } from '../address/address.ts';
import { NameResolutionError, systemError, type SystemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';

/** What was asked about a host, and what the error comes from. */
export interface NameErrorOptions extends ErrorOptions {
  /** If only addresses of one family were asked for. */
  readonly family?: IpFamily | undefined;
}

/** The error of a look-up of `host` that ended with `code`. */
export function nameError(
  host: string,
  code: string,
  options: NameErrorOptions = {},
): NameResolutionError {
  const { family, ...errorOptions } = options;
  // Many resolvers do not tell one from the other.
  const isEither = code === 'ENOTFOUND' && family !== undefined;
  const advice = isEither ? `no such host, or none of family ${family}` : ADVICE[code];
  return new NameResolutionError(host, code, advice ?? 'the look-up failed', errorOptions);
}

/** The same for a number of the C library's. */
export function nameErrorOf(
  host: string,
  number: number,
  options?: NameErrorOptions,
): NameResolutionError {
  return nameError(host, EAI_NAMES[number] ?? `EAI_${number}`, options);
}

/** What `attempt` throws that ran out of time before it knew an address: a `TimeoutError`. */
export function lookUpTooLong(attempt: string, host: string): SystemError {
  const explanation =
    'the look-up of the name took all of the time; check the network, or use an address';
  return systemError(attempt, ERRNO.ETIMEDOUT, host, explanation);
}

/** EAI_NONAME: there is none. */
export const EAI_NONAME = -2;

/** Numbers of `netdb.h`, under the names that Node gives them. */
const EAI_NAMES: Readonly<Record<number, string>> = {
  [EAI_NONAME]: 'ENOTFOUND',
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
  EAI_SERVICE: 'no such service in /etc/services; use the number of its port',
};
