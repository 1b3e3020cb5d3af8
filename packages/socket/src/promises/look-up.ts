/** From what a user writes to addresses, within a time-out and a signal. */
import {
  formatEndpoint,
  isAddress,
  withoutLookUp,
  type Address,
  type Family,
  type IpAddress,
  type Where,
} from '../address/address.ts';
import { systemClock, type Clock } from '../event-loop/clock.ts';
import { withDeadline } from '../event-loop/with-deadline.ts';
import { lookUpTooLong } from '../names/name-errors.ts';
import { numericHost } from '../names/numeric-host.ts';
import { checkFound, familyToLookUp, resolve, type ResolveOptions } from '../names/resolve.ts';

/** The addresses of a host, the best first; none when it has none. What it rejects with, connecting rejects with. */
export type AwaitedLookup = (
  host: string,
  port: number,
  options: ResolveOptions,
) => readonly IpAddress[] | PromiseLike<readonly IpAddress[]>;

/** What for, and how long. */
export interface LookUpOptions {
  /** The call that wants to know, as errors name it. */
  readonly attempt: string;
  readonly family?: Family | undefined;
  /** Milliseconds; `null`, as without it, for as long as the system's resolver takes. */
  readonly timeoutMs?: number | null;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Asked about names in place of the system. */
  readonly lookup?: AwaitedLookup | undefined;
}

/**
 * The addresses of `where`, the best first; an address is its own.
 *
 * @throws NameResolutionError, TimeoutError, the signal's reason.
 */
export async function lookUp(
  where: Where,
  options: LookUpOptions,
): Promise<readonly [Address, ...Address[]]> {
  const { attempt, family, timeoutMs = null, clock = systemClock, signal, lookup } = options;
  signal?.throwIfAborted();
  const place = withoutLookUp(attempt, where);
  if (isAddress(place)) return [place];
  const { host, port } = place;
  const wanted = family === undefined ? {} : { family: familyToLookUp(attempt, place, family) };
  const looking = lookup ? ask(lookup, place, wanted) : resolve(host, port, wanted);
  return withDeadline(looking, {
    timeoutMs: timeoutMs ?? Infinity,
    clock,
    signal,
    onTimeout: () => lookUpTooLong(attempt, formatEndpoint(place)),
  });
}

async function ask(
  lookup: AwaitedLookup,
  { host, port }: { readonly host: string; readonly port: number },
  options: ResolveOptions,
): Promise<readonly [IpAddress, ...IpAddress[]]> {
  const numeric = numericHost(host, port, options.family);
  return numeric ? [numeric] : checkFound(host, await lookup(host, port, options), options);
}
