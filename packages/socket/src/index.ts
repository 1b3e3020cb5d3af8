/**
 * `@wireline/socket`: the sockets of the operating system, under the textbook's names.
 *
 * A {@link Socket} is one descriptor, non-blocking; `@wireline/socket/event-loop` waits for many of them.
 *
 * @example
 * ```ts
 * const [address] = await resolve('localhost', 65432);
 * using socket = new Socket({ family: address.family });
 * socket.connectEx(address); // 115, EINPROGRESS: writable when the connection stands
 * ```
 */
export {
  checkPort,
  formatAddress,
  isLoopback,
  type Address,
  type Family,
  type Ipv4Address,
  type Ipv6Address,
} from './address.ts';
export { descriptorLimit } from './descriptor-limit.ts';
export {
  AddressInUseError,
  AddressNotAvailableError,
  BrokenPipeError,
  ConnectionRefusedError,
  ConnectionResetError,
  NameResolutionError,
  PermissionError,
  ResourceExhaustedError,
  SocketClosedError,
  SystemError,
  TimeoutError,
  UnreachableError,
  UnsupportedPlatformError,
} from './errors.ts';
export { ERRNO, errnoName, type ErrnoName } from './libc/errno.ts';
export type { Libc, Watch } from './libc/libc.ts';
export { WOULD_BLOCK, type WouldBlock } from './libc/syscall.ts';
export { OPTIONS, type OptionKind, type OptionName, type OptionValue } from './options.ts';
export { resolve, type ResolveOptions } from './resolve.ts';
export { Socket, type Accepted, type ShutdownHow, type SocketOptions } from './socket.ts';
