/**
 * Socket: one descriptor of the operating system's, with the textbook's calls.
 *
 * The object owns the descriptor: it is opened here or handed over at birth, and closed once, by `close`.
 * It is non-blocking and not inherited by child processes from the moment it exists (no second call in
 * between, in which a fork could slip). Calls whose name begins with `try` make one system call and
 * answer `WOULD_BLOCK` where they would have to wait; the event loop says when to try again.
 *
 * Every method but `fileno` and `close` throws `SocketClosedError` once the socket is closed.
 */
import { formatAddress, type Address, type Family } from './address.ts';
import { SocketClosedError } from './errors.ts';
import * as c from './libc/constants.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_STORAGE } from './libc/layouts.ts';
import type { Libc } from './libc/libc.ts';
import { openLibc } from './libc/library.ts';
import { mustCall, tryCall, WOULD_BLOCK, type WouldBlock } from './libc/syscall.ts';
import {
  decodeOption,
  encodeOption,
  OPTIONS,
  type OptionName,
  type OptionValue,
} from './options.ts';

/** Which direction of a connection to shut down: receiving, sending, or both. */
export type ShutdownHow = 'read' | 'write' | 'both';

/** Options of {@link Socket}. */
export interface SocketOptions {
  /** `inet` for IPv4 unless told. */
  readonly family?: Family;
  /** A descriptor to own instead of opening one: a stream socket, non-blocking, close-on-exec. */
  readonly fd?: number;
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/** A connection that was accepted, and whose it is. */
export interface Accepted {
  readonly socket: Socket;
  readonly address: Address;
}

/** What `fileno` answers for a closed socket, as in the textbook. */
const CLOSED = -1;

const SHUTDOWN_HOW = { read: c.SHUT_RD, write: c.SHUT_WR, both: c.SHUT_RDWR } as const;

// Scratch of this thread for calls that give an address back: filled and read within one call.
const sockaddr = new Uint8Array(SOCKADDR_STORAGE);
const sockaddrLength = new Int32Array(1);

/**
 * A TCP socket.
 *
 * @example
 * ```ts
 * using listener = new Socket();
 * listener.setsockopt('SO_REUSEADDR', true);
 * listener.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
 * listener.listen();
 * console.log(formatAddress(listener.getsockname()));
 * ```
 */
export class Socket {
  readonly family: Family;
  readonly #libc: Libc;
  #fd: number;

  /**
   * Opens a stream socket; see socket(2).
   *
   * @throws SystemError EMFILE, ENFILE, EAFNOSUPPORT, ...
   * @throws UnsupportedPlatformError where there are no native sockets.
   */
  constructor(options: SocketOptions = {}) {
    const libc = options.libc ?? openLibc();
    this.family = options.family ?? 'inet';
    this.#libc = libc;
    this.#fd = options.fd ?? openStream(libc, this.family);
    libc.closeAtThreadEnd(this.#fd);
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#fd === CLOSED;
  }

  /** The descriptor's number, or -1 when the socket is closed. */
  fileno(): number {
    return this.#fd;
  }

  /**
   * Gives the socket its local address; port 0 lets the kernel choose one. See bind(2).
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError
   */
  bind(address: Address): void {
    const fd = this.#open('bind');
    const bytes = encodeSockaddr(address);
    mustCall(
      this.#libc,
      'bind',
      () => this.#libc.bind(fd, bytes, bytes.length),
      formatAddress(address),
    );
  }

  /**
   * Lets the kernel accept connections, and keep `backlog` of them until {@link tryAccept} takes them.
   * See listen(2).
   *
   * @param backlog 4096 unless told; the kernel caps it at `net.core.somaxconn`
   * @throws AddressInUseError when another socket listens at the same address.
   */
  listen(backlog: number = c.SOMAXCONN): void {
    const fd = this.#open('listen');
    mustCall(this.#libc, 'listen', () => this.#libc.listen(fd, backlog));
  }

  /**
   * Takes the next connection out of the backlog. See accept4(2).
   *
   * @throws SystemError: which ones to survive is told by `acceptVerdict`.
   */
  tryAccept(): Accepted | WouldBlock {
    const fd = this.#open('accept');
    sockaddrLength[0] = SOCKADDR_STORAGE;
    const accepted = tryCall(this.#libc, 'accept4', () =>
      this.#libc.accept4(fd, sockaddr, sockaddrLength, c.SOCK_NONBLOCK | c.SOCK_CLOEXEC),
    );
    if (accepted === WOULD_BLOCK) return WOULD_BLOCK;
    // The socket first: whatever fails after it, the descriptor has an owner.
    const socket = new Socket({ family: this.family, fd: accepted, libc: this.#libc });
    return { socket, address: decodeSockaddr(sockaddr) };
  }

  /**
   * Starts to connect and returns the error number instead of throwing: 0 when the connection stands,
   * usually EINPROGRESS (115): then the socket becomes writable when it is decided, and
   * `getsockopt('SO_ERROR')` tells how. See connect(2).
   *
   * @throws TypeError or RangeError when the address is none; the kernel is not asked then.
   */
  connectEx(address: Address): number {
    const fd = this.#open('connect');
    const bytes = encodeSockaddr(address);
    // Not retried on EINTR: the attempt goes on by itself, as after EINPROGRESS.
    return this.#libc.connect(fd, bytes, bytes.length) === 0 ? 0 : this.#libc.errno();
  }

  /**
   * Receives up to `length` bytes into the beginning of `buffer` and returns how many came. 0 means that
   * the peer has sent its last byte. See recv(2).
   *
   * @throws ConnectionResetError, TimeoutError, ...
   * @throws RangeError when `buffer` is shorter than `length`.
   */
  tryRecvInto(buffer: Uint8Array, length: number = buffer.length): number | WouldBlock {
    const fd = this.#open('recv');
    checkRoom('recv', buffer, length);
    return tryCall(this.#libc, 'recv', () => this.#libc.recv(fd, buffer, length, 0));
  }

  /**
   * Sends from the beginning of `buffer` and returns how many of its `length` bytes the kernel took: it
   * may be fewer. Never raises SIGPIPE. See send(2).
   *
   * @throws BrokenPipeError, ConnectionResetError, ...
   * @throws RangeError when `buffer` is shorter than `length`.
   */
  trySend(buffer: Uint8Array, length: number = buffer.length): number | WouldBlock {
    const fd = this.#open('send');
    checkRoom('send', buffer, length);
    return tryCall(this.#libc, 'send', () => this.#libc.send(fd, buffer, length, c.MSG_NOSIGNAL));
  }

  /**
   * Ends one direction, or both: after `write` the peer sees the end of the stream, and can still be
   * read from. See shutdown(2).
   *
   * @throws SystemError ENOTCONN when there is no connection (any more).
   */
  shutdown(how: ShutdownHow): void {
    const fd = this.#open('shutdown');
    mustCall(this.#libc, 'shutdown', () => this.#libc.shutdown(fd, SHUTDOWN_HOW[how]));
  }

  /**
   * The local address. See getsockname(2).
   *
   * @throws SystemError ENOBUFS when the kernel is out of memory.
   */
  getsockname(): Address {
    const fd = this.#open('getsockname');
    return this.#address('getsockname', () => this.#libc.getsockname(fd, sockaddr, sockaddrLength));
  }

  /**
   * The peer's address. See getpeername(2).
   *
   * @throws SystemError ENOTCONN when there is no connection (any more).
   */
  getpeername(): Address {
    const fd = this.#open('getpeername');
    return this.#address('getpeername', () => this.#libc.getpeername(fd, sockaddr, sockaddrLength));
  }

  /**
   * Sets an option by name. See socket(7), tcp(7), ipv6(7).
   *
   * @throws SystemError EINVAL, ENOPROTOOPT ... when the kernel does not take the value.
   * @throws RangeError when the value is no integer of 32 bits.
   *
   * @example
   * ```ts
   * socket.setsockopt('TCP_NODELAY', true);
   * ```
   */
  setsockopt<Name extends OptionName>(name: Name, value: OptionValue<Name>): void {
    const fd = this.#open('setsockopt');
    const { level, number, kind } = OPTIONS[name];
    const bytes = encodeOption(value, kind);
    mustCall(
      this.#libc,
      'setsockopt',
      () => this.#libc.setsockopt(fd, level, number, bytes, bytes.length),
      name,
    );
  }

  /**
   * Reads an option by name.
   *
   * @throws SystemError ENOPROTOOPT when this kernel or socket does not know it.
   */
  getsockopt<Name extends OptionName>(name: Name): OptionValue<Name> {
    const fd = this.#open('getsockopt');
    const { level, number, kind } = OPTIONS[name];
    const bytes = new Uint8Array(8); // the largest kind, struct linger
    const length = Int32Array.of(bytes.length);
    mustCall(
      this.#libc,
      'getsockopt',
      () => this.#libc.getsockopt(fd, level, number, bytes, length),
      name,
    );
    // The kind of the table decides the type; TypeScript cannot follow it through a union.
    return decodeOption(bytes, kind) as OptionValue<Name>;
  }

  /**
   * Closes the descriptor; calling it again does nothing. A socket that an event loop watches is to be
   * unregistered first.
   */
  close(): void {
    const fd = this.#fd;
    if (fd === CLOSED) return;
    this.#fd = CLOSED;
    this.#libc.keepAtThreadEnd(fd);
    // Whatever close answers, the descriptor is gone: close(2) says that it must not be repeated.
    this.#libc.close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(attempt: string): number {
    if (this.#fd === CLOSED) throw new SocketClosedError(attempt);
    return this.#fd;
  }

  #address(name: string, call: () => number): Address {
    sockaddrLength[0] = SOCKADDR_STORAGE;
    mustCall(this.#libc, name, call);
    return decodeSockaddr(sockaddr);
  }
}

function openStream(libc: Libc, family: Family): number {
  const domain = family === 'inet' ? c.AF_INET : c.AF_INET6;
  const type = c.SOCK_STREAM | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC;
  return mustCall(libc, 'socket', () => libc.socket(domain, type, 0));
}

/** The kernel trusts the length: beyond the buffer lies somebody else's memory, to be sent or overwritten. */
function checkRoom(attempt: string, buffer: Uint8Array, length: number): void {
  if (!ArrayBuffer.isView(buffer)) {
    throw new TypeError(
      `${attempt}: a ${typeof buffer} is not bytes; use a Uint8Array, new TextEncoder().encode(text) for text`,
    );
  }
  if (Number.isInteger(length) && length >= 0 && length <= buffer.length) return;
  throw new RangeError(
    `${attempt} ${length} bytes: the buffer has ${buffer.length}; pass a length within it, or none`,
  );
}
