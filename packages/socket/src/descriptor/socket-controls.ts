/**
 * SocketControls: the knobs and dials of a descriptor, whoever owns it.
 *
 * Addresses, options, TCP_INFO and queue depths: calls that never wait and change nothing about who owns
 * what. `SocketDescriptor` has them for the sockets of this package, `AttachedSocket` for Node's.
 */
import { formatAddress, type Address, type Family } from '../address/address.ts';
import { SOL_SOCKET } from '../libc/constants.ts';
import { decodeSockaddr, SOCKADDR_STORAGE } from '../libc/layouts.ts';
import type { Libc } from '../libc/libc.ts';
import { mustCall } from '../libc/syscall.ts';
import {
  decodeOption,
  encodeOption,
  OPTIONS,
  optionRoom,
  type GettableOptionName,
  type OptionName,
  type OptionValue,
  type SettableOptionName,
} from '../options/index.ts';
import { queueDepths, type QueueDepths } from './queue-depths.ts';
import { tcpInfo } from '../tcp-info/decode.ts';
import type { TcpInfo } from '../tcp-info/facts.ts';

/** What `console.log` looks for. */
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

// Scratch of this thread for calls that give an address back: filled and read within one call.
const sockaddr = new Uint8Array(SOCKADDR_STORAGE);
const sockaddrLength = new Int32Array(1);

/** What a socket says of itself when it is printed. */
export interface SocketFacts {
  readonly fd: number;
  readonly family?: Family;
  readonly type?: string;
  readonly local?: string;
  readonly remote?: string;
  /** The state of TCP; of other sockets, and of closed ones, `open` or `closed`. */
  readonly state: string;
}

/** What can be asked and set on any socket. */
export abstract class SocketControls {
  readonly #libc: Libc;

  protected constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** The C library that is called. */
  protected get libc(): Libc {
    return this.#libc;
  }

  /** The descriptor's number, or -1 where there is none (any more). */
  abstract fileno(): number;

  /** The descriptor, for the call named `attempt`; throws where there is none. */
  protected abstract descriptor(attempt: string): number;

  /**
   * The local address. See getsockname(2).
   *
   * @throws SystemError ENOBUFS when the kernel is out of memory.
   */
  getsockname(): Address {
    const fd = this.descriptor('getsockname');
    sockaddrLength[0] = SOCKADDR_STORAGE;
    mustCall(this.libc, 'getsockname', () => this.libc.getsockname(fd, sockaddr, sockaddrLength));
    return decodeSockaddr(sockaddr, sockaddrLength[0]);
  }

  /**
   * The peer's address. See getpeername(2).
   *
   * @throws NotConnectedError when there is no connection (any more).
   */
  getpeername(): Address {
    const fd = this.descriptor('getpeername');
    sockaddrLength[0] = SOCKADDR_STORAGE;
    mustCall(this.libc, 'getpeername', () => this.libc.getpeername(fd, sockaddr, sockaddrLength));
    return decodeSockaddr(sockaddr, sockaddrLength[0]);
  }

  /**
   * Sets an option: by name, with the value that `OPTIONS` says, or by the numbers of a header file, with
   * an `int` or the bytes of a C structure. See socket(7), ip(7), ipv6(7), tcp(7), udp(7).
   *
   * @throws SystemError EINVAL, ENOPROTOOPT, EPERM ... when the kernel does not take the value.
   * @throws RangeError or TypeError when the value is not what the option holds.
   *
   * @example
   * ```ts
   * socket.setsockopt('TCP_NODELAY', true);
   * socket.setsockopt(6, 1, 1); // the same: IPPROTO_TCP, TCP_NODELAY
   * ```
   */
  setsockopt<Name extends SettableOptionName>(name: Name, value: OptionValue<Name>): void;
  setsockopt(level: number, option: number, value: number | Uint8Array): void;
  setsockopt(...values: readonly unknown[]): void {
    const fd = this.descriptor('setsockopt');
    const { level, number, bytes, title } = toSet(values);
    mustCall(
      this.libc,
      'setsockopt',
      () => this.libc.setsockopt(fd, level, number, bytes, bytes.length),
      title,
    );
  }

  /**
   * Reads an option: by name, or by the numbers of a header file, as an `int` or, when `length` says how
   * many there are at most, as bytes.
   *
   * @throws SystemError ENOPROTOOPT when this kernel or socket does not know it.
   *
   * @example
   * ```ts
   * socket.getsockopt('SO_RCVBUF'); // 131072
   * socket.getsockopt(1, 8); // the same: SOL_SOCKET, SO_RCVBUF
   * ```
   */
  getsockopt<Name extends GettableOptionName>(name: Name): OptionValue<Name>;
  getsockopt(level: number, option: number): number;
  getsockopt(level: number, option: number, length: number): Uint8Array;
  getsockopt(
    what: OptionName | number,
    option?: number,
    length?: number,
  ): OptionValue<OptionName> | Uint8Array {
    const fd = this.descriptor('getsockopt');
    if (typeof what === 'string') {
      const { level, number } = OPTIONS[knownOption(what)];
      const named = { level, number, title: what };
      return decodeOption(what, readOption(this.libc, fd, named, optionRoom(what)));
    }
    const raw = checkRaw(what, option);
    if (what === SOL_SOCKET && option === SO_GET_FILTER) throw new TypeError(FILTER_ADVICE);
    if (length !== undefined) return readOption(this.libc, fd, raw, checkRoom(length));
    const bytes = readOption(this.libc, fd, raw, INT);
    return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  }

  /**
   * What the kernel knows about the connection: round-trip time, retransmissions, windows. See tcp(7).
   *
   * @throws SystemError EOPNOTSUPP or ENOPROTOOPT when this is no TCP socket.
   */
  tcpInfo(): TcpInfo {
    return tcpInfo(this.libc, this.descriptor('getsockopt'));
  }

  /** `[Socket 17 inet 127.0.0.1:65432 -> 127.0.0.1:50000 ESTABLISHED]` */
  toString(): string {
    const { fd, family, local, remote, state } = this.facts();
    const where = remote === undefined ? local : `${local} -> ${remote}`;
    const parts = [this.constructor.name, fd, family, where, state];
    return `[${parts.filter((part) => part !== undefined).join(' ')}]`;
  }

  /** What `console.log` prints: descriptor, family, type, addresses and state. */
  [INSPECT](
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ): string {
    return `${this.constructor.name} ${inspect(this.facts(), options)}`;
  }

  /** What there is to print; missing where the kernel has nothing to tell. */
  protected facts(): SocketFacts {
    const fd = this.fileno();
    if (fd === -1) return { fd, state: 'closed' };
    const [local, remote] = [attempt(() => this.getsockname()), attempt(() => this.getpeername())];
    return {
      fd,
      ...(local === undefined ? {} : { family: local.family, local: formatAddress(local) }),
      ...(remote === undefined ? {} : { remote: formatAddress(remote) }),
      state: attempt(() => this.tcpInfo().state) ?? 'open',
    };
  }

  /** How much waits in the kernel: Recv-Q and Send-Q, as netstat(8) and ss(8) show them. */
  queueDepths(): QueueDepths {
    return queueDepths(this.libc, this.descriptor('ioctl'));
  }
}

/** The size of C's `int`. */
const INT = 4;

/** Which option: its numbers, and how errors name it. */
interface OptionNumbers {
  readonly level: number;
  readonly number: number;
  readonly title: string;
}

/**
 * Of this one option the kernel counts the length in instructions of 8 bytes: it would write beyond the room
 * that it is given.
 */
const SO_GET_FILTER = 26;
const FILTER_ADVICE = `getsockopt level 1 option ${SO_GET_FILTER}: SO_GET_FILTER has no length in bytes and cannot be read here`;

/** Checks numbers that come from a header file, or from a caller without types. */
function checkRaw(level: unknown, option: unknown): OptionNumbers {
  const [number, which] = [Number(option), Number(level)];
  if (!Number.isInteger(which) || !Number.isInteger(number)) {
    throw new TypeError(
      `use the socket option ${String(level)} ${String(option)}: expected its name, or level and number`,
    );
  }
  return { level: which, number, title: rawTitle(which, number) };
}

function rawTitle(level: number, number: number): string {
  return `level ${level} option ${number}`;
}

/** Far more than any option has: the kernel is given the length, and memory is reserved for it. */
const MAX_ROOM = 64 * 1024;

function checkRoom(length: number): number {
  if (Number.isInteger(length) && length >= 0 && length <= MAX_ROOM) return length;
  throw new RangeError(`getsockopt of ${length} bytes: expected an integer from 0 to ${MAX_ROOM}`);
}

function toSet(values: readonly unknown[]): OptionNumbers & { readonly bytes: Uint8Array } {
  const [first, second, third] = values;
  if (typeof first === 'string') {
    // The overloads of setsockopt say what comes here; encodeOption checks it.
    const name = knownOption(first);
    const { level, number } = OPTIONS[name];
    const value = second as OptionValue<SettableOptionName>;
    return { level, number, bytes: encodeOption(name as SettableOptionName, value), title: name };
  }
  const raw = checkRaw(first, second);
  if (third instanceof Uint8Array) return { ...raw, bytes: third };
  const int = Int32Array.of(Number(third));
  if (int[0] !== third) {
    throw new RangeError(`setsockopt ${raw.title} to ${String(third)}: expected an int or bytes`);
  }
  return { ...raw, bytes: new Uint8Array(int.buffer) };
}

/** Checks a name for callers without types. */
function knownOption(name: string): OptionName {
  if (Object.hasOwn(OPTIONS, name)) return name as OptionName; // it is a key of the table
  throw new TypeError(
    `use the socket option '${name}': no such name; pass level and number for one that OPTIONS does not list`,
  );
}

function readOption(libc: Libc, fd: number, option: OptionNumbers, room: number): Uint8Array {
  const bytes = new Uint8Array(room);
  const length = Int32Array.of(room);
  mustCall(
    libc,
    'getsockopt',
    () => libc.getsockopt(fd, option.level, option.number, bytes, length),
    option.title,
  );
  return bytes.subarray(0, length[0]);
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
