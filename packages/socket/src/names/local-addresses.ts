/**
 * Where connections leave from: the local address of each family of addresses that are tried.
 *
 * Whoever says where to leave from means it: addresses of a family that cannot be reached from there are not tried.
 */
import { formatAddress, type Address, type AddressOf, type Family } from '../address/address.ts';
import { systemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import type { Libc } from '../libc/libc.ts';
import { numericAddress } from './numeric-host.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';

/** Local addresses, one of a family. */
export type LocalAddresses = ReadonlyMap<Family, Address>;

/** The first of `addresses` in each family. */
export function byFamily(addresses: readonly Address[]): LocalAddresses {
  // From the last to the first: the first stays.
  return new Map(addresses.toReversed().map((address) => [address.family, address]));
}

/** All interfaces, in each family of the internet: only the port is told. */
export function anyInterface(port: number): Address[] {
  return [numericAddress('0.0.0.0', port), numericAddress('::', port)];
}

/**
 * Those of `addresses` that can be reached from one of `locals`.
 *
 * @param target what is to be connected to, as errors say it: `localhost:80`
 * @throws UnsupportedError when that is none.
 */
export function reachableFrom(
  locals: LocalAddresses,
  addresses: readonly Address[],
  target: string,
): readonly Address[] {
  const reachable = addresses.filter(({ family }) => locals.has(family));
  if (reachable.length > 0) return reachable;
  const from = [...locals.values()].map(formatAddress).join(' or ');
  const explanation = `it cannot be reached from ${from}, which is of another family; take another localAddress, or none`;
  throw systemError('connect', ERRNO.EAFNOSUPPORT, target, explanation);
}

/**
 * A socket that can connect to addresses of `family`, bound where it is to leave from.
 *
 * @throws AddressNotAvailableError, AddressInUseError, UnsupportedError, ...; nothing stays open then.
 */
export function openFrom<F extends Family>(
  family: F,
  { from, libc }: { readonly from?: LocalAddresses | undefined; readonly libc?: Libc | undefined },
): SocketDescriptor<F> {
  const socket = new SocketDescriptor<F>({ family, ...(libc && { libc }) });
  try {
    const local = from?.get(family);
    if (local !== undefined) socket.bind(local as AddressOf<F>); // the map has them by their family
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
