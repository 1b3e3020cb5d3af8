/**
 * TCP_INFO: what the kernel knows about a TCP connection, decoded.
 *
 * The kernel's `struct tcp_info` has grown at its end for twenty years and still does: how much of it came
 * is told by the length. What every Linux since 4.18 has (the oldest that Node 20 runs on) is always
 * there, what is newer is `undefined` where the kernel is older, and what is newer than this file is
 * ignored. Offsets, types and names are in `fields.ts`, what they mean in `facts.ts`;
 * what is measured how, from `tcp_get_info` in `net/ipv4/tcp.c`.
 *
 * Durations, whose names end in `Ms`, are milliseconds, with fractions where the kernel counts microseconds.
 * No limit is Infinity.
 *
 * Left out: `tcpi_fackets`, always 0 since Linux 4.15; `tcpi_last_ack_sent`, which no kernel ever filled in; and
 * the last word of Linux 6.18, whose bits Linux 7.0 has moved.
 */
import { IPPROTO_TCP } from '../libc/constants.ts';
import type { Libc } from '../libc/libc.ts';
import { mustCall } from '../libc/syscall.ts';
import { CA_STATES, FASTOPEN_FAILURES, OPTION_BITS, STATES, type TcpInfo } from './facts.ts';
import { TCP_INFO_FIELDS, TCP_INFO_LEAST, TCP_INFO_ROOM, type TcpInfoField } from './fields.ts';

/** The number of the option; from `linux/tcp.h`. */
const TCP_INFO = 11;

/** The size of a `u8`, `u16`, `u32` and `u64`. */
const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;

// The entries are read as what they have in common.
const FIELDS = Object.entries<TcpInfoField>(TCP_INFO_FIELDS);

/**
 * What is in the bytes that `getsockopt` gave for TCP_INFO, exactly as many as it said.
 *
 * @throws RangeError when there are fewer than every kernel gives, 200.
 */
export function decodeTcpInfo(bytes: Uint8Array): TcpInfo {
  if (bytes.length < TCP_INFO_LEAST) {
    throw new RangeError(
      `decode TCP_INFO: ${bytes.length} bytes; every kernel since Linux 4.18 gives at least ${TCP_INFO_LEAST}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const info: Record<string, TcpInfo[keyof TcpInfo]> = {};
  for (const [name, field] of FIELDS) info[name] = readField(view, field);
  // The table has every key of TcpInfo; what its entries mean is held against the types by the test.
  return info as unknown as TcpInfo;
}

/**
 * Reads TCP_INFO of a descriptor. See tcp(7).
 *
 * @throws SystemError EOPNOTSUPP or ENOPROTOOPT when it is no TCP socket.
 */
export function tcpInfo(libc: Libc, fd: number): TcpInfo {
  const bytes = new Uint8Array(TCP_INFO_ROOM);
  const length = Int32Array.of(TCP_INFO_ROOM);
  mustCall(
    libc,
    'getsockopt',
    () => libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes, length),
    'TCP_INFO',
  );
  return decodeTcpInfo(bytes.subarray(0, length[0]));
}

function readField(view: DataView, field: TcpInfoField): TcpInfo[keyof TcpInfo] {
  const { offset, type, special, divisor = 1 } = field;
  if (offset + SIZES[type] > view.byteLength) return undefined;
  const number = readNumber(view, field);
  switch (field.means) {
    case 'state':
      return STATES[number] ?? 'UNKNOWN';
    case 'ca-state':
      return CA_STATES[number] ?? 'UNKNOWN';
    case 'options':
      return OPTION_BITS.filter((_name, bit) => ((number >> bit) & 1) === 1);
    case 'fastopen-failure':
      return FASTOPEN_FAILURES[number];
    case 'boolean':
      return number !== 0;
    default:
      return number === special?.number ? special.means : number / divisor;
  }
}

function readNumber(view: DataView, { offset, type, bits }: TcpInfoField): number {
  const whole = readWhole(view, offset, type);
  if (bits === undefined) return whole;
  const [start, count] = bits;
  return (whole >> start) & (2 ** count - 1);
}

function readWhole(view: DataView, offset: number, type: TcpInfoField['type']): number {
  switch (type) {
    case 'u8':
      return view.getUint8(offset);
    case 'u16':
      return view.getUint16(offset, true);
    case 'u32':
      return view.getUint32(offset, true);
    case 'u64':
      // As a Number: the bytes of a connection, were it fast and open for years, stay below 2^53.
      return Number(view.getBigUint64(offset, true));
  }
}
