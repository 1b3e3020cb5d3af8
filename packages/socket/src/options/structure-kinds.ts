/**
 * Option values that are a structure, an address or a text in C.
 *
 * ```
 * linger          |on i32|seconds i32|                                              8 bytes
 * ucred           |pid i32|uid u32|gid u32|                                        12 bytes
 * meminfo         |9 times u32, in the order of SK_MEMINFO_|                       36 bytes
 * port range      |low u16|high u16|                                                4 bytes
 * ip_mreqn        |group 4 bytes|own address 4 bytes|interface index i32|          12 bytes
 * ip_mreq_source  |group 4 bytes|own address 4 bytes|source 4 bytes|               12 bytes
 * ipv6_mreq       |group 16 bytes|interface index i32|                             20 bytes
 * ```
 */
import { formatIpv4, formatIpv6, isIpv4, isIpv6, parseIpv4, parseIpv6 } from '../address/ip.ts';
import { isIntegerWithin } from './number-kinds.ts';
import { filled, viewOf, type ValueKind } from './value-kind.ts';

/** Who was at the other end when a connection was made. */
export interface PeerCredentials {
  /** The process; 0 where the kernel knows none, as for TCP. */
  readonly pid: number;
  /** Its effective user; -1 where the kernel knows none. */
  readonly uid: number;
  /** Its effective group; -1 where the kernel knows none. */
  readonly gid: number;
}

/** The memory of a socket in bytes, and the packets that it had no room for. From `linux/sock_diag.h`. */
export interface SocketMemory {
  /** Held by what was received and not yet read. */
  readonly received: number;
  /** The limit of `received`. */
  readonly receiveBuffer: number;
  /** Held by what was sent and is not yet gone. */
  readonly sent: number;
  /** The limit of `sent`. */
  readonly sendBuffer: number;
  /** Set aside for what comes next. */
  readonly reserved: number;
  /** Held by what TCP keeps to send, or to send again. */
  readonly queued: number;
  /** Held by options and filters. */
  readonly options: number;
  /** Received while the socket was busy, and not yet looked at. */
  readonly backlog: number;
  /** Packets thrown away, most often for want of room. */
  readonly drops: number;
}

/** A range of local ports, both ends included. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

/** A multicast group of IPv4, and where to be in it. */
export interface Ipv4Membership {
  /** The group's address, in 224.0.0.0/4. */
  readonly group: string;
  /** The interface by one of its own addresses or by its index; the routing table's choice unless told. */
  readonly interface?: string | number;
}

/** A multicast group of IPv4, and one sender to it. */
export interface Ipv4SourceMembership {
  /** The group's address, in 224.0.0.0/4. */
  readonly group: string;
  /** The sender's address. */
  readonly source: string;
  /** The interface by one of its own addresses; the routing table's choice unless told. */
  readonly interface?: string;
}

/** A multicast group of IPv6, and where to be in it. */
export interface Ipv6Membership {
  /** The group's address, in ff00::/8. */
  readonly group: string;
  /** The interface by its index; the routing table's choice unless told. */
  readonly interface?: number;
}

/** A `struct linger`: seconds that close may wait, `null` when lingering is off. */
export const LINGER: ValueKind<number | null> = {
  c: 'struct linger',
  typescript: 'number | null',
  type: 'number',
  expected: 'an integer from 0 to 2147483647, or null for the default',
  room: 8,
  least: 8,
  encode(value) {
    if (value !== null && !isIntegerWithin(value, 0, 2 ** 31 - 1)) return undefined;
    return filled(8, (view) => {
      view.setInt32(0, value === null ? 0 : 1, true);
      view.setInt32(4, value ?? 0, true);
    });
  },
  decode(bytes) {
    const view = viewOf(bytes);
    return view.getInt32(0, true) === 0 ? null : view.getInt32(4, true);
  },
};

/** The kernel's names of devices and algorithms have 16 bytes with the zero at their end: IFNAMSIZ, TCP_CA_NAME_MAX. */
const NAME_MAX = 16;

/** A short text; what comes after a zero byte does not count. */
export const TEXT: ValueKind<string> = {
  c: 'char[16]',
  typescript: 'string',
  type: 'string',
  expected: 'a text of at most 15 bytes, without a zero byte',
  room: NAME_MAX,
  least: 0,
  encode(value) {
    if (typeof value !== 'string' || value.includes('\0')) return undefined;
    const bytes = new TextEncoder().encode(`${value}\0`);
    return bytes.length <= NAME_MAX ? bytes : undefined;
  },
  decode(bytes) {
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
  },
};

/** Bytes as they are. */
export const BYTES: ValueKind<Uint8Array> = {
  c: 'char[]',
  typescript: 'Uint8Array',
  type: 'object',
  expected: 'a Uint8Array',
  // The longest: the headers of a SYN, 60 bytes of IPv4 or 40 and its extensions of IPv6, 60 of TCP, and the link's.
  room: 512,
  least: 0,
  encode: (value) => (value instanceof Uint8Array ? value : undefined),
  decode: (bytes) => bytes.slice(),
};

/** A `struct ucred`. */
export const CREDENTIALS: ValueKind<PeerCredentials> = {
  c: 'struct ucred',
  typescript: '{ pid, uid, gid }',
  type: 'object',
  expected: 'nothing: it is the kernel that knows',
  room: 12,
  least: 12,
  encode: () => undefined,
  decode(bytes) {
    const view = viewOf(bytes);
    // No identity is (uid_t)-1, as in setreuid(2).
    const id = (at: number): number =>
      view.getInt32(at, true) === -1 ? -1 : view.getUint32(at, true);
    return { pid: view.getInt32(0, true), uid: id(4), gid: id(8) };
  },
};

/** The numbers of SO_MEMINFO. */
export const MEMORY: ValueKind<SocketMemory> = {
  c: 'uint32_t[9]',
  typescript:
    '{ received, receiveBuffer, sent, sendBuffer, reserved, queued, options, backlog, drops }',
  type: 'object',
  expected: 'nothing: it is the kernel that knows',
  room: 36,
  least: 36,
  encode: () => undefined,
  decode(bytes) {
    const view = viewOf(bytes);
    const at = (index: number): number => view.getUint32(4 * index, true);
    return {
      received: at(0),
      receiveBuffer: at(1),
      sent: at(2),
      sendBuffer: at(3),
      reserved: at(4),
      queued: at(5),
      options: at(6),
      backlog: at(7),
      drops: at(8),
    };
  },
};

/** Two ports in one `uint32_t`, the high one in its upper half. */
export const PORT_RANGE: ValueKind<PortRange> = {
  c: 'uint32_t',
  typescript: '{ low, high }',
  type: 'object',
  expected: '{ low, high }, two ports from 0 to 65535',
  room: 4,
  least: 4,
  encode(value) {
    const { low, high } = fieldsOf(value);
    if (!isIntegerWithin(low, 0, 65_535) || !isIntegerWithin(high, 0, 65_535)) return undefined;
    return filled(4, (view) => {
      view.setUint16(0, low, true);
      view.setUint16(2, high, true);
    });
  },
  decode(bytes) {
    const view = viewOf(bytes);
    return { low: view.getUint16(0, true), high: view.getUint16(2, true) };
  },
};

/** A `struct in_addr`. */
export const IPV4: ValueKind<string> = {
  c: 'struct in_addr',
  typescript: 'string',
  type: 'string',
  expected: "an IPv4 address, '0.0.0.0' for none",
  room: 4,
  least: 4,
  encode: (value) => (isIpv4Text(value) ? parseIpv4(value) : undefined),
  decode: (bytes) => formatIpv4(bytes),
};

/** A `struct ip_mreqn`. */
export const IPV4_MEMBERSHIP: ValueKind<Ipv4Membership> = {
  c: 'struct ip_mreqn',
  typescript: '{ group, interface? }',
  type: 'object',
  expected: "{ group, interface? }: an IPv4 address, and an interface's own address or its index",
  room: 12,
  least: 12,
  encode(value) {
    const { group, interface: where = 0 } = fieldsOf(value);
    if (!isIpv4Text(group)) return undefined;
    if (!isIpv4Text(where) && !isInterfaceIndex(where)) return undefined;
    return filled(12, (view, bytes) => {
      bytes.set(parseIpv4(group), 0);
      if (typeof where === 'string') bytes.set(parseIpv4(where), 4);
      else view.setInt32(8, where, true);
    });
  },
  decode(bytes) {
    const address = formatIpv4(bytes.subarray(4, 8));
    const where = address === '0.0.0.0' ? viewOf(bytes).getInt32(8, true) : address;
    return { group: formatIpv4(bytes), ...(where === 0 ? {} : { interface: where }) };
  },
};

/** A `struct ip_mreq_source`. */
export const IPV4_SOURCE: ValueKind<Ipv4SourceMembership> = {
  c: 'struct ip_mreq_source',
  typescript: '{ group, source, interface? }',
  type: 'object',
  expected: "{ group, source, interface? }: IPv4 addresses, the last one an interface's own",
  room: 12,
  least: 12,
  encode(value) {
    const { group, source, interface: where = '0.0.0.0' } = fieldsOf(value);
    if (!isIpv4Text(group) || !isIpv4Text(source) || !isIpv4Text(where)) return undefined;
    return Uint8Array.from([...parseIpv4(group), ...parseIpv4(where), ...parseIpv4(source)]);
  },
  decode(bytes) {
    const where = formatIpv4(bytes.subarray(4, 8));
    return {
      group: formatIpv4(bytes),
      source: formatIpv4(bytes.subarray(8, 12)),
      ...(where === '0.0.0.0' ? {} : { interface: where }),
    };
  },
};

/** A `struct ipv6_mreq`. */
export const IPV6_MEMBERSHIP: ValueKind<Ipv6Membership> = {
  c: 'struct ipv6_mreq',
  typescript: '{ group, interface? }',
  type: 'object',
  expected: "{ group, interface? }: an IPv6 address, and an interface's index",
  room: 20,
  least: 20,
  encode(value) {
    const { group, interface: where = 0 } = fieldsOf(value);
    if (typeof group !== 'string' || !isIpv6(group) || !isInterfaceIndex(where)) return undefined;
    return filled(20, (view, bytes) => {
      bytes.set(parseIpv6(group), 0);
      view.setInt32(16, where, true);
    });
  },
  decode(bytes) {
    const where = viewOf(bytes).getInt32(16, true);
    return { group: formatIpv6(bytes), ...(where === 0 ? {} : { interface: where }) };
  },
};

function isIpv4Text(value: unknown): value is string {
  return typeof value === 'string' && isIpv4(value);
}

/** 0 leaves the choice to the routing table. */
function isInterfaceIndex(value: unknown): value is number {
  return isIntegerWithin(value, 0, 2 ** 31 - 1);
}

/** The properties of a value of which nothing is known; none where it is no object. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Reading any property of an object that is not null gives unknown.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
