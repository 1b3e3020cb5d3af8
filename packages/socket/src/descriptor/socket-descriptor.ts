/**
 * SocketDescriptor: one descriptor of the operating system's, with the textbook's calls that never wait.
 *
 * How it is opened and closed is in `owned-descriptor.ts`. Calls whose name begins with `try` make one system call
 * and answer `WOULD_BLOCK` where they would have to wait; the event loop says when to try again.
 *
 * Every method that asks the kernel, but `close`, throws `SocketClosedError` once the socket is closed.
 *
 * This is what servers with thousands of connections hold. `Socket` of this package and `Socket` of
 * `@wireline/socket/promises` are the same descriptor with calls that wait, each in its own way.
 */
import { addressInUse } from '../listening/address-in-use.ts';
import {
  formatAddress,
  type Address,
  type AddressOf,
  type Family,
  type IpAddress,
  type IpFamily,
} from '../address/address.ts';
import { checkBytes } from '../check-bytes.ts';
import type { ControlMessage } from '../messages/control-message.ts';
import { AddressInUseError, NotConnectedError } from '../errors.ts';
import { knownWord } from '../known-word.ts';
import * as c from '../libc/constants.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_STORAGE } from '../libc/layouts.ts';
import { mustCall, tryAgain, tryCall, WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import {
  tryRecvFrom,
  tryRecvMsg,
  trySendMsg,
  trySendTo,
  type AddressedMessage,
  type IncomingMessage,
  type MessageCall,
  type ReceivedInto,
  type UnaddressedMessage,
} from '../messages/message-io.ts';
import { OwnedDescriptor } from './owned-descriptor.ts';

/** Which direction of a connection to shut down: receiving, sending, or both. */
export type ShutdownHow = 'read' | 'write' | 'both';

/** A connection that was accepted, and whose it is. */
export interface Accepted<S = SocketDescriptor, A extends Address = IpAddress> {
  readonly socket: S;
  readonly address: A;
}

const SHUTDOWN_HOW = { read: c.SHUT_RD, write: c.SHUT_WR, both: c.SHUT_RDWR } as const;

/** The addresses that stand for none. */
const NOBODY: Readonly<Record<Family, Address>> = {
  inet: { family: 'inet', host: '0.0.0.0', port: 0 },
  inet6: { family: 'inet6', host: '::', port: 0, flowinfo: 0, scopeId: 0 },
  unix: { family: 'unix', path: '' },
};

// Scratch of this thread for `accept4`, which gives an address back: filled and read within one call.
const sockaddr = new Uint8Array(SOCKADDR_STORAGE);
const sockaddrLength = new Int32Array(1);

/**
 * A descriptor and its calls.
 *
 * @example
 * ```ts
 * using listener = new SocketDescriptor();
 * listener.setsockopt('SO_REUSEADDR', true);
 * listener.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
 * listener.listen();
 * currentEventLoop().register(listener.fileno(), 'read', {
 *   onReady() {
 *     const accepted = listener.tryAccept();
 *     if (accepted !== WOULD_BLOCK) serve(accepted.socket);
 *   },
 * });
 * ```
 */
export class SocketDescriptor<F extends Family = IpFamily> extends OwnedDescriptor<F> {
  /**
   * Gives the socket its local address; port 0 lets the kernel choose one. See bind(2).
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError
   */
  bind(address: AddressOf<F>): void {
    const fd = this.descriptor('bind');
    const bytes = encodeSockaddr(this.#checkFamily('bind', address));
    try {
      mustCall(
        this.libc,
        'bind',
        () => this.libc.bind(fd, bytes, bytes.length),
        formatAddress(address),
      );
    } catch (error) {
      throw error instanceof AddressInUseError
        ? addressInUse('bind', address, { type: this.type })
        : error;
    }
  }

  /**
   * Lets the kernel accept connections, and keep `backlog` of them until they are accepted here. See
   * listen(2).
   *
   * @param backlog 4096 unless told; the kernel caps it at `net.core.somaxconn`
   * @throws AddressInUseError when another socket listens at the same address.
   */
  listen(backlog: number = c.SOMAXCONN): void {
    const fd = this.descriptor('listen');
    if (!Number.isInteger(backlog)) {
      throw new TypeError(`listen with a backlog of ${backlog}: expected an integer`);
    }
    try {
      mustCall(this.libc, 'listen', () => this.libc.listen(fd, backlog));
    } catch (error) {
      if (error instanceof AddressInUseError)
        throw addressInUse('listen', this.getsockname(), { type: this.type });
      throw error;
    }
  }

  /**
   * Takes the next connection out of the backlog. See accept4(2).
   *
   * @throws SystemError: which ones to survive is told by `acceptVerdict`.
   */
  tryAccept(): Accepted<SocketDescriptor<F>, AddressOf<F>> | WouldBlock {
    const fd = this.descriptor('accept');
    sockaddrLength[0] = SOCKADDR_STORAGE;
    const accepted = tryCall(this.libc, 'accept4', () =>
      this.libc.accept4(fd, sockaddr, sockaddrLength, c.SOCK_NONBLOCK | c.SOCK_CLOEXEC),
    );
    if (accepted === WOULD_BLOCK) return WOULD_BLOCK;
    // The socket first: whatever fails after it, the descriptor has an owner.
    const socket = this.own(accepted);
    const address = decodeSockaddr(sockaddr, sockaddrLength[0]);
    return { socket, address: address as AddressOf<F> }; // a peer's address is of the same family
  }

  /**
   * Starts to connect and returns the error number instead of throwing: 0 when the connection stands,
   * usually EINPROGRESS (115): then the socket becomes writable when it is decided, and
   * `getsockopt('SO_ERROR')` tells how. See connect(2).
   *
   * @throws TypeError or RangeError when the address is none; the kernel is not asked then.
   */
  tryConnectEx(address: AddressOf<F>): number {
    const fd = this.descriptor('connect');
    const bytes = encodeSockaddr(this.#checkFamily('connect', address));
    // Not retried on EINTR: the attempt goes on by itself, as after EINPROGRESS.
    return this.libc.connect(fd, bytes, bytes.length) === 0 ? 0 : this.libc.errno();
  }

  /**
   * Receives up to `length` bytes into the beginning of `buffer` and returns how many came. 0 means that
   * the peer has sent its last byte. See recv(2).
   *
   * @param flags the bits of `MSG_` flags
   * @throws ConnectionResetError, TimeoutError, ...
   * @throws RangeError when `buffer` is shorter than `length`.
   */
  tryRecvInto(
    buffer: Uint8Array,
    length: number = buffer.length,
    flags: number = 0,
  ): number | WouldBlock {
    const fd = this.descriptor('recv');
    checkRoom('recv', buffer, length);
    // The kernel would have nothing wait for something, and answer as it does at the end.
    if (length === 0 && this.type === 'stream') return 0;
    const { libc } = this;
    const count = libc.recv(fd, buffer, length, flags);
    if (count >= 0) return count;
    return tryAgain(libc, 'recv', () => libc.recv(fd, buffer, length, flags));
  }

  /**
   * Sends from the beginning of `buffer` and returns how many of its `length` bytes the kernel took: it
   * may be fewer. Never raises SIGPIPE. See send(2).
   *
   * @param flags the bits of `MSG_` flags
   * @throws BrokenPipeError, ConnectionResetError, ...
   * @throws RangeError when `buffer` is shorter than `length`.
   */
  trySend(
    buffer: Uint8Array,
    length: number = buffer.length,
    flags: number = 0,
  ): number | WouldBlock {
    const fd = this.descriptor('send');
    checkRoom('send', buffer, length);
    const bits = flags | c.MSG_NOSIGNAL;
    const { libc } = this;
    const count = libc.send(fd, buffer, length, bits);
    if (count >= 0) return count;
    return tryAgain(libc, 'send', () => libc.send(fd, buffer, length, bits));
  }

  /**
   * Sends `bytes` to `address` and returns how many the kernel took. See sendto(2).
   *
   * @param flags the bits of `MSG_` flags
   * @throws MessageTooLargeError, UnreachableError, PermissionError (broadcast without SO_BROADCAST), ...
   */
  trySendTo(bytes: Uint8Array, address: AddressOf<F>, flags: number = 0): number | WouldBlock {
    const call = this.#messageCall('sendTo', flags | c.MSG_NOSIGNAL);
    return trySendTo(call, bytes, this.#checkFamily('sendTo', address));
  }

  /**
   * As {@link tryRecvInto}, with the address of whoever sent: of a connection its peer, and 0.0.0.0:0 or [::]:0 once
   * both directions have ended; of a Unix socket without a name the empty path. See recvfrom(2).
   */
  tryRecvFromInto(
    buffer: Uint8Array,
    length: number = buffer.length,
    flags: number = 0,
  ): ReceivedInto<F> | WouldBlock {
    const call = this.#messageCall('recvFrom', flags);
    checkRoom('recvFrom', buffer, length);
    const received = tryRecvFrom(call, buffer, length);
    if (received === WOULD_BLOCK) return WOULD_BLOCK;
    return { count: received.count, address: this.#sender(received.address) };
  }

  /**
   * Sends a message: its parts, one behind the other, and control messages beside them. See sendmsg(2).
   *
   * @param flags the bits of `MSG_` flags
   * @throws as {@link trySendTo}; TypeError for descriptors or credentials over the internet: the kernel would throw
   * them away without a word
   */
  trySendMsg(message: AddressedMessage<F>, flags: number = 0): number | WouldBlock {
    const call = this.#messageCall('sendMsg', flags | c.MSG_NOSIGNAL);
    if (message.to !== undefined) this.#checkFamily('sendMsg', message.to);
    if (this.family !== 'unix') checkTravels(this.family, message.control);
    // A stream without a byte is nothing to the kernel: what is beside it would be lost without a word.
    if (this.type === 'stream' && message.control !== undefined && message.control.length > 0) {
      checkNotEmpty(message.parts);
    }
    return trySendMsg(call, message);
  }

  /**
   * Receives a message of up to `size` bytes, and up to `controlLength` bytes of what is beside it. See recvmsg(2).
   *
   * Descriptors that come are new, close-on-exec, and the caller's to close.
   *
   * @param flags the bits of `MSG_` flags
   */
  tryRecvMsg(
    size: number,
    controlLength: number = 0,
    flags: number = 0,
  ): IncomingMessage<F> | WouldBlock {
    const addressed = (message: UnaddressedMessage): IncomingMessage<F> => ({
      ...message,
      address: this.#sender(message.address),
    });
    return tryRecvMsg(this.#messageCall('recvMsg', flags), { size, controlLength }, addressed);
  }

  /**
   * Ends one direction, or both: after `write` the peer sees the end of the stream, and can still be
   * read from. See shutdown(2).
   *
   * @throws NotConnectedError when there is no connection (any more).
   */
  shutdown(how: ShutdownHow): void {
    const fd = this.descriptor('shutdown');
    const number = SHUTDOWN_HOW[knownWord('how', how, SHUTDOWN_HOW)];
    mustCall(this.libc, 'shutdown', () => this.libc.shutdown(fd, number));
  }

  /** A socket of this one's kind that owns `fd`. */
  protected own(fd: number): SocketDescriptor<F> {
    return new SocketDescriptor({ family: this.family, type: this.type, fd, libc: this.libc });
  }

  #messageCall(attempt: string, flags: number): MessageCall {
    return { libc: this.libc, fd: this.descriptor(attempt), flags };
  }

  /** Who sent, when the kernel says so; when it does not, it is the peer, or a Unix socket without a name. */
  #sender(address: Address | undefined): AddressOf<F> {
    const sender = address ?? (this.family === 'unix' ? NOBODY.unix : this.#peerOrNobody());
    return sender as AddressOf<F>; // of the socket's family
  }

  /** The peer. The last bytes, and the end, come also when the kernel has forgotten whose they are. */
  #peerOrNobody(): Address {
    try {
      return this.getpeername();
    } catch (error) {
      if (error instanceof NotConnectedError) return NOBODY[this.family];
      throw error;
    }
  }

  /** Tells paths and hosts apart for callers without types; the rest the kernel does. */
  #checkFamily(attempt: string, address: Address): Address {
    if ((address.family === 'unix') === (this.family === 'unix')) return address;
    const wants = this.family === 'unix' ? '{ path }' : '{ host, port }';
    throw new TypeError(
      `${attempt} ${formatAddress(address)}: the family of this socket is ${this.family}; expected ${wants}`,
    );
  }
}

/** What only the kernel of one machine can hand from one process to another. */
function checkTravels(family: Family, control: readonly ControlMessage[] = []): void {
  const here = control.find(({ type }) => type === 'SCM_RIGHTS' || type === 'SCM_CREDENTIALS');
  if (here === undefined) return;
  throw new TypeError(
    `sendMsg with ${here.type}: the family of this socket is ${family}; descriptors and credentials travel over Unix sockets only`,
  );
}

function checkNotEmpty(parts: readonly Uint8Array[]): void {
  if (parts.some(({ length }) => length > 0)) return;
  throw new RangeError(
    'sendMsg of no bytes on a stream: control messages need at least one byte to travel with',
  );
}

/** The kernel trusts the length: beyond the buffer lies somebody else's memory, to be sent or overwritten. */
function checkRoom(attempt: string, buffer: Uint8Array, length: number): void {
  checkBytes(attempt, buffer);
  if (Number.isInteger(length) && length >= 0 && length <= buffer.length) return;
  throw new RangeError(
    `${attempt} ${length} bytes: the buffer has ${buffer.length}; pass a length within it, or none`,
  );
}
