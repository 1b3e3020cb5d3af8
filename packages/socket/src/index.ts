/**
 * `@wireline/socket`: the sockets of the operating system, under the textbook's names.
 *
 * - {@link attach}: options, TCP_INFO and queue depths of sockets that Node has already.
 * - {@link Socket}: a socket whose calls block, as the textbook has it. `@wireline/socket/promises` has the same
 *   names, awaited.
 * - {@link SocketDescriptor}: what is below both, for `@wireline/socket/event-loop`.
 *
 * @example
 * ```ts
 * using socket = createConnection({ host: 'localhost', port: 65432 });
 * socket.sendAll(new TextEncoder().encode('Hello, world'));
 * console.log(socket.recv(1024), socket.tcpInfo().rttMs);
 * ```
 */
export { acceptVerdict, ACCEPT_PAUSE_MS, type AcceptVerdict } from './accept-policy.ts';
export {
  checkPort,
  formatAddress,
  formatEndpoint,
  isLoopback,
  type Address,
  type Endpoint,
  type Family,
  type Ipv4Address,
  type Ipv6Address,
} from './address.ts';
export { attach, AttachedSocket, type Attachable, type AttachOptions } from './attach.ts';
export { createConnection } from './create-connection.ts';
export type { CreateConnectionOptions, CreateServerOptions } from './create-options.ts';
export { createServer } from './create-server.ts';
export { descriptorLimit } from './descriptor-limit.ts';
export {
  AddressInUseError,
  AddressNotAvailableError,
  AlreadyConnectedError,
  BadDescriptorError,
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  HostUnreachableError,
  IncompleteReadError,
  InterruptedError,
  InvalidArgumentError,
  LimitError,
  MessageTooLargeError,
  NameResolutionError,
  NetworkUnreachableError,
  NoDescriptorError,
  NotConnectedError,
  PermissionError,
  ResourceExhaustedError,
  SocketBusyError,
  SocketClosedError,
  SystemError,
  TimeoutError,
  UnreachableError,
  UnsupportedError,
  UnsupportedPlatformError,
  type ExclusiveCall,
} from './errors.ts';
export type { ReadLimit, SocketFileOptions } from './file/options.ts';
export { SocketFile, type BlockingStream } from './file/socket-file.ts';
export { fromFd } from './from-fd.ts';
export { getHostname } from './hostname.ts';
export { ERRNO, errnoName, type ErrnoName } from './libc/errno.ts';
export type { AddressesFound, Libc, Watch } from './libc/libc.ts';
export { WOULD_BLOCK, type WouldBlock } from './libc/syscall.ts';
export { LOOPBACK_NAME } from './loopback-name.ts';
export type { ReceiveFlag, SendFlag } from './message-flags.ts';
export {
  OPTION_LEVELS,
  OPTIONS,
  type GettableOptionName,
  type Ipv4Membership,
  type Ipv4SourceMembership,
  type Ipv6Membership,
  type OptionEntry,
  type OptionGroup,
  type OptionKind,
  type OptionName,
  type OptionUnit,
  type OptionValue,
  type PeerCredentials,
  type PortRange,
  type SettableOptionName,
  type SocketMemory,
} from './options/index.ts';
export { findPortOwner, type PortOwner, type PortOwnerOptions } from './port-owner.ts';
export type { QueueDepths } from './queue-depths.ts';
export { resolve, type ResolveOptions } from './resolve.ts';
export { SocketControls } from './socket-controls.ts';
export {
  SocketDescriptor,
  type Accepted,
  type ShutdownHow,
  type SocketDescriptorOptions,
  type SocketType,
} from './socket-descriptor.ts';
export {
  Socket,
  type ChunksOptions,
  type ReceiveIntoOptions,
  type ReceiveOptions,
  type SendOptions,
  type SocketOptions,
} from './socket.ts';
export type {
  FastopenClientFail,
  TcpCaState,
  TcpInfo,
  TcpInfoOption,
  TcpState,
} from './tcp-info/facts.ts';
export { UNCLOSED_SOCKET } from './unclosed.ts';
