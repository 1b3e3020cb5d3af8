/** Hosts that nobody has to be asked about: addresses, and all interfaces. */
import { checkPort, type IpAddress, type IpFamily } from '../address/address.ts';
import { NameResolutionError } from '../errors.ts';
import { isIpv4, isIpv6 } from '../address/ip.ts';
import { nameError } from './name-errors.ts';
import { scopeIdOf } from './zones.ts';

/**
 * The address that `host` is: all interfaces when it is empty, of IPv4 unless the family is `inet6`. `undefined` for
 * a name.
 *
 * @throws NameResolutionError when it is of another family than the one asked for, or its zone is none here.
 * @throws RangeError when the port is not in 0..65535.
 */
export function numericHost(host: string, port: number, family?: IpFamily): IpAddress | undefined {
  checkPort(port);
  // C's strings end at a zero: another name would be looked up.
  if (host.includes('\0')) throw nameError(host, 'EINVAL');
  if (host === '') return numericAddress(family === 'inet6' ? '::' : '0.0.0.0', port);
  const at = host.indexOf('%');
  const [numeric, zone] = at === -1 ? [host] : [host.slice(0, at), host.slice(at + 1)];
  if (!isIpv4(host) && !isIpv6(numeric)) return undefined;
  const scopeId = zone === undefined ? 0 : scopeIdOf(zone, host);
  const address = numericAddress(numeric, port, scopeId);
  if (family !== undefined && family !== address.family) {
    const told = `not an address of family ${family}, but of ${address.family}`;
    throw new NameResolutionError(host, 'EAI_ADDRFAMILY', told);
  }
  return address;
}

/** The address that `host` is, which is known to be one. */
export function numericAddress(host: string, port: number, scopeId = 0): IpAddress {
  return isIpv4(host)
    ? { family: 'inet', host, port }
    : { family: 'inet6', host, port, flowinfo: 0, scopeId };
}
