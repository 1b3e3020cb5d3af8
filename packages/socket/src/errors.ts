/**
 * Errors of the operating system, by name.
 *
 * Each common error number has a class of its own, so that code can say `catch (e) { if (e instanceof
 * ConnectionRefusedError) ... }`; all are `SystemError`s with the number, its name, the call and the
 * address as properties. The message says what was tried, what came, and what to look at.
 */
import { ERRNO, errnoName, type ErrnoName } from './libc/errno.ts';

/** A system call failed. */
export class SystemError extends Error {
  override readonly name: string = 'SystemError';
  /** The name of the error number, `ECONNREFUSED`; `ERRNO_n` for one without a name here. */
  readonly code: string;
  /** The error number, positive, as the man pages have it. */
  readonly errno: number;
  /** The call that failed, `connect`. */
  readonly syscall: string;
  /** What the call was about, `127.0.0.1:80`, where there is something to name. */
  readonly address: string | undefined;

  constructor(syscall: string, errno: number, address?: string) {
    const code = errnoName(errno) ?? `ERRNO_${errno}`;
    const attempt = address === undefined ? syscall : `${syscall} ${address}`;
    super(`${attempt}: ${explain(syscall, code)} (${code})`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    this.address = address;
  }
}

/** The port is taken: EADDRINUSE. */
export class AddressInUseError extends SystemError {
  override readonly name = 'AddressInUseError';
}
/** No interface of this machine has the address: EADDRNOTAVAIL. */
export class AddressNotAvailableError extends SystemError {
  override readonly name = 'AddressNotAvailableError';
}
/** Nothing listens at the address: ECONNREFUSED. */
export class ConnectionRefusedError extends SystemError {
  override readonly name = 'ConnectionRefusedError';
}
/** The peer, or something on the way, threw the connection away: ECONNRESET. */
export class ConnectionResetError extends SystemError {
  override readonly name = 'ConnectionResetError';
}
/** Sending on a connection whose other end is gone: EPIPE. */
export class BrokenPipeError extends SystemError {
  override readonly name = 'BrokenPipeError';
}
/** The peer did not answer in time: ETIMEDOUT. */
export class TimeoutError extends SystemError {
  override readonly name = 'TimeoutError';
}
/** No way to the host or its network: EHOSTUNREACH, ENETUNREACH. */
export class UnreachableError extends SystemError {
  override readonly name = 'UnreachableError';
}
/** The operating system does not allow it: EACCES, EPERM. */
export class PermissionError extends SystemError {
  override readonly name = 'PermissionError';
}
/** Out of descriptors or memory: EMFILE, ENFILE, ENOBUFS, ENOMEM. */
export class ResourceExhaustedError extends SystemError {
  override readonly name = 'ResourceExhaustedError';
}

/** This platform has no native sockets. */
export class UnsupportedPlatformError extends Error {
  override readonly name = 'UnsupportedPlatformError';
  readonly code = 'unsupported-platform';
}

/** A host name could not be turned into an address. */
export class NameResolutionError extends Error {
  override readonly name = 'NameResolutionError';
  /** What `getaddrinfo` said: `ENOTFOUND`, `EAI_AGAIN`. */
  readonly code: string;
  readonly host: string;

  constructor(host: string, code: string, advice: string, options?: ErrorOptions) {
    super(`resolve ${host}: ${advice} (${code})`, options);
    this.code = code;
    this.host = host;
  }
}

/** The socket was closed on this side before the call. */
export class SocketClosedError extends Error {
  override readonly name = 'SocketClosedError';
  readonly code = 'socket-closed';

  constructor(attempt: string) {
    super(`${attempt}: the socket is closed`);
  }
}

const EXPLANATIONS: Partial<Record<ErrnoName, string>> = {
  EACCES: 'permission denied: ports below 1024 need the capability CAP_NET_BIND_SERVICE or root',
  EPERM: 'not permitted: a firewall rule or a missing capability forbids it',
  EADDRINUSE: 'the address is in use: another socket listens there; `ss -ltnp` shows which process',
  EADDRNOTAVAIL: 'no interface of this machine has the address; `ip address` lists them',
  EAFNOSUPPORT: 'the address family is not supported: this machine may have no IPv6',
  ECONNABORTED: 'the connection was given up before it was accepted',
  ECONNREFUSED: 'refused: nothing listens there; check host and port, and that the server runs',
  ECONNRESET:
    'reset: the peer closed without reading everything, crashed, or a device on the way cut in',
  EHOSTUNREACH: 'no route to the host: it is down, or a firewall rejects it',
  ENETUNREACH: 'the network is unreachable: this machine has no route there',
  ETIMEDOUT: 'timed out: the peer did not answer; it may be down, or a firewall drops the packets',
  EPIPE: 'the connection is closed for sending: the peer is gone, or shutdown was called',
  ENOTCONN: 'the socket is not connected',
  EISCONN: 'the socket is connected already',
  EINPROGRESS: 'the connection is being made: wait until the socket is writable',
  EALREADY: 'an earlier connect is still under way',
  EMFILE: 'this process is out of descriptors: raise `ulimit -n`, or find what is not closed',
  ENFILE: 'the whole machine is out of descriptors: see /proc/sys/fs/file-max',
  ENOBUFS: 'the kernel is out of buffer memory',
  ENOMEM: 'the kernel is out of memory',
  EBADF: 'not an open descriptor',
  EINVAL: 'the kernel finds an argument invalid, or the socket is in the wrong state for the call',
};

/** Where an error means something else to a particular call. */
const SPECIAL: Readonly<Record<string, string>> = {
  'connect EACCES':
    'permission denied: the address is a broadcast one, or a firewall rule forbids it',
  'connect EADDRNOTAVAIL':
    'no local port is free for another connection there: too many are open, or closed a minute ago; see /proc/sys/net/ipv4/ip_local_port_range',
  'connect EAGAIN': 'no local port is free; see /proc/sys/net/ipv4/ip_local_port_range',
};

function explain(syscall: string, code: string): string {
  // An errno without a name has no entry, whatever the type says.
  return SPECIAL[`${syscall} ${code}`] ?? EXPLANATIONS[code as ErrnoName] ?? 'failed';
}

type SystemErrorClass = new (syscall: string, errno: number, address?: string) => SystemError;

const CLASSES = new Map<number, SystemErrorClass>([
  [ERRNO.EADDRINUSE, AddressInUseError],
  [ERRNO.EADDRNOTAVAIL, AddressNotAvailableError],
  [ERRNO.ECONNREFUSED, ConnectionRefusedError],
  [ERRNO.ECONNRESET, ConnectionResetError],
  [ERRNO.EPIPE, BrokenPipeError],
  [ERRNO.ETIMEDOUT, TimeoutError],
  [ERRNO.EHOSTUNREACH, UnreachableError],
  [ERRNO.ENETUNREACH, UnreachableError],
  [ERRNO.EACCES, PermissionError],
  [ERRNO.EPERM, PermissionError],
  [ERRNO.EMFILE, ResourceExhaustedError],
  [ERRNO.ENFILE, ResourceExhaustedError],
  [ERRNO.ENOBUFS, ResourceExhaustedError],
  [ERRNO.ENOMEM, ResourceExhaustedError],
]);

/** The error of the class that belongs to `errno`. */
export function systemError(syscall: string, errno: number, address?: string): SystemError {
  const Class = CLASSES.get(errno) ?? SystemError;
  return new Class(syscall, errno, address);
}
