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
export { acceptVerdict, ACCEPT_PAUSE_MS, type AcceptVerdict } from './listening/accept-policy.ts';
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
} from './address/address.ts';
export type {
  AddressInfo,
  AddressInfoFlag,
  AddressInfoOptions,
  AddressInfoType,
} from './names/address-info.ts';
export { attach, AttachedSocket, type Attachable, type AttachOptions } from './attach.ts';
export type {
  ChunksOptions,
  ReceiveIntoOptions,
  ReceiveMessageOptions,
  ReceiveOptions,
  SendOptions,
  SocketOptions,
} from './call-options.ts';
export type { AttemptOutcome, ConnectionAttempt } from './connecting/connection-attempt.ts';
export type {
  ControlMessage,
  CredentialsMessage,
  DescriptorsMessage,
  OtherControlMessage,
} from './messages/control-message.ts';
export { close } from './blocking/close.ts';
export { createConnection } from './blocking/create-connection.ts';
export type {
  CreateConnectionOptions,
  CreateServerOptions,
  Lookup,
} from './connecting/create-options.ts';
export { createServer } from './blocking/create-server.ts';
export { prepareToListen } from './listening/prepare-to-listen.ts';
export type { ReceivedDescriptors } from './messages/descriptor-passing.ts';
export { descriptorLimit, mostConnections } from './descriptor/descriptor-limit.ts';
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
export { fromFd } from './blocking/from-fd.ts';
export { getaddrinfo } from './blocking/getaddrinfo.ts';
export { getnameinfo } from './blocking/getnameinfo.ts';
export { getHostname } from './address/hostname.ts';
export { ERRNO, errnoName, type ErrnoName } from './libc/errno.ts';
export type { AddressesFound, Libc, NameFound, NetworkInterface, Watch } from './libc/libc.ts';
export { WOULD_BLOCK, type WouldBlock } from './libc/syscall.ts';
export { LOOPBACK_NAME } from './address/loopback-name.ts';
export {
  flagBits,
  type ReceivedFlag,
  type ReceiveFlag,
  type SendFlag,
} from './messages/message-flags.ts';
export type {
  AddressedMessage,
  IncomingMessage,
  OutgoingMessage,
  Received,
  ReceivedInto,
} from './messages/message-io.ts';
export type { NameInfo, NameInfoFlag, NameInfoOptions } from './names/name-info.ts';
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
export type { SocketpairOptions } from './descriptor/open-pair.ts';
export { findPortOwner, type PortOwner, type PortOwnerOptions } from './listening/port-owner.ts';
export type { QueueDepths } from './descriptor/queue-depths.ts';
export { resolve, type ResolveOptions } from './names/resolve.ts';
export type { SocketDescriptorOptions } from './descriptor/owned-descriptor.ts';
export { SocketControls } from './descriptor/socket-controls.ts';
export {
  SocketDescriptor,
  type Accepted,
  type ShutdownHow,
} from './descriptor/socket-descriptor.ts';
export type { Protocol, SocketType } from './descriptor/socket-type.ts';
export { Socket } from './blocking/socket.ts';
export { socketpair } from './blocking/socketpair.ts';
export type {
  FastopenClientFail,
  TcpCaState,
  TcpInfo,
  TcpInfoOption,
  TcpState,
} from './tcp-info/facts.ts';
export { UNCLOSED_SOCKET } from './descriptor/unclosed.ts';
