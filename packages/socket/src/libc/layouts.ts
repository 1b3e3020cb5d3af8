/**
 * The C structures that cross the border, written and read byte by byte.
 *
 * ```
 * sockaddr_in    |family u16|port u16 BE|address 4 bytes|zero 8|                          16 bytes
 * sockaddr_in6   |family u16|port u16 BE|flowinfo u32 BE|address 16 bytes|scope u32|      28 bytes
 * sockaddr_un    |family u16|path up to 108 bytes|                          as long as its path says
 * epoll_event    |events u32|descriptor u32|generation u32|         x64: packed,          12 bytes
 *                |events u32|padding u32|descriptor u32|generation u32|  arm64: aligned,  16 bytes
 * linger         |on i32|seconds i32|                                                      8 bytes
 * rlimit         |soft u64|hard u64|                                                      16 bytes
 * ```
 *
 * Numbers are in the machine's own order (little on both platforms) except where BE stands. The data of
 * an `epoll_event` is ours: the descriptor and the generation that tells its owners apart.
 */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../address/ip.ts';
import {
  checkFlowinfo,
  checkPort,
  checkScopeId,
  type Address,
  type Ipv4Address,
  type Ipv6Address,
} from '../address/address.ts';
import { decodeUnixPath, encodeUnixPath } from '../address/unix-path.ts';
import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC } from './constants.ts';

/** Room for any address: the size of `sockaddr_storage`. */
export const SOCKADDR_STORAGE = 128;

const SOCKADDR_IN = 16;
const SOCKADDR_IN6 = 28;

/** Where the path of a `sockaddr_un` begins. */
const SUN_PATH_AT = 2;

/**
 * `address` as a `sockaddr_in`, `sockaddr_in6` or `sockaddr_un`. An empty host is the wildcard: all interfaces.
 *
 * @throws RangeError when the port is not in 0..65535, or the path is too long.
 * @throws TypeError when the host is not an address of the family, or the path has a zero in it.
 */
export function encodeSockaddr(address: Address): Uint8Array {
  switch (address.family) {
    case 'inet':
      return encodeIpv4(address);
    case 'inet6':
      return encodeIpv6(address);
    case 'unix': {
      const path = encodeUnixPath(address.path);
      const bytes = new Uint8Array(SUN_PATH_AT + path.length);
      new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
      bytes.set(path, SUN_PATH_AT);
      return bytes;
    }
  }
}

function encodeIpv4(address: Ipv4Address): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_IN);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, checkPort(address.port), false);
  bytes.set(parseIpv4(address.host === '' ? '0.0.0.0' : address.host), 4);
  return bytes;
}

function encodeIpv6(address: Ipv6Address): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_IN6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, checkPort(address.port), false);
  view.setUint32(4, checkFlowinfo(address.flowinfo), false);
  bytes.set(parseIpv6(address.host === '' ? '::' : address.host), 8);
  view.setUint32(24, checkScopeId(address.scopeId), true);
  return bytes;
}

/**
 * The address in `bytes`, of which the kernel says that it filled `length`.
 *
 * @throws RangeError for a family that this library does not open.
 */
export function decodeSockaddr(bytes: Uint8Array, length: number = bytes.length): Address {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = length < SUN_PATH_AT ? AF_UNSPEC : view.getUint16(0, true);
  switch (family) {
    case AF_INET:
      return {
        family: 'inet',
        host: ipv4Host(view.getUint32(4, false), bytes),
        port: view.getUint16(2, false),
      };
    case AF_INET6:
      return {
        family: 'inet6',
        host: formatIpv6(bytes.subarray(8, 24)),
        port: view.getUint16(2, false),
        flowinfo: view.getUint32(4, false),
        scopeId: view.getUint32(24, true),
      };
    case AF_UNIX:
      return { family: 'unix', path: decodeUnixPath(bytes.subarray(SUN_PATH_AT, length)) };
    default:
      throw new RangeError(`decode a socket address: unknown family ${family}`);
  }
}

let lastHost = '0.0.0.0';
let lastHostBits = 0;

/** The host in a `sockaddr_in`. Peers tend to come from one place: the same host is the same string. */
function ipv4Host(bits: number, bytes: Uint8Array): string {
  if (bits !== lastHostBits) {
    lastHostBits = bits;
    lastHost = formatIpv4(bytes.subarray(4, 8));
  }
  return lastHost;
}

/** Where the parts of an `epoll_event` stand, in 32-bit words. */
export interface EpollEventLayout {
  readonly words: number;
  readonly descriptor: number;
  readonly generation: number;
}

/** The layout of `epoll_event` on this machine; `events` is always word 0. */
export const EPOLL_EVENT: EpollEventLayout =
  process.arch === 'x64'
    ? { words: 3, descriptor: 1, generation: 2 }
    : { words: 4, descriptor: 2, generation: 3 };

/** The size of a `rlimit`. */
export const RLIMIT = 16;

/** What no limit looks like. */
const RLIM_INFINITY = 2n ** 64n - 1n;

/** The soft limit in a `rlimit`; Infinity where there is none. */
export function decodeRlimit(bytes: Uint8Array): number {
  const soft = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return soft === RLIM_INFINITY ? Infinity : Number(soft);
}
