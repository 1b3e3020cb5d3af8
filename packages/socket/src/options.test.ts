import { describe, expect, test } from 'vitest';
import { closing, HAS_IPV6 } from '../test/loopback.ts';
import { decodeOption, encodeOption, OPTIONS, type OptionName } from './options.ts';
import { Socket } from './socket.ts';

describe('values as bytes', () => {
  test.each([
    ['boolean', true, [1, 0, 0, 0]],
    ['boolean', false, [0, 0, 0, 0]],
    ['integer', 0x0102_0304, [4, 3, 2, 1]],
    ['integer', -1, [255, 255, 255, 255]],
    ['linger', 0, [1, 0, 0, 0, 0, 0, 0, 0]],
    ['linger', 258, [1, 0, 0, 0, 2, 1, 0, 0]],
    ['linger', null, [0, 0, 0, 0, 0, 0, 0, 0]],
  ] as const)('%s %s', (kind, value, bytes) => {
    expect([...encodeOption(value, kind)]).toEqual(bytes);
    expect(decodeOption(Uint8Array.from(bytes), kind)).toBe(value);
  });

  test.each([Number.NaN, 1.5, 2 ** 31, -(2 ** 31) - 1, Infinity])(
    '%d is no C integer, and refused',
    (value) => {
      expect(() => encodeOption(value, 'integer')).toThrow(RangeError);
      expect(() => encodeOption(value, 'linger')).toThrow(RangeError);
    },
  );

  test('any number but 0 is true: the kernel may answer the bit itself', () => {
    expect(decodeOption(Uint8Array.of(0, 2, 0, 0), 'boolean')).toBe(true);
  });

  test('a linger that is off has no seconds', () => {
    expect(decodeOption(Uint8Array.of(0, 0, 0, 0, 9, 0, 0, 0), 'linger')).toBe(null);
  });

  test('bytes in the middle of a buffer', () => {
    expect(decodeOption(Uint8Array.of(9, 9, 9, 5, 0, 0, 0).subarray(3), 'integer')).toBe(5);
  });
});

interface OptionCase {
  readonly name: OptionName;
  readonly set: boolean | number | null;
  /** What is read back where it is not what was set. */
  readonly reads?: number;
}

const SETTABLE: readonly OptionCase[] = [
  { name: 'SO_REUSEADDR', set: true },
  { name: 'SO_REUSEADDR', set: false },
  { name: 'SO_SNDBUF', set: 20_000, reads: 40_000 },
  { name: 'SO_RCVBUF', set: 30_000, reads: 60_000 },
  { name: 'SO_KEEPALIVE', set: true },
  { name: 'SO_LINGER', set: 0 },
  { name: 'SO_LINGER', set: 7 },
  { name: 'SO_LINGER', set: null },
  { name: 'TCP_NODELAY', set: true },
  { name: 'TCP_KEEPIDLE', set: 11 },
  { name: 'TCP_KEEPINTVL', set: 12 },
  { name: 'TCP_KEEPCNT', set: 13 },
  { name: 'TCP_USER_TIMEOUT', set: 14_000 },
];

/** Sets and reads an option whose type the caller's table has checked at run time only. */
function setAndRead(socket: Socket, { name, set }: OptionCase): unknown {
  socket.setsockopt(name, set);
  return socket.getsockopt(name);
}

test.each(SETTABLE)('$name is set to $set and read back', (option) => {
  const socket = closing(new Socket());
  expect(setAndRead(socket, option)).toBe(option.reads ?? option.set);
});

test.skipIf(!HAS_IPV6)(
  `IPV6_V6ONLY is set and read back${HAS_IPV6 ? '' : ' (skipped: this machine has no IPv6)'}`,
  () => {
    const socket = closing(new Socket({ family: 'inet6' }));
    for (const set of [true, false]) {
      expect(setAndRead(socket, { name: 'IPV6_V6ONLY', set })).toBe(set);
    }
  },
);

test('each option is one of its own: set together, read back together', () => {
  const socket = closing(new Socket());
  const last = new Map(SETTABLE.map((option) => [option.name, option]));
  for (const { name, set } of last.values()) socket.setsockopt(name, set);
  for (const { name, set, reads } of last.values()) {
    expect(socket.getsockopt(name), name).toBe(reads ?? set);
  }
});

test('SO_ERROR is read, and cannot be set', () => {
  const socket = closing(new Socket());
  expect(socket.getsockopt('SO_ERROR')).toBe(0);
  expect(() => socket.setsockopt('SO_ERROR', 1)).toThrow(
    expect.objectContaining({ code: 'ENOPROTOOPT', syscall: 'setsockopt', address: 'SO_ERROR' }),
  );
});

test('every option of the table was tried', () => {
  const tried = new Set<string>([...SETTABLE.map(({ name }) => name), 'IPV6_V6ONLY', 'SO_ERROR']);
  expect([...tried].sort()).toEqual(Object.keys(OPTIONS).sort());
});
