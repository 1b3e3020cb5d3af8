/**
 * A class for each kind of failure that code may want to tell from the others, and the table of which error
 * number belongs to which.
 *
 * The names say what happened, not which call met it. Each class writes its name down, so that it survives a
 * minifier. `docs/socket-errors.md` shows the whole table; a test compares the two.
 */
import { ERRNO, errnoName, type ErrnoName } from '../libc/errno.ts';
import { SystemError } from './system-error.ts';

/** The port is taken: EADDRINUSE. */
export class AddressInUseError extends SystemError {
  override readonly name = 'AddressInUseError';
}
/** This machine has no such address or interface, or no free local port: EADDRNOTAVAIL, ENODEV. */
export class AddressNotAvailableError extends SystemError {
  override readonly name = 'AddressNotAvailableError';
}
/** The socket is connected already, or listens: EISCONN. */
export class AlreadyConnectedError extends SystemError {
  override readonly name = 'AlreadyConnectedError';
}
/** The number is not that of an open descriptor, or not that of a socket: EBADF, ENOTSOCK. */
export class BadDescriptorError extends SystemError {
  override readonly name = 'BadDescriptorError';
}
/** The socket is non-blocking and the call would have to wait: EAGAIN, EINPROGRESS, EALREADY. */
export class BlockingIOError extends SystemError {
  override readonly name = 'BlockingIOError';
}
/** Sending on a connection that cannot be sent on any more: EPIPE. */
export class BrokenPipeError extends SystemError {
  override readonly name = 'BrokenPipeError';
}
/** The connection was given up before it stood: ECONNABORTED, EPROTO. */
export class ConnectionAbortedError extends SystemError {
  override readonly name = 'ConnectionAbortedError';
}
/** Nothing listens at the address: ECONNREFUSED. */
export class ConnectionRefusedError extends SystemError {
  override readonly name = 'ConnectionRefusedError';
}
/** The peer, or something on the way, threw the connection away: ECONNRESET, ENETRESET. */
export class ConnectionResetError extends SystemError {
  override readonly name = 'ConnectionResetError';
}
/** A signal ended the wait: EINTR. */
export class InterruptedError extends SystemError {
  override readonly name = 'InterruptedError';
}
/** The kernel does not take an argument, or not in this state of the socket: EINVAL, EDOM. */
export class InvalidArgumentError extends SystemError {
  override readonly name = 'InvalidArgumentError';
}
/** The datagram is larger than datagrams can be: EMSGSIZE. */
export class MessageTooLargeError extends SystemError {
  override readonly name = 'MessageTooLargeError';
}
/** The socket has no peer, not yet or not any more: ENOTCONN, EDESTADDRREQ. */
export class NotConnectedError extends SystemError {
  override readonly name = 'NotConnectedError';
}
/** The operating system does not allow it: EACCES, EPERM, EROFS. */
export class PermissionError extends SystemError {
  override readonly name = 'PermissionError';
}
/** Out of descriptors, memory, watches or local ports: EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC, ETOOMANYREFS; EAGAIN of connect. */
export class ResourceExhaustedError extends SystemError {
  override readonly name = 'ResourceExhaustedError';
}
/** The peer did not answer in time, or a time-out of this side passed: ETIMEDOUT. */
export class TimeoutError extends SystemError {
  override readonly name = 'TimeoutError';
}
/** No way to the host or to its network: either of the two below. */
export class UnreachableError extends SystemError {
  override readonly name: string = 'UnreachableError';
}
/** No way to the host, or it does not answer on its own network: EHOSTUNREACH, EHOSTDOWN. */
export class HostUnreachableError extends UnreachableError {
  override readonly name = 'HostUnreachableError';
}
/** No way to the network: ENETUNREACH, ENETDOWN, ENONET. */
export class NetworkUnreachableError extends UnreachableError {
  override readonly name = 'NetworkUnreachableError';
}
/** This kernel, machine or kind of socket does not have it: EOPNOTSUPP, ENOPROTOOPT, EAFNOSUPPORT, and their like. */
export class UnsupportedError extends SystemError {
  override readonly name = 'UnsupportedError';
}

type SystemErrorClass = new (
  syscall: string,
  errno: number,
  address?: string,
  explanation?: string,
) => SystemError;

/** Numbers that are not here tell of a defect or are too rare to be caught: plain `SystemError`s. */
const CLASSES: Readonly<Partial<Record<ErrnoName, SystemErrorClass>>> = {
  EADDRINUSE: AddressInUseError,
  EADDRNOTAVAIL: AddressNotAvailableError,
  ENODEV: AddressNotAvailableError,
  EISCONN: AlreadyConnectedError,
  EBADF: BadDescriptorError,
  ENOTSOCK: BadDescriptorError,
  EAGAIN: BlockingIOError,
  EALREADY: BlockingIOError,
  EINPROGRESS: BlockingIOError,
  EPIPE: BrokenPipeError,
  ECONNABORTED: ConnectionAbortedError,
  EPROTO: ConnectionAbortedError,
  ECONNREFUSED: ConnectionRefusedError,
  ECONNRESET: ConnectionResetError,
  ENETRESET: ConnectionResetError,
  EHOSTDOWN: HostUnreachableError,
  EHOSTUNREACH: HostUnreachableError,
  EINTR: InterruptedError,
  EDOM: InvalidArgumentError,
  EINVAL: InvalidArgumentError,
  EMSGSIZE: MessageTooLargeError,
  ENETDOWN: NetworkUnreachableError,
  ENETUNREACH: NetworkUnreachableError,
  ENONET: NetworkUnreachableError,
  EDESTADDRREQ: NotConnectedError,
  ENOTCONN: NotConnectedError,
  EACCES: PermissionError,
  EPERM: PermissionError,
  EROFS: PermissionError,
  EMFILE: ResourceExhaustedError,
  ENFILE: ResourceExhaustedError,
  ENOBUFS: ResourceExhaustedError,
  ENOMEM: ResourceExhaustedError,
  ENOSPC: ResourceExhaustedError,
  ETOOMANYREFS: ResourceExhaustedError,
  ETIMEDOUT: TimeoutError,
  EAFNOSUPPORT: UnsupportedError,
  ENOPROTOOPT: UnsupportedError,
  ENOSYS: UnsupportedError,
  ENOTTY: UnsupportedError,
  EOPNOTSUPP: UnsupportedError,
  EPROTONOSUPPORT: UnsupportedError,
  EPROTOTYPE: UnsupportedError,
  ESOCKTNOSUPPORT: UnsupportedError,
};

/**
 * The error of the class that belongs to `errno`.
 *
 * @param syscall the call that failed, `recv`
 * @param errno the positive number that it left
 * @param address what the call was about, `127.0.0.1:80`
 * @param explanation what came and what to do, in place of the standard sentence
 *
 * @example
 * ```ts
 * throw systemError('recv', ERRNO.ETIMEDOUT, '127.0.0.1:80', 'timed out after 500 ms; setTimeout changes that');
 * ```
 */
export function systemError(
  syscall: string,
  errno: number,
  address?: string,
  explanation?: string,
): SystemError {
  const Class = classOf(syscall, errno);
  return new Class(syscall, errno, address, explanation);
}

function classOf(syscall: string, errno: number): SystemErrorClass {
  // connect answers would-block with EINPROGRESS. EAGAIN means that no local port is free: not to be waited for.
  if (syscall === 'connect' && errno === ERRNO.EAGAIN) return ResourceExhaustedError;
  const code = errnoName(errno);
  return (code && CLASSES[code]) ?? SystemError;
}
