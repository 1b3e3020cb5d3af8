/**
 * SocketControls: the knobs and dials of a descriptor, whoever owns it.
 *
 * Addresses, options, TCP_INFO and queue depths: calls that never wait and change nothing about who owns
 * what. `SocketDescriptor` has them for the sockets of this package, `AttachedSocket` for Node's.
 */
import { formatAddress, type Address } from './address.ts';
import { decodeSockaddr, SOCKADDR_STORAGE } from './libc/layouts.ts';
import type { Libc } from './libc/libc.ts';
import { mustCall } from './libc/syscall.ts';
import {
  decodeOption,
  encodeOption,
  OPTIONS,
  optionRoom,
  type GettableOptionName,
  type OptionName,
  type OptionValue,
  type SettableOptionName,
} from './options/index.ts';
import { queueDepths, type QueueDepths } from './queue-depths.ts';
import { tcpInfo, type TcpInfo } from './tcp-info.ts';

// Scratch of this thread for calls that give an address back: filled and read within one call.
const sockaddr = new Uint8Array(SOCKADDR_STORAGE);
const sockaddrLength = new Int32Array(1);

/** What can be asked and set on any socket. */
export abstract class SocketControls {
  /** The C library that is called. */
  protected readonly libc: Libc;

  protected constructor(libc: Libc) {
    this.libc = libc;
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
    return decodeSockaddr(sockaddr);
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
    return decodeSockaddr(sockaddr);
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
    const raw = { level: what, number: Number(option), title: rawTitle(what, Number(option)) };
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
  const [level, number] = [Number(first), Number(second)];
  const title = rawTitle(level, number);
  if (third instanceof Uint8Array) return { level, number, bytes: third, title };
  const int = Int32Array.of(Number(third));
  if (int[0] !== third) {
    throw new RangeError(`setsockopt ${title} to ${String(third)}: expected an int or bytes`);
  }
  return { level, number, bytes: new Uint8Array(int.buffer), title };
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

/** The two addresses of a socket as people write them; missing where the kernel has none to give. */
export function addressesOf(socket: SocketControls): { local?: string; remote?: string } {
  const local = attempt(() => formatAddress(socket.getsockname()));
  const remote = attempt(() => formatAddress(socket.getpeername()));
  return { ...(local === undefined ? {} : { local }), ...(remote === undefined ? {} : { remote }) };
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
