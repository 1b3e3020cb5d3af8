/**
 * Zones: which interface a link-local IPv6 address belongs to, `fe80::1%eth0`. RFC 4007, section 11.
 *
 * The same address can be there on every interface, so the zone is part of where somebody is. People write the
 * interface's name, sockets take its index.
 */
import { NameResolutionError } from '../errors.ts';
import type { NetworkInterface } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';

/** The field of `sockaddr_in6` has 32 bits. */
const MAX_SCOPE_ID = 0xffff_ffff;

/**
 * The index of the interface that `zone` names: by name, or by the index itself.
 *
 * @param host all of it, as errors name it: `fe80::1%eth0`
 * @throws NameResolutionError that says which interfaces there are.
 */
export function scopeIdOf(zone: string, host: string): number {
  if (/^[0-9]+$/.test(zone)) return checkIndex(Number(zone), host);
  const interfaces = openLibc().ifNameindex();
  const named = interfaces.find(({ name }) => name === zone);
  if (named !== undefined) return named.index;
  throw new NameResolutionError(
    host,
    'ENODEV',
    `this machine has no interface '${zone}'; it has ${list(interfaces)}`,
  );
}

function checkIndex(index: number, host: string): number {
  if (index <= MAX_SCOPE_ID) return index;
  throw new NameResolutionError(
    host,
    'ENODEV',
    `no interface has so high an index; at most ${MAX_SCOPE_ID}`,
  );
}

function list(interfaces: readonly NetworkInterface[]): string {
  return interfaces.map(({ name, index }) => `${name} (${index})`).join(', ') || 'none';
}
