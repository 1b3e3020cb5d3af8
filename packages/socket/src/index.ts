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
  type AddressOf,
  type Endpoint,
  type Family,
  type InternetEndpoint,
  type IpAddress,
  type IpFamily,
  type Ipv4Address,
  type Ipv6Address,
  type UnixAddress,
  type UnixEndpoint,
  type Where,
} from './address.ts';
export type {
  AddressInfo,
  AddressInfoFlag,
  AddressInfoOptions,
  AddressInfoType,
} from './address-info.ts';
export { attach, AttachedSocket, type Attachable, type AttachOptions } from './attach.ts';
export type {
  ChunksOptions,
  ReceiveIntoOptions,
  ReceiveMessageOptions,
  ReceiveOptions,
  SendOptions,
  SocketOptions,
} from './call-options.ts';
export type { AttemptOutcome, ConnectionAttempt } from './connection-attempt.ts';
export type {
  ControlMessage,
  CredentialsMessage,
  DescriptorsMessage,
  OtherControlMessage,
} from './control-message.ts';
export { close } from './close.ts';
export { createConnection } from './create-connection.ts';
export type { CreateConnectionOptions, CreateServerOptions, Lookup } from './create-options.ts';
export { createServer, prepareToListen } from './create-server.ts';
export type { ReceivedDescriptors } from './descriptor-passing.ts';
export { descriptorLimit } from './descriptor-limit.ts';
export {
  AddressInUseError,
  AddressNotAvailableError,
  AlreadyConnectedError,
  BadDescriptorError,
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionFailedError,
  ConnectionRefusedError,
  ConnectionResetError,
  DescriptorsLostError,
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
  systemError,
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
export { getaddrinfo } from './getaddrinfo.ts';
export { getnameinfo } from './getnameinfo.ts';
export { getHostname } from './hostname.ts';
export { ERRNO, errnoName, type ErrnoName } from './libc/errno.ts';
export type { AddressesFound, Libc, NameFound, NetworkInterface, Watch } from './libc/libc.ts';
export { WOULD_BLOCK, type WouldBlock } from './libc/syscall.ts';
export { LOOPBACK_NAME } from './loopback-name.ts';
export type { ReceivedFlag, ReceiveFlag, SendFlag } from './message-flags.ts';
export type {
  AddressedMessage,
  IncomingMessage,
  OutgoingMessage,
  Received,
  ReceivedInto,
} from './message-io.ts';
export type { NameInfo, NameInfoFlag, NameInfoOptions } from './name-info.ts';
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
export type { SocketpairOptions } from './open-pair.ts';
export { findPortOwner, type PortOwner, type PortOwnerOptions } from './port-owner.ts';
export type { QueueDepths } from './queue-depths.ts';
export { resolve, type ResolveOptions } from './resolve.ts';
export type { SocketDescriptorOptions } from './owned-descriptor.ts';
export { SocketControls } from './socket-controls.ts';
export { SocketDescriptor, type Accepted, type ShutdownHow } from './socket-descriptor.ts';
export type { Protocol, SocketType } from './socket-type.ts';
export { Socket } from './socket.ts';
export { socketpair } from './socketpair.ts';
export type {
  FastopenClientFail,
  TcpCaState,
  TcpInfo,
  TcpInfoOption,
  TcpState,
} from './tcp-info/facts.ts';
export { UNCLOSED_SOCKET } from './unclosed.ts';
