/**
 * Option values that are one number in C: flags, counts, durations, and numbers that have names.
 *
 * The kernel may answer an `int` with a single byte, and a newer one may answer 8 bytes where an older
 * one had 4: numbers are decoded by the length that came. All are little-endian, the order of both
 * platforms, except where the kind says network order.
 */
import { filled, viewOf, type ValueKind } from './value-kind.ts';

const INT = 4;
const UINT64 = 8;

/** An `int` used as a flag. Any number but 0 is true: the kernel may answer the bit itself. */
export const BOOLEAN: ValueKind<boolean> = {
  c: 'int',
  typescript: 'boolean',
  type: 'boolean',
  expected: 'true or false',
  room: INT,
  least: 1,
  encode: (value) => (typeof value === 'boolean' ? encodeInt(Number(value)) : undefined),
  decode: (bytes) => decodeSigned(bytes) !== 0,
};

/** An `int`. */
export const INTEGER: ValueKind<number> = {
  c: 'int',
  typescript: 'number',
  type: 'number',
  expected: 'an integer of 32 bits',
  room: INT,
  least: 1,
  encode: (value) =>
    isIntegerWithin(value, -(2 ** 31), 2 ** 31 - 1) ? encodeInt(value) : undefined,
  decode: decodeSigned,
};

/** An `unsigned int`. */
export const UNSIGNED: ValueKind<number> = {
  c: 'unsigned int',
  typescript: 'number',
  type: 'number',
  expected: 'an integer from 0 to 4294967295',
  room: INT,
  least: 1,
  encode: (value) => (isIntegerWithin(value, 0, 2 ** 32 - 1) ? encodeInt(value) : undefined),
  decode: (bytes) => Number(decodeUnsigned(bytes)),
};

/** An `int` with the most significant byte first. */
export const NETWORK_INTEGER: ValueKind<number> = {
  c: 'int in network order',
  typescript: 'number',
  type: 'number',
  expected: 'an integer from 0 to 2147483647',
  room: INT,
  least: INT,
  encode: (value) =>
    isIntegerWithin(value, 0, 2 ** 31 - 1)
      ? filled(INT, (view) => view.setInt32(0, value, false))
      : undefined,
  decode: (bytes) => viewOf(bytes).getInt32(0, false),
};

/** A `uint64_t` that uses all of its bits, so that a number would lose some. */
export const UNSIGNED_64: ValueKind<bigint> = {
  c: 'uint64_t',
  typescript: 'bigint',
  type: 'bigint',
  expected: 'a bigint of 64 bits without sign',
  room: UINT64,
  least: 1,
  encode: (value) =>
    typeof value === 'bigint' && value === BigInt.asUintN(64, value)
      ? filled(UINT64, (view) => view.setBigUint64(0, value, true))
      : undefined,
  decode: decodeUnsigned,
};

/** An `unsigned long` that is a rate: all bits set, in the length that came, is no limit. */
export const RATE: ValueKind<number> = {
  c: 'unsigned long',
  typescript: 'number, Infinity for no limit',
  type: 'number',
  expected: 'an integer from 0 to 2^53-1, or Infinity',
  room: UINT64,
  least: INT,
  encode(value) {
    if (value !== Infinity && !isIntegerWithin(value, 0, Number.MAX_SAFE_INTEGER)) return undefined;
    const bits = value === Infinity ? 2n ** 64n - 1n : BigInt(value);
    return filled(UINT64, (view) => view.setBigUint64(0, bits, true));
  },
  decode(bytes) {
    const rate = decodeUnsigned(bytes);
    return rate === 2n ** BigInt(8 * bytes.length) - 1n ? Infinity : Number(rate);
  },
};

/** What an IP socket does about the path's MTU; ip(7), IP_MTU_DISCOVER. From `linux/in.h`, IP_PMTUDISC_. */
export const MTU_DISCOVERY = named({
  dont: 0,
  want: 1,
  do: 2,
  probe: 3,
  interface: 4,
  omit: 5,
});

/** Types of sockets; socket(2). From `linux/net.h`. */
export const SOCKET_TYPE = named({ stream: 1, dgram: 2, raw: 3, rdm: 4, seqpacket: 5 });

/** Families of sockets; address_families(7). From `linux/socket.h`: those that Node and its like open. */
export const SOCKET_FAMILY = named({
  unix: 1,
  inet: 2,
  inet6: 10,
  netlink: 16,
  packet: 17,
  vsock: 40,
});

/** An `int` whose values have names. */
function named<Name extends string>(numbers: Readonly<Record<Name, number>>): ValueKind<Name> {
  const names = Object.keys(numbers) as Name[]; // keys of the record
  const title = names.map((name) => `'${name}'`).join(' | ');
  const isName = (value: unknown): value is Name => names.some((name) => name === value);
  return {
    c: 'int',
    typescript: title,
    type: 'string',
    expected: `one of ${title}`,
    room: INT,
    least: 1,
    encode: (value) => (isName(value) ? encodeInt(numbers[value]) : undefined),
    decode(bytes) {
      const number = decodeSigned(bytes);
      return names.find((name) => numbers[name] === number);
    },
  };
}

/** Whether `value` is an integer that is not below `lowest` and not above `highest`. */
export function isIntegerWithin(value: unknown, lowest: number, highest: number): value is number {
  return Number.isInteger(value) && Number(value) >= lowest && Number(value) <= highest;
}

/** The low 32 bits of `value`. */
function encodeInt(value: number): Uint8Array {
  return filled(INT, (view) => view.setInt32(0, value, true));
}

/** A single byte has no sign: the kernel shortens an `int` only when it is within 0 to 255. */
function decodeSigned(bytes: Uint8Array): number {
  const unsigned = decodeUnsigned(bytes);
  return Number(bytes.length < INT ? unsigned : BigInt.asIntN(8 * bytes.length, unsigned));
}

function decodeUnsigned(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
