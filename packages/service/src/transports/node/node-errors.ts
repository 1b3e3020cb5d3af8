/**
 * From the errors of Node to those of `@wireline/socket`: the same class and words for the same failure, whatever
 * carries the connection.
 *
 * Systems number their errors differently, the names are everywhere those of POSIX. So the name counts, and the
 * number that comes of it is that of Linux.
 */
import {
  ERRNO,
  formatAddress,
  systemError,
  type Address,
  type ErrnoName,
  type IpAddress,
  type SystemError,
} from '@wireline/socket';
import { isIPv6 } from 'node:net';

/** The call that Node names, under the name that sockets have for it. */
const CALLS: Readonly<Record<string, string>> = { read: 'recv', write: 'send' };

/**
 * The error of a call that Node has made.
 *
 * @param call what was tried, where Node does not say
 * @param address what it was about
 */
export function systemErrorOf(error: Error, call: string, address?: Address): SystemError {
  const { code, errno, syscall } = error as NodeJS.ErrnoException; // a failed call's has them, any other none
  const name = (syscall && CALLS[syscall]) ?? syscall ?? call;
  const where = address && formatAddress(address);
  if (code !== undefined && isErrnoName(code)) return systemError(name, ERRNO[code], where);
  return systemError(name, Math.abs(errno ?? 0), where, error.message);
}

function isErrnoName(code: string): code is ErrnoName {
  return Object.hasOwn(ERRNO, code);
}

/** An address that Node tells: the zone of a link-local one stays part of the host, as people write it. */
export function ipAddress(host: string, port: number): IpAddress {
  return isIPv6(host)
    ? { family: 'inet6', host, port, flowinfo: 0, scopeId: 0 }
    : { family: 'inet', host, port };
}
