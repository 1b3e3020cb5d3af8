/**
 * Libc: the few C functions that Wireline calls, as TypeScript sees them.
 *
 * This interface is the only door to the operating system. `library.ts` opens it through koffi; the
 * scripted kernel of `@wireline/socket/testing` plays it; another foreign-function library would
 * implement it anew and nothing else would change.
 *
 * Contract: every call is synchronous and returns what the C function returns. After a negative result,
 * `errno()` tells why, if asked before any other call. Addresses, options and events are bytes in the
 * layouts of `layouts.ts`. Each descriptor is non-blocking from birth, so only these calls can wait: `poll`,
 * for as long as it is told, and `getaddrinfo` and `getnameinfo`, for as long as the name server takes.
 */

/** A descriptor that Node's own loop watches. `close` is idempotent; after it nothing has an effect. */
export interface Watch {
  /** Keeps the process alive while the watch is open. */
  ref(): void;
  /** Lets the process end although the watch is open. */
  unref(): void;
  close(): void;
}

/** What `getaddrinfo` found: its error code (0 for none, else negative) and `sockaddr`s, the best first. */
export interface AddressesFound {
  readonly code: number;
  readonly addresses: readonly Uint8Array[];
  /** The name that the host's names stand for, if it was asked for by AI_CANONNAME. */
  readonly canonicalName: string | null;
}

/** What `getnameinfo` found: its error code, as above, and the name. */
export interface NameFound {
  readonly code: number;
  readonly host: string;
}

/** An interface of this machine, and the number that addresses name it by. */
export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
}

/** What `sendmsg` and `recvmsg` are about: the memory that a `msghdr` leads to. */
export interface MessageMemory {
  /** The address of the peer; empty for none. */
  readonly name: Uint8Array;
  /** Where the bytes are, or come to, one after the other. */
  readonly parts: readonly Uint8Array[];
  /** Control messages; empty for none. */
  readonly control: Uint8Array;
}

/** The system calls, by their own names in camelCase. See the man pages of section 2. */
export interface Libc {
  /** The error number of the last call that failed on this thread. Ask at once. */
  errno(): number;

  socket(family: number, type: number, protocol: number): number;
  socketpair(family: number, type: number, protocol: number, fds: Int32Array): number;
  bind(fd: number, address: Uint8Array, addressLength: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: Uint8Array, addressLength: Int32Array, flags: number): number;
  connect(fd: number, address: Uint8Array, addressLength: number): number;
  recv(fd: number, buffer: Uint8Array, length: number, flags: number): number;
  send(fd: number, buffer: Uint8Array, length: number, flags: number): number;
  sendto(
    fd: number,
    buffer: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): number;
  recvfrom(
    fd: number,
    buffer: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: Int32Array,
  ): number;
  sendmsg(fd: number, message: MessageMemory, flags: number): number;
  /** `facts` gets what the kernel wrote into the `msghdr`: length of the name, length of the control messages, flags. */
  recvmsg(fd: number, message: MessageMemory, flags: number, facts: Int32Array): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  getsockname(fd: number, address: Uint8Array, addressLength: Int32Array): number;
  getpeername(fd: number, address: Uint8Array, addressLength: Int32Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  getsockopt(
    fd: number,
    level: number,
    name: number,
    value: Uint8Array,
    length: Int32Array,
  ): number;

  fcntl(fd: number, command: number, argument: number): number;
  ioctl(fd: number, request: number, argument: Int32Array): number;
  poll(fds: Int32Array, count: number, timeoutMs: number): number;

  /** Whether a signal has come whose JavaScript handler waits for Node's loop to run it. */
  signalWaits(): boolean;

  getrlimit(resource: number, limits: Uint8Array): number;
  /** getaddrinfo(3) for stream sockets of one family, AF_UNSPEC for any. Waits for the name server. */
  getaddrinfo(host: string, family: number, flags: number): AddressesFound;
  /** getnameinfo(3): the name of a host, not its number. Waits for the name server. */
  getnameinfo(address: Uint8Array): NameFound;
  /** if_nameindex(3); empty when it fails. */
  ifNameindex(): readonly NetworkInterface[];

  epollCreate1(flags: number): number;
  epollCtl(epfd: number, operation: number, fd: number, event: Uint32Array): number;
  epollWait(epfd: number, events: Uint32Array, maxEvents: number, timeoutMs: number): number;

  /**
   * Has Node's loop call `onReadable` whenever `fd` is readable, until the watch is closed. Only for a
   * descriptor known to be good and pollable: the process aborts on any other.
   */
  watch(fd: number, onReadable: () => void): Watch;

  /**
   * Has `fd` closed when this thread ends, in whatever way: a worker shares the process's descriptors,
   * and its JavaScript does not run when it is terminated. So it is with all that was opened here already;
   * this is for descriptors from elsewhere.
   */
  closeAtThreadEnd(fd: number): void;
  /** Takes that back, and leaves `fd` open: it belongs to somebody else from now on. */
  keepAtThreadEnd(fd: number): void;
}
