import { endianness } from 'node:os';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address } from '../address/address.ts';
import { formatIpv4, formatIpv6 } from '../address/ip.ts';
import { decodeSockaddr, encodeSockaddr, EPOLL_EVENT } from './layouts.ts';

/** The structures as the headers of C lay them out, byte by byte. */
const CASES: readonly { name: string; address: Address; bytes: readonly number[] }[] = [
  {
    name: 'sockaddr_in',
    address: { family: 'inet', host: '192.0.2.33', port: 0x1234 },
    bytes: [2, 0, 0x12, 0x34, 192, 0, 2, 33, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  {
    name: 'sockaddr_in6',
    address: {
      family: 'inet6',
      host: '2001:db8::8:800:200c:417a',
      port: 0xfffe,
      flowinfo: 0x00_0a_bc_de,
      scopeId: 0x01_02_03_04,
    },
    // prettier-ignore
    bytes: [
      10, 0, 0xff, 0xfe,
      0x00, 0x0a, 0xbc, 0xde, // flowinfo: network order
      0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 8, 8, 0, 0x20, 0x0c, 0x41, 0x7a,
      0x04, 0x03, 0x02, 0x01, // scope: the machine's order
    ],
  },
  {
    name: 'sockaddr_un, a path',
    address: { family: 'unix', path: '/x' },
    bytes: [1, 0, 47, 120, 0],
  },
  {
    name: 'sockaddr_un, an abstract name',
    address: { family: 'unix', path: '\0x\0' },
    bytes: [1, 0, 0, 120, 0],
  },
  { name: 'sockaddr_un, no name', address: { family: 'unix', path: '' }, bytes: [1, 0] },
];

describe.each(CASES)('$name', ({ address, bytes }) => {
  test('is encoded', () => {
    expect([...encodeSockaddr(address)]).toEqual(bytes);
  });

  test('is decoded, also out of the middle of a buffer', () => {
    const around = Uint8Array.from([9, 9, 9, ...bytes, 9, 9]);
    expect(decodeSockaddr(around.subarray(3), bytes.length)).toEqual(address);
  });
});

test('an empty host is the wildcard', () => {
  const inet6 = { family: 'inet6', host: '', port: 1, flowinfo: 0, scopeId: 0 } as const;
  expect(decodeSockaddr(encodeSockaddr({ family: 'inet', host: '', port: 1 }))).toHaveProperty(
    'host',
    '0.0.0.0',
  );
  expect(decodeSockaddr(encodeSockaddr(inet6))).toEqual({ ...inet6, host: '::' });
});

test('encode, then decode, is identity', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength: length, maxLength: length });
  const address: fc.Arbitrary<Address> = fc.oneof(
    fc.record({ family: fc.constant('inet' as const), host: bytes(4).map(formatIpv4), port }),
    fc.record({
      family: fc.constant('inet6' as const),
      host: bytes(16).map(formatIpv6),
      port,
      flowinfo: word,
      scopeId: word,
    }),
    fc.record({
      family: fc.constant('unix' as const),
      path: fc.constantFrom('', '\0name', '/run/a b', 'ä', '\0\0\0'),
    }),
  );
  fc.assert(
    fc.property(address, (each) => {
      expect(decodeSockaddr(encodeSockaddr(each))).toEqual(each);
    }),
  );
});

test.each([-1, 65_536, 1.5])('port %d is refused, not wrapped', (port) => {
  expect(() => encodeSockaddr({ family: 'inet', host: '', port })).toThrow(RangeError);
});

test('an address of the other family is refused', () => {
  expect(() => encodeSockaddr({ family: 'inet', host: '::1', port: 1 })).toThrow(TypeError);
});

test('an unknown family is refused', () => {
  expect(() => decodeSockaddr(Uint8Array.from([3, 0, 0, 0]))).toThrow(
    new RangeError('decode a socket address: unknown family 3'),
  );
  expect(() => decodeSockaddr(Uint8Array.of(2, 0), 1)).toThrow(/unknown family 0/); // not filled
});

test('a name of 108 bytes comes with a zero that is beyond the structure', () => {
  const path = 'x'.repeat(108);
  const bytes = Uint8Array.from([1, 0, ...new TextEncoder().encode(path), 0, 9, 9]);
  expect(decodeSockaddr(bytes, 111)).toEqual({ family: 'unix', path });
});

test('epoll_event has the size that its platform gives it', () => {
  expect(endianness(), 'the layouts are written for little-endian machines').toBe('LE');
  expect(EPOLL_EVENT.words * 4).toBe(process.arch === 'x64' ? 12 : 16);
  expect(EPOLL_EVENT.generation).toBe(EPOLL_EVENT.descriptor + 1);
});
