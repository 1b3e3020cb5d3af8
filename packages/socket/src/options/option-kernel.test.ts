/**
 * The options of the table on sockets of this machine: what is set is read back.
 */
import { onTestFinished, describe, expect, test } from 'vitest';
import { encodeSockaddr, SOCKADDR_STORAGE } from '../libc/layouts.ts';
import { openLibc } from '../libc/library.ts';
import { mustCall } from '../libc/syscall.ts';
import { ERRNO } from '../libc/errno.ts';
import { SystemError } from '../errors.ts';
import { HAS_IPV6 } from '../../test/loopback.ts';
import { decodeOption, encodeOption, optionRoom } from './option-codec.ts';
import type { OptionEntry } from './option-entry.ts';
import {
  OPTIONS,
  type GettableOptionName,
  type OptionName,
  type OptionValue,
  type SettableOptionName,
} from './option-table.ts';

const libc = openLibc();

type SocketTitle = 'tcp4' | 'tcp6' | 'udp4' | 'udp6' | 'unix';

/** AF_INET, AF_INET6, AF_UNIX. */
const FAMILIES = { tcp4: 2, udp4: 2, tcp6: 10, udp6: 10, unix: 1 } as const;

/** A socket that closes when its test is over. */
function open(title: SocketTitle): number {
  const type = title.startsWith('udp') ? 2 : 1; // SOCK_DGRAM, SOCK_STREAM
  const fd = mustCall(libc, 'socket', () => libc.socket(FAMILIES[title], type, 0));
  onTestFinished(() => void libc.close(fd));
  return fd;
}

function set<Name extends SettableOptionName>(
  fd: number,
  name: Name,
  value: OptionValue<Name>,
): void {
  const { level, number } = OPTIONS[name];
  const bytes = encodeOption(name, value);
  mustCall(libc, 'setsockopt', () => libc.setsockopt(fd, level, number, bytes, bytes.length), name);
}

function get<Name extends GettableOptionName>(fd: number, name: Name): OptionValue<Name> {
  const { level, number } = OPTIONS[name];
  const bytes = new Uint8Array(optionRoom(name));
  const length = Int32Array.of(bytes.length);
  mustCall(libc, 'getsockopt', () => libc.getsockopt(fd, level, number, bytes, length), name);
  return decodeOption(name, bytes.subarray(0, length[0]));
}

/** The two ends of a TCP connection, and who listened. */
function connected(
  prepare?: (listener: number) => void,
): Record<'listener' | 'near' | 'far', number> {
  const [listener, near] = [open('tcp4'), open('tcp4')];
  prepare?.(listener);
  const address = new Uint8Array(SOCKADDR_STORAGE);
  const length = Int32Array.of(SOCKADDR_STORAGE);
  const anyPort = encodeSockaddr({ family: 'inet', host: '127.0.0.1', port: 0 });
  mustCall(libc, 'bind', () => libc.bind(listener, anyPort, anyPort.length));
  mustCall(libc, 'listen', () => libc.listen(listener, 1));
  mustCall(libc, 'getsockname', () => libc.getsockname(listener, address, length));
  // These block, on this machine only for as long as the handshake takes.
  mustCall(libc, 'connect', () => libc.connect(near, address, anyPort.length));
  const far = mustCall(libc, 'accept4', () => libc.accept4(listener, address, length, 0));
  onTestFinished(() => void libc.close(far));
  return { listener, near, far };
}

interface RoundTrip {
  readonly name: SettableOptionName & GettableOptionName;
  readonly on: SocketTitle;
  readonly set: unknown;
  /** What is read back where it is not what was set. */
  readonly reads?: unknown;
}

const ROUND_TRIPS: readonly RoundTrip[] = [
  { name: 'SO_REUSEADDR', on: 'tcp4', set: true },
  { name: 'SO_REUSEADDR', on: 'tcp4', set: false },
  { name: 'SO_DONTROUTE', on: 'tcp4', set: true },
  { name: 'SO_BROADCAST', on: 'udp4', set: true },
  { name: 'SO_SNDBUF', on: 'tcp4', set: 20_000, reads: 40_000 },
  { name: 'SO_RCVBUF', on: 'tcp4', set: 30_000, reads: 60_000 },
  { name: 'SO_KEEPALIVE', on: 'tcp4', set: true },
  { name: 'SO_OOBINLINE', on: 'tcp4', set: true },
  { name: 'SO_NO_CHECK', on: 'udp4', set: true },
  { name: 'SO_PRIORITY', on: 'tcp4', set: 6 },
  { name: 'SO_LINGER', on: 'tcp4', set: 0 },
  { name: 'SO_LINGER', on: 'tcp4', set: 7 },
  { name: 'SO_LINGER', on: 'tcp4', set: null },
  { name: 'SO_REUSEPORT', on: 'tcp4', set: true },
  { name: 'SO_PASSCRED', on: 'unix', set: true },
  { name: 'SO_PASSCRED', on: 'unix', set: false },
  { name: 'SO_RCVLOWAT', on: 'tcp4', set: 100 },
  { name: 'SO_BINDTODEVICE', on: 'tcp4', set: 'lo' },
  { name: 'SO_BINDTODEVICE', on: 'tcp4', set: '' },
  { name: 'SO_MARK', on: 'tcp4', set: 0x8000_0001 },
  { name: 'SO_PEEK_OFF', on: 'udp4', set: 10 },
  { name: 'SO_BUSY_POLL', on: 'tcp4', set: 50 },
  { name: 'SO_MAX_PACING_RATE', on: 'tcp4', set: 1_000_000 },
  { name: 'SO_MAX_PACING_RATE', on: 'tcp4', set: 10_000_000_000 },
  { name: 'SO_MAX_PACING_RATE', on: 'tcp4', set: Infinity },
  { name: 'SO_INCOMING_CPU', on: 'tcp4', set: 0 },
  { name: 'SO_BINDTOIFINDEX', on: 'tcp4', set: 1 },
  { name: 'SO_PREFER_BUSY_POLL', on: 'tcp4', set: true },
  { name: 'SO_BUF_LOCK', on: 'tcp4', set: 3 },
  { name: 'SO_RESERVE_MEM', on: 'tcp4', set: 4096 },
  { name: 'SO_TXREHASH', on: 'tcp4', set: 0 },

  { name: 'IP_TOS', on: 'udp4', set: 0xb8 },
  { name: 'IP_TTL', on: 'tcp4', set: 7 },
  { name: 'IP_MTU_DISCOVER', on: 'tcp4', set: 'do' },
  { name: 'IP_MTU_DISCOVER', on: 'tcp4', set: 'omit' },
  { name: 'IP_RECVERR', on: 'udp4', set: true },
  { name: 'IP_FREEBIND', on: 'tcp4', set: true },
  { name: 'IP_TRANSPARENT', on: 'tcp4', set: true },
  { name: 'IP_MINTTL', on: 'tcp4', set: 255 },
  { name: 'IP_BIND_ADDRESS_NO_PORT', on: 'tcp4', set: true },
  { name: 'IP_MULTICAST_IF', on: 'udp4', set: '127.0.0.1' },
  { name: 'IP_MULTICAST_TTL', on: 'udp4', set: 9 },
  { name: 'IP_MULTICAST_LOOP', on: 'udp4', set: false },
  { name: 'IP_MULTICAST_ALL', on: 'udp4', set: false },
  { name: 'IP_UNICAST_IF', on: 'udp4', set: 1 },
  { name: 'IP_LOCAL_PORT_RANGE', on: 'tcp4', set: { low: 40_000, high: 50_000 } },

  { name: 'IPV6_UNICAST_HOPS', on: 'tcp6', set: 7 },
  { name: 'IPV6_MULTICAST_IF', on: 'udp6', set: 1 },
  { name: 'IPV6_MULTICAST_HOPS', on: 'udp6', set: 9 },
  { name: 'IPV6_MULTICAST_LOOP', on: 'udp6', set: false },
  { name: 'IPV6_MTU_DISCOVER', on: 'udp6', set: 'probe' },
  { name: 'IPV6_RECVERR', on: 'udp6', set: true },
  { name: 'IPV6_V6ONLY', on: 'tcp6', set: true },
  { name: 'IPV6_V6ONLY', on: 'tcp6', set: false },
  { name: 'IPV6_MULTICAST_ALL', on: 'udp6', set: false },
  { name: 'IPV6_FLOWINFO_SEND', on: 'udp6', set: true },
  { name: 'IPV6_DONTFRAG', on: 'udp6', set: true },
  { name: 'IPV6_TCLASS', on: 'udp6', set: 0xb8 },
  { name: 'IPV6_AUTOFLOWLABEL', on: 'udp6', set: false },
  { name: 'IPV6_ADDR_PREFERENCES', on: 'udp6', set: 2, reads: 0x402 },
  { name: 'IPV6_MINHOPCOUNT', on: 'tcp6', set: 255 },
  { name: 'IPV6_TRANSPARENT', on: 'tcp6', set: true },
  { name: 'IPV6_UNICAST_IF', on: 'udp6', set: 1 },
  { name: 'IPV6_FREEBIND', on: 'tcp6', set: true },

  { name: 'TCP_NODELAY', on: 'tcp4', set: true },
  { name: 'TCP_CORK', on: 'tcp4', set: true },
  { name: 'TCP_KEEPIDLE', on: 'tcp4', set: 11 },
  { name: 'TCP_KEEPINTVL', on: 'tcp4', set: 12 },
  { name: 'TCP_KEEPCNT', on: 'tcp4', set: 13 },
  { name: 'TCP_SYNCNT', on: 'tcp4', set: 4 },
  { name: 'TCP_LINGER2', on: 'tcp4', set: 15 },
  { name: 'TCP_LINGER2', on: 'tcp4', set: -1 },
  { name: 'TCP_DEFER_ACCEPT', on: 'tcp4', set: 5, reads: 7 },
  { name: 'TCP_WINDOW_CLAMP', on: 'tcp4', set: 65_536 },
  { name: 'TCP_QUICKACK', on: 'tcp4', set: false },
  { name: 'TCP_CONGESTION', on: 'tcp4', set: 'reno' },
  { name: 'TCP_THIN_LINEAR_TIMEOUTS', on: 'tcp4', set: true },
  { name: 'TCP_USER_TIMEOUT', on: 'tcp4', set: 14_000 },
  { name: 'TCP_FASTOPEN', on: 'tcp4', set: 5 },
  { name: 'TCP_NOTSENT_LOWAT', on: 'tcp4', set: 16_384 },
  { name: 'TCP_SAVE_SYN', on: 'tcp4', set: 1 },
  { name: 'TCP_FASTOPEN_CONNECT', on: 'tcp4', set: true },
  { name: 'TCP_FASTOPEN_KEY', on: 'tcp4', set: Uint8Array.from({ length: 16 }, (_, at) => at) },
  { name: 'TCP_FASTOPEN_NO_COOKIE', on: 'tcp4', set: true },
  { name: 'TCP_TX_DELAY', on: 'tcp4', set: 1000 },
  { name: 'TCP_RTO_MAX_MS', on: 'tcp4', set: 5000 },
  { name: 'TCP_RTO_MIN_US', on: 'tcp4', set: 40_000 },
  { name: 'TCP_DELACK_MAX_US', on: 'tcp4', set: 40_000 },

  { name: 'UDP_CORK', on: 'udp4', set: true },
  { name: 'UDP_NO_CHECK6_TX', on: 'udp6', set: true },
  { name: 'UDP_NO_CHECK6_RX', on: 'udp6', set: true },
  { name: 'UDP_SEGMENT', on: 'udp4', set: 1200 },
  { name: 'UDP_GRO', on: 'udp4', set: true },
];

/** Why this machine cannot try an option, when `error` says so; otherwise the error itself is thrown. */
function reasonToSkip(error: unknown, name: OptionName): string {
  const { since }: OptionEntry = OPTIONS[name];
  if (error instanceof SystemError) {
    if (error.errno === ERRNO.EPERM) return 'it needs a privilege';
    if (error.errno === ERRNO.ENOPROTOOPT && since !== undefined) {
      return `it needs Linux ${since}`;
    }
    // Where there is no memory controller.
    if (error.errno === ERRNO.EOPNOTSUPP && name === 'SO_RESERVE_MEM') return error.message;
  }
  throw error;
}

describe('set and read back', () => {
  test.for(ROUND_TRIPS)('$name to $set', ({ name, on, set: value, reads }, { skip }) => {
    if (on.endsWith('6') && !HAS_IPV6) return skip('this machine has no IPv6');
    const fd = open(on);
    try {
      set(fd, name, value as never); // encodeOption checks it again, and this table is right
    } catch (error) {
      return skip(reasonToSkip(error, name));
    }
    expect(get(fd, name)).toEqual(reads ?? value);
  });

  test('each option is one of its own: set together, read back together', () => {
    const names = ['TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT', 'TCP_SYNCNT', 'IP_TTL'] as const;
    const fd = open('tcp4');
    for (const [index, name] of names.entries()) set(fd, name, 21 + index);
    expect(names.map((name) => get(fd, name))).toEqual([21, 22, 23, 24, 25]);
  });
});

const FACTS: readonly (readonly [GettableOptionName, SocketTitle, unknown])[] = [
  ['SO_TYPE', 'tcp4', 'stream'],
  ['SO_TYPE', 'udp4', 'dgram'],
  ['SO_DOMAIN', 'tcp4', 'inet'],
  ['SO_PROTOCOL', 'tcp4', 6],
  ['SO_PROTOCOL', 'udp4', 17],
  ['SO_ERROR', 'tcp4', 0],
  ['SO_ACCEPTCONN', 'tcp4', false],
  ['SO_PEERCRED', 'tcp4', { pid: 0, uid: -1, gid: -1 }],
  ['SO_INCOMING_NAPI_ID', 'tcp4', 0],
  ['SO_COOKIE', 'tcp4', expect.any(BigInt)],
  ['SO_NETNS_COOKIE', 'tcp4', expect.any(BigInt)],
  ['SO_MEMINFO', 'udp4', expect.objectContaining({ received: 0, drops: 0 })],
  ['TCP_IS_MPTCP', 'tcp4', false],
  ['TCP_MAXSEG', 'tcp4', expect.any(Number)],
  ['TCP_ULP', 'tcp4', ''],
];

describe('read only', () => {
  test.for(FACTS)('%s of %s', ([name, on, expected], { skip }) => {
    if (on.endsWith('6') && !HAS_IPV6) return skip('this machine has no IPv6');
    const fd = open(on);
    try {
      expect(get(fd, name)).toEqual(expected);
    } catch (error) {
      return skip(reasonToSkip(error, name));
    }
  });

  test('SO_MEMINFO agrees with SO_RCVBUF and SO_SNDBUF', () => {
    const fd = open('udp4');
    set(fd, 'SO_RCVBUF', 30_000);
    expect(get(fd, 'SO_MEMINFO')).toMatchObject({
      receiveBuffer: get(fd, 'SO_RCVBUF'),
      sendBuffer: get(fd, 'SO_SNDBUF'),
    });
  });

  test('two sockets have two cookies', () => {
    expect(get(open('tcp4'), 'SO_COOKIE')).not.toBe(get(open('tcp4'), 'SO_COOKIE'));
  });

  test('the kernel refuses to set SO_ERROR', () => {
    const fd = open('tcp4');
    const { level, number } = OPTIONS.SO_ERROR;
    expect(libc.setsockopt(fd, level, number, new Uint8Array(4), 4)).toBe(-1);
    expect(libc.errno()).toBe(ERRNO.ENOPROTOOPT);
  });

  test('a listening socket accepts connections; its saved SYN can be read once', () => {
    const { listener, far } = connected((fd) => set(fd, 'TCP_SAVE_SYN', 1));
    expect(get(listener, 'SO_ACCEPTCONN')).toBe(true);
    const headers = get(far, 'TCP_SAVED_SYN');
    // Version 4 and 5 words of header; from and to 127.0.0.1; 20 bytes of TCP at least.
    expect(headers[0]).toBe(0x45);
    expect([...headers.subarray(12, 20)]).toEqual([127, 0, 0, 1, 127, 0, 0, 1]);
    expect(headers.length).toBeGreaterThanOrEqual(40);
    expect(get(far, 'TCP_SAVED_SYN')).toEqual(new Uint8Array());
  });

  test('the path of a connection has an MTU, and it has segments within it', () => {
    const { near } = connected();
    const mtu = get(near, 'IP_MTU');
    expect(mtu).toBeGreaterThanOrEqual(576);
    expect(get(near, 'TCP_MAXSEG')).toBeLessThan(mtu);
    expect(() => get(open('tcp4'), 'IP_MTU')).toThrow(
      expect.objectContaining({ code: 'ENOTCONN' }),
    );
  });

  test('TCP_MAXSEG of a listener is what its clients keep to', () => {
    const { near } = connected((listener) => set(listener, 'TCP_MAXSEG', 1000));
    expect(get(near, 'TCP_MAXSEG')).toBeLessThanOrEqual(1000);
  });

  test.skipIf(!HAS_IPV6)(
    `the MTU of an IPv6 path${HAS_IPV6 ? '' : ' (skipped: this machine has no ::1)'}`,
    () => {
      const fd = open('udp6');
      const there = encodeSockaddr({
        family: 'inet6',
        host: '::1',
        port: 9,
        flowinfo: 0,
        scopeId: 0,
      });
      mustCall(libc, 'connect', () => libc.connect(fd, there, there.length));
      expect(get(fd, 'IPV6_MTU')).toBeGreaterThanOrEqual(1280);
    },
  );
});

describe('set only', () => {
  /** The error of joining or leaving at a wrong time tells that the right time was understood. */
  const code = (attempt: () => void): string => {
    try {
      attempt();
      return 'done';
    } catch (error) {
      if (error instanceof SystemError) return error.code;
      throw error;
    }
  };

  test.each([{ interface: '127.0.0.1' }, { interface: 1 }])('a group of IPv4, %o', (where) => {
    const fd = open('udp4');
    const membership = { group: '239.1.2.3', ...where };
    const join = (): void => set(fd, 'IP_ADD_MEMBERSHIP', membership);
    const leave = (): void => set(fd, 'IP_DROP_MEMBERSHIP', membership);
    expect([join, join, leave, leave].map(code)).toEqual([
      'done',
      'EADDRINUSE',
      'done',
      'EADDRNOTAVAIL',
    ]);
  });

  test('senders to a group of IPv4', () => {
    const fd = open('udp4');
    const from = { group: '239.1.2.3', source: '10.0.0.8', interface: '127.0.0.1' };
    const join = (): void => set(fd, 'IP_ADD_SOURCE_MEMBERSHIP', from);
    const leave = (): void => set(fd, 'IP_DROP_SOURCE_MEMBERSHIP', from);
    expect([join, leave, leave].map(code)).toEqual(['done', 'done', 'EINVAL']);

    set(fd, 'IP_ADD_MEMBERSHIP', { group: from.group, interface: from.interface });
    const block = (): void => set(fd, 'IP_BLOCK_SOURCE', from);
    const unblock = (): void => set(fd, 'IP_UNBLOCK_SOURCE', from);
    expect([block, block, unblock, unblock].map(code)).toEqual([
      'done',
      'EADDRNOTAVAIL',
      'done',
      'EADDRNOTAVAIL',
    ]);
  });

  test.skipIf(!HAS_IPV6)(
    `a group of IPv6${HAS_IPV6 ? '' : ' (skipped: this machine has no ::1)'}`,
    () => {
      const fd = open('udp6');
      const membership = { group: 'ff02::102', interface: 1 };
      const join = (): void => set(fd, 'IPV6_JOIN_GROUP', membership);
      const leave = (): void => set(fd, 'IPV6_LEAVE_GROUP', membership);
      expect([join, join, leave, leave].map(code)).toEqual([
        'done',
        'EADDRINUSE',
        'done',
        'EADDRNOTAVAIL',
      ]);
    },
  );

  test.for(['SO_SNDBUF', 'SO_RCVBUF'] as const)('%sFORCE goes beyond the cap', (name, { skip }) => {
    const fd = open('tcp4');
    set(fd, name, 2 ** 30);
    const cap = get(fd, name);
    try {
      set(fd, `${name}FORCE`, cap);
    } catch (error) {
      return skip(reasonToSkip(error, `${name}FORCE`));
    }
    expect(get(fd, name)).toBe(2 * cap);
  });

  test('SO_BUSY_POLL_BUDGET', ({ skip }) => {
    const fd = open('tcp4');
    let reason: string | undefined;
    try {
      set(fd, 'SO_BUSY_POLL_BUDGET', 8);
    } catch (error) {
      reason = reasonToSkip(error, 'SO_BUSY_POLL_BUDGET');
    }
    if (reason !== undefined) skip(reason);
    expect(() => set(fd, 'SO_BUSY_POLL_BUDGET', -1)).toThrow(SystemError);
  });
});

test('every option of the table was tried', () => {
  const elsewhere: readonly OptionName[] = [
    ...([
      'IP_ADD_MEMBERSHIP',
      'IP_DROP_MEMBERSHIP',
      'IPV6_JOIN_GROUP',
      'IPV6_LEAVE_GROUP',
    ] as const),
    ...(['IP_ADD_SOURCE_MEMBERSHIP', 'IP_DROP_SOURCE_MEMBERSHIP'] as const),
    ...(['IP_BLOCK_SOURCE', 'IP_UNBLOCK_SOURCE'] as const),
    ...(['SO_SNDBUFFORCE', 'SO_RCVBUFFORCE', 'SO_BUSY_POLL_BUDGET'] as const),
    ...(['TCP_SAVED_SYN', 'IP_MTU', 'IPV6_MTU'] as const),
  ];
  const tried = [
    ...ROUND_TRIPS.map(({ name }) => name),
    ...FACTS.map(([name]) => name),
    ...elsewhere,
  ];
  expect([...new Set(tried)].sort()).toEqual(Object.keys(OPTIONS).sort());
});
