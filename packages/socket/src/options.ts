/**
 * Socket options by their own names, each with its level, number and kind of value.
 *
 * A table, so that an option is added by one line and its TypeScript type follows. Numbers from the
 * kernel's `asm-generic/socket.h`, `linux/tcp.h` and `linux/in6.h`; meanings in socket(7), tcp(7), ipv6(7).
 */
import { IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET } from './libc/constants.ts';

/** How an option's value looks in C: `int` used as a flag, `int`, or `struct linger`. */
export type OptionKind = 'boolean' | 'integer' | 'linger';

interface OptionEntry {
  readonly level: number;
  readonly number: number;
  readonly kind: OptionKind;
}

/** The options known by name. */
export const OPTIONS = {
  /** Bind although old connections of the port are in TIME_WAIT. */
  SO_REUSEADDR: { level: SOL_SOCKET, number: 2, kind: 'boolean' },
  /** Read-only: the socket's pending error number, cleared by reading; 0 for none. */
  SO_ERROR: { level: SOL_SOCKET, number: 4, kind: 'integer' },
  /** Bytes; the kernel doubles what is set and reads back the doubled number. */
  SO_SNDBUF: { level: SOL_SOCKET, number: 7, kind: 'integer' },
  /** Bytes; the kernel doubles what is set and reads back the doubled number. */
  SO_RCVBUF: { level: SOL_SOCKET, number: 8, kind: 'integer' },
  /** Probe a silent peer; see the TCP_KEEP options for when. */
  SO_KEEPALIVE: { level: SOL_SOCKET, number: 9, kind: 'boolean' },
  /** What close does with unsent bytes: seconds to wait, 0 to reset at once; `null` for the default. */
  SO_LINGER: { level: SOL_SOCKET, number: 13, kind: 'linger' },
  /** Send small segments at once instead of gathering them (Nagle's algorithm off). */
  TCP_NODELAY: { level: IPPROTO_TCP, number: 1, kind: 'boolean' },
  /** Seconds of silence before the first keep-alive probe. */
  TCP_KEEPIDLE: { level: IPPROTO_TCP, number: 4, kind: 'integer' },
  /** Seconds between keep-alive probes. */
  TCP_KEEPINTVL: { level: IPPROTO_TCP, number: 5, kind: 'integer' },
  /** Unanswered keep-alive probes until the connection is given up. */
  TCP_KEEPCNT: { level: IPPROTO_TCP, number: 6, kind: 'integer' },
  /** Milliseconds that sent bytes may stay unacknowledged; 0 for the system's default. */
  TCP_USER_TIMEOUT: { level: IPPROTO_TCP, number: 18, kind: 'integer' },
  /** Keep an IPv6 socket from taking IPv4 connections too. */
  IPV6_V6ONLY: { level: IPPROTO_IPV6, number: 26, kind: 'boolean' },
} as const satisfies Record<string, OptionEntry>;

/** The name of an option of {@link OPTIONS}. */
export type OptionName = keyof typeof OPTIONS;

interface ValueOfKind {
  readonly boolean: boolean;
  readonly integer: number;
  readonly linger: number | null;
}

/** The TypeScript type of an option's value. */
export type OptionValue<Name extends OptionName> = ValueOfKind[(typeof OPTIONS)[Name]['kind']];

/**
 * The bytes that `setsockopt` takes for `value`.
 *
 * @throws RangeError when it is no integer that C's `int` holds.
 */
export function encodeOption(value: boolean | number | null, kind: OptionKind): Uint8Array {
  const words = kind === 'linger' ? [value === null ? 0 : 1, Number(value ?? 0)] : [Number(value)];
  const bytes = Int32Array.from(words);
  if (words.some((word, index) => bytes[index] !== word)) {
    throw new RangeError(`set a socket option to ${value}: expected an integer of 32 bits`);
  }
  return new Uint8Array(bytes.buffer);
}

/** The value in the bytes that `getsockopt` gave. */
export function decodeOption(bytes: Uint8Array, kind: OptionKind): boolean | number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getInt32(0, true);
  switch (kind) {
    case 'boolean':
      return first !== 0;
    case 'integer':
      return first;
    case 'linger':
      return first === 0 ? null : view.getInt32(4, true);
  }
}
