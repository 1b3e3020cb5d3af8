/**
 * A server that is meant for other devices and that none can reach.
 *
 * The textbook binds to the machine's own name. On Debian and its kin that name stands for 127.0.1.1 in
 * /etc/hosts, so the server hears this machine only, and nobody is told. Here the user is, once for each name.
 */
import { isLoopback, type Address, type Endpoint } from './address.ts';

/** The `code` of the warning. */
export const LOOPBACK_NAME = 'WIRELINE_LOOPBACK_NAME';

const warned = new Set<string>();

/** Warns when the host of `where` is a name, of which nobody would expect it, and `address` is loopback. */
export function warnOfLoopbackName(where: Address | Endpoint, address: Address): void {
  if (!('host' in where) || !('host' in address)) return;
  const { host } = where;
  if (!isLoopback(address) || warned.has(host) || saysLoopback(host)) return;
  warned.add(host);
  process.emitWarning(
    `bind ${host}: the name stands for ${address.host}, which only this machine can reach; bind to '' for all interfaces, or change the name's line in /etc/hosts`,
    { code: LOOPBACK_NAME },
  );
}

function saysLoopback(host: string): boolean {
  // What begins with a digit or has a colon is an address in one of its spellings.
  return /^\d|:/.test(host) || /^(.*\.)?localhost\.?$/i.test(host);
}
