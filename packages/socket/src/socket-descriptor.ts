/**
 * SocketDescriptor: one descriptor of the operating system's, with the textbook's calls that never wait.
 *
 * The object owns the descriptor: it is opened here or handed over at birth, and closed once, by `close`, or
 * handed on by `detach`. It is non-blocking and not inherited by child processes from the moment it exists
 * (no second call in between, in which a fork could slip). Calls whose name begins with `try` make one
 * system call and answer `WOULD_BLOCK` where they would have to wait; the event loop says when to try again.
 *
 * Every method that asks the kernel, but `close`, throws `SocketClosedError` once the socket is closed.
 *
 * This is what servers with thousands of connections hold. `Socket` of this package and `Socket` of
 * `@wireline/socket/promises` are the same descriptor with calls that wait, each in its own way.
 */
import { addressInUse } from './address-in-use.ts';
import {
  formatAddress,
  type Address,
  type AddressOf,
  type Family,
  type IpAddress,
  type IpFamily,
} from './address.ts';
import { checkBytes } from './check-bytes.ts';
import type { ControlMessage } from './control-message.ts';
import { AddressInUseError, NotConnectedError, SocketClosedError } from './errors.ts';
import * as c from './libc/constants.ts';
import { ERRNO } from './libc/errno.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_STORAGE } from './libc/layouts.ts';
import type { Libc } from './libc/libc.ts';
import { openLibc } from './libc/library.ts';
import { mustCall, tryAgain, tryCall, WOULD_BLOCK, type WouldBlock } from './libc/syscall.ts';
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
} from './message-io.ts';
import { SocketControls, type SocketFacts } from './socket-controls.ts';
import { PROTOCOLS, SOCKET_TYPES, type Protocol, type SocketType } from './socket-type.ts';

/** Which direction of a connection to shut down: receiving, sending, or both. */
export type ShutdownHow = 'read' | 'write' | 'both';

/** Options of {@link SocketDescriptor}. */
export interface SocketDescriptorOptions<F extends Family = Family> {
  /** `inet` for IPv4 unless told. */
  readonly family?: F;
  /** `stream` unless told. */
  readonly type?: SocketType;
  /** The usual one of family and type unless told. */
  readonly protocol?: Protocol;
  /**
   * A descriptor to own instead of opening one: a socket of that family and type, non-blocking and
   * close-on-exec. It is taken at its word; `new Socket({ fd })` is the one that asks and prepares.
   */
  readonly fd?: number;
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/** A connection that was accepted, and whose it is. */
export interface Accepted<S = SocketDescriptor, A extends Address = IpAddress> {
  readonly socket: S;
  readonly address: A;
}

/** What `fileno` answers for a closed socket, as in the textbook. */
const CLOSED = -1;

const SHUTDOWN_HOW = { read: c.SHUT_RD, write: c.SHUT_WR, both: c.SHUT_RDWR } as const;
const DOMAINS = { inet: c.AF_INET, inet6: c.AF_INET6, unix: c.AF_UNIX } as const;

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
export class SocketDescriptor<F extends Family = IpFamily> extends SocketControls {
  readonly family: F;
  readonly type: SocketType;
  #fd: number;

  /**
   * Opens a socket; see socket(2).
   *
   * @throws ResourceExhaustedError, UnsupportedError, ...
   * @throws UnsupportedPlatformError where there are no native sockets.
   */
  constructor(options: SocketDescriptorOptions<F> = {}) {
    const libc = options.libc ?? openLibc();
    super(libc);
    // Nobody who tells no family can ask for a type without IPv4 in it, but by hand.
    this.family = known('family', options.family ?? 'inet', DOMAINS) as F;
    this.type = known('type', options.type ?? 'stream', SOCKET_TYPES);
    this.#fd = options.fd ?? open(libc, this, options.protocol);
    libc.closeAtThreadEnd(this.#fd);
  }

  /** Whether {@link close} or {@link detach} was called. */
  get closed(): boolean {
    return this.#fd === CLOSED;
  }

  /** The descriptor's number, or -1 when the socket is closed. */
  override fileno(): number {
    return this.#fd;
  }

  override getsockname(): AddressOf<F> {
    return super.getsockname() as AddressOf<F>; // a socket's addresses are of its family
  }

  override getpeername(): AddressOf<F> {
    return super.getpeername() as AddressOf<F>; // as above
  }

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
    const number = SHUTDOWN_HOW[known('how', how, SHUTDOWN_HOW)];
    mustCall(this.libc, 'shutdown', () => this.libc.shutdown(fd, number));
  }

  /**
   * Gives the descriptor away: whoever takes the number closes it, and this object is as good as closed.
   * It stays non-blocking. A descriptor that an event loop watches is to be unregistered first.
   */
  detach(): number {
    this.descriptor('detach');
    const fd = this.release();
    this.libc.keepAtThreadEnd(fd);
    return fd;
  }

  /**
   * Closes the descriptor; calling it again does nothing. A socket that an event loop watches is to be
   * unregistered first.
   */
  close(): void {
    if (this.#fd === CLOSED) return;
    // Whatever close answers, the descriptor is gone: close(2) says that it must not be repeated.
    this.libc.close(this.release());
  }

  /** Forgets the descriptor, and whatever else goes with it, and returns its number: `close` and `detach`. */
  protected release(): number {
    const fd = this.#fd;
    this.#fd = CLOSED;
    return fd;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected override facts(): SocketFacts {
    const { fd, local, remote, state } = super.facts();
    return {
      fd,
      family: this.family,
      type: this.type,
      ...(local === undefined ? {} : { local }),
      ...(remote === undefined ? {} : { remote }),
      state,
    };
  }

  /**
   * How connecting went, once the socket is writable: the error number, 0 for none. The same call once more
   * answers that, as `SO_ERROR` does; unlike that, it leaves the socket as a connect that waited would have:
   * connected, so that the next one is EISCONN, or free for another attempt.
   */
  protected tryFinishConnect(address: AddressOf<F>): number | WouldBlock {
    const errno = this.tryConnectEx(address);
    if (errno === ERRNO.EALREADY || errno === ERRNO.EINPROGRESS) return WOULD_BLOCK;
    return errno === ERRNO.EISCONN ? 0 : errno;
  }

  /** A socket of this one's kind that owns `fd`. */
  protected own(fd: number): SocketDescriptor<F> {
    return new SocketDescriptor({ family: this.family, type: this.type, fd, libc: this.libc });
  }

  protected override descriptor(attempt: string): number {
    if (this.#fd === CLOSED) throw new SocketClosedError(attempt);
    return this.#fd;
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

/** Checks a word for callers without types. */
function known<Word extends string>(what: string, word: Word, table: Record<Word, number>): Word {
  if (Object.hasOwn(table, word)) return word;
  const words = Object.keys(table).join("', '");
  throw new TypeError(`use the ${what} '${word}': expected '${words}'`);
}

function open(
  libc: Libc,
  { family, type }: { readonly family: Family; readonly type: SocketType },
  protocol: Protocol = 0,
): number {
  const bits = SOCKET_TYPES[type] | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC;
  const number = protocolNumber(protocol);
  return mustCall(libc, 'socket', () => libc.socket(DOMAINS[family], bits, number));
}

function protocolNumber(protocol: Protocol): number {
  if (typeof protocol === 'string') return PROTOCOLS[known('protocol', protocol, PROTOCOLS)];
  if (Number.isInteger(protocol) && protocol >= 0) return protocol;
  throw new TypeError(
    `use the protocol ${protocol}: expected 'icmp', 'icmpv6' or a number of protocols(5)`,
  );
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
