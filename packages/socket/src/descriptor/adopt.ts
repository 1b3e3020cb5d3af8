/**
 * Taking over descriptors that come from elsewhere: a service manager, a parent process, another library.
 */
import type { Family } from '../address/address.ts';
import { systemError } from '../errors.ts';
import * as c from '../libc/constants.ts';
import { ERRNO } from '../libc/errno.ts';
import type { Libc } from '../libc/libc.ts';
import { mustCall } from '../libc/syscall.ts';
import { SOCKET_TYPES, type SocketType } from './socket-type.ts';

const FAMILIES = new Map<number, Family>([
  [c.AF_INET, 'inet'],
  [c.AF_INET6, 'inet6'],
  [c.AF_UNIX, 'unix'],
]);
const TYPES = new Map<number, SocketType>([
  [SOCKET_TYPES.stream, 'stream'],
  [SOCKET_TYPES.dgram, 'dgram'],
  [SOCKET_TYPES.seqpacket, 'seqpacket'],
  [SOCKET_TYPES.raw, 'raw'],
]);

/** What a descriptor is. */
export interface SocketKind {
  readonly family: Family;
  readonly type: SocketType;
}

/**
 * Asks what `fd` is and makes it non-blocking and close-on-exec. Non-blocking it is then for whoever else
 * has it too: the kernel keeps that flag with the socket, not with the number.
 *
 * @throws BadDescriptorError when it is no open socket.
 * @throws UnsupportedError when it is a socket of a family or type that there is no class for.
 */
export function adopt(libc: Libc, fd: number): SocketKind {
  checkDescriptor(fd);
  const [domain, type] = [intOption(libc, fd, c.SO_DOMAIN), intOption(libc, fd, c.SO_TYPE)];
  const kind = { family: FAMILIES.get(domain), type: TYPES.get(type) };
  if (kind.family === undefined || kind.type === undefined) {
    const found = `its family is ${domain} and its type ${type}; IPv4, IPv6 and Unix sockets are known`;
    throw systemError('fromFd', ERRNO.EPROTONOSUPPORT, `descriptor ${fd}`, found);
  }
  const flags = mustCall(libc, 'fcntl', () => libc.fcntl(fd, c.F_GETFL, 0));
  if ((flags & c.O_NONBLOCK) === 0) {
    mustCall(libc, 'fcntl', () => libc.fcntl(fd, c.F_SETFL, flags | c.O_NONBLOCK));
  }
  mustCall(libc, 'fcntl', () => libc.fcntl(fd, c.F_SETFD, c.FD_CLOEXEC));
  return { family: kind.family, type: kind.type };
}

/**
 * Another number for what `fd` is: both must be closed. See dup(2).
 *
 * @throws ResourceExhaustedError, BadDescriptorError
 */
export function duplicate(libc: Libc, fd: number): number {
  checkDescriptor(fd);
  return mustCall(libc, 'dup', () => libc.fcntl(fd, c.F_DUPFD_CLOEXEC, 0));
}

/** What `make` makes of a duplicate of `fd`, which is closed again when it makes nothing. */
export function overDuplicate<T>(libc: Libc, fd: number, make: (copy: number) => T): T {
  const copy = duplicate(libc, fd);
  try {
    return make(copy);
  } catch (error) {
    libc.close(copy);
    throw error;
  }
}

/** Checks a number that comes from elsewhere: the kernel would be given another one. */
export function checkDescriptor(fd: number): void {
  if (Number.isInteger(fd) && fd >= 0 && fd < 2 ** 31) return;
  throw new RangeError(`take descriptor ${fd}: expected an integer of at least 0`);
}

function intOption(libc: Libc, fd: number, number: number): number {
  const value = new Int32Array(1);
  const bytes = new Uint8Array(value.buffer);
  const length = Int32Array.of(bytes.length);
  mustCall(
    libc,
    'getsockopt',
    () => libc.getsockopt(fd, c.SOL_SOCKET, number, bytes, length),
    `descriptor ${fd}`,
  );
  return value[0] ?? 0;
}
