/**
 * The errors of this package, all of them public. Code can say `if (error instanceof ConnectionRefusedError)`
 * where the operating system says 111.
 *
 * | file | errors |
 * |---|---|
 * | `errors/classes.ts` | a system call failed: one class for each kind of error number |
 * | `errors/usage-errors.ts` | the program used a socket in a way that cannot work |
 * | `errors/reading-errors.ts` | what came is not what was asked for |
 * | `errors/connection-failed-error.ts` | several addresses were tried, and none answered |
 * | `errors/environment-errors.ts` | the machine lacks something |
 */
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
  InterruptedError,
  InvalidArgumentError,
  MessageTooLargeError,
  NetworkUnreachableError,
  NotConnectedError,
  PermissionError,
  ResourceExhaustedError,
  systemError,
  TimeoutError,
  UnreachableError,
  UnsupportedError,
} from './errors/classes.ts';
export { ConnectionFailedError } from './errors/connection-failed-error.ts';
export { NameResolutionError, UnsupportedPlatformError } from './errors/environment-errors.ts';
export { DescriptorsLostError, IncompleteReadError, LimitError } from './errors/reading-errors.ts';
export { SystemError } from './errors/system-error.ts';
export {
  NoDescriptorError,
  SocketBusyError,
  SocketClosedError,
  type ExclusiveCall,
} from './errors/usage-errors.ts';
