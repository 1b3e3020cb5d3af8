/** What the calls of a socket can be told, in the face that blocks. The awaited face adds a signal. */
import type { Family } from './address/address.ts';
import type { Libc } from './libc/libc.ts';
import type { ReceiveFlag, SendFlag } from './messages/message-flags.ts';
import type { Protocol, SocketType } from './descriptor/socket-type.ts';

/** Options of a socket. */
export interface SocketOptions<F extends Family = Family> {
  /** `inet` for IPv4 unless told. */
  readonly family?: F;
  /** `stream` unless told. */
  readonly type?: SocketType;
  /** The usual one of family and type unless told. */
  readonly protocol?: Protocol;
  /**
   * A descriptor to own instead of opening one. What it is is asked of the kernel, and it is made
   * non-blocking and close-on-exec, unless family and type are both told: then it is taken at its word. For one that
   * may be a Unix socket, `new Socket<Family>({ fd })` has the compiler ask which it is.
   */
  readonly fd?: number;
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/** Options of calls that receive. */
export interface ReceiveOptions {
  readonly flags?: ReceiveFlag | readonly ReceiveFlag[];
}

/** Options of `recvInto` and `recvFromInto`. */
export interface ReceiveIntoOptions extends ReceiveOptions {
  /** How many bytes at most; as many as the buffer has unless told. */
  readonly length?: number;
}

/** Options of `recvMsg`. */
export interface ReceiveMessageOptions extends ReceiveOptions {
  /** Room for control messages, in bytes; 2048 unless told, 0 for none. */
  readonly controlLength?: number;
}

/** Options of `chunks`. */
export interface ChunksOptions extends ReceiveOptions {
  /** How many bytes a chunk has at most; 64 KiB unless told. */
  readonly size?: number;
}

/** Options of calls that send. */
export interface SendOptions {
  readonly flags?: SendFlag | readonly SendFlag[];
}
