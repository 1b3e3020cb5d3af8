import { describe, expect, test } from 'vitest';
import { decodeOption, encodeOption, optionRoom } from './option-codec.ts';
import { OPTIONS, type OptionName, type SettableOptionName } from './option-table.ts';
import { VALUE_KINDS } from './value-kinds.ts';

/** Encodes what the types may forbid: the tables of this file are checked when they run. */
function encode(name: OptionName, value: unknown): Uint8Array {
  return encodeOption(name as SettableOptionName, value as never); // see above
}

interface Layout {
  readonly name: OptionName;
  readonly value: unknown;
  readonly bytes: readonly number[];
}

/** Each kind both ways. Layouts are written down from the header files, not from the code. */
const LAYOUTS: readonly Layout[] = [
  { name: 'TCP_NODELAY', value: true, bytes: [1, 0, 0, 0] },
  { name: 'TCP_NODELAY', value: false, bytes: [0, 0, 0, 0] },
  { name: 'TCP_KEEPIDLE', value: 0x0102_0304, bytes: [4, 3, 2, 1] },
  { name: 'TCP_LINGER2', value: -1, bytes: [255, 255, 255, 255] },
  { name: 'IPV6_TCLASS', value: -(2 ** 31), bytes: [0, 0, 0, 0x80] },
  { name: 'SO_MARK', value: 0xffff_fffe, bytes: [254, 255, 255, 255] },
  { name: 'IP_UNICAST_IF', value: 0x0102_0304, bytes: [1, 2, 3, 4] },
  { name: 'SO_MAX_PACING_RATE', value: 258, bytes: [2, 1, 0, 0, 0, 0, 0, 0] },
  { name: 'SO_MAX_PACING_RATE', value: Infinity, bytes: Array<number>(8).fill(255) },
  { name: 'IP_MTU_DISCOVER', value: 'do', bytes: [2, 0, 0, 0] },
  { name: 'SO_LINGER', value: 0, bytes: [1, 0, 0, 0, 0, 0, 0, 0] },
  { name: 'SO_LINGER', value: 258, bytes: [1, 0, 0, 0, 2, 1, 0, 0] },
  { name: 'SO_LINGER', value: null, bytes: [0, 0, 0, 0, 0, 0, 0, 0] },
  { name: 'TCP_CONGESTION', value: 'bbr', bytes: [0x62, 0x62, 0x72, 0] },
  { name: 'SO_BINDTODEVICE', value: '', bytes: [0] },
  { name: 'TCP_FASTOPEN_KEY', value: Uint8Array.of(1, 2, 3), bytes: [1, 2, 3] },
  { name: 'IP_LOCAL_PORT_RANGE', value: { low: 0x0102, high: 0xfffe }, bytes: [2, 1, 254, 255] },
  { name: 'IP_MULTICAST_IF', value: '127.0.0.1', bytes: [127, 0, 0, 1] },
  {
    name: 'IP_ADD_MEMBERSHIP',
    value: { group: '239.1.2.3' },
    bytes: [239, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  {
    name: 'IP_ADD_MEMBERSHIP',
    value: { group: '239.1.2.3', interface: '10.0.0.7' },
    bytes: [239, 1, 2, 3, 10, 0, 0, 7, 0, 0, 0, 0],
  },
  {
    name: 'IP_DROP_MEMBERSHIP',
    value: { group: '239.1.2.3', interface: 258 },
    bytes: [239, 1, 2, 3, 0, 0, 0, 0, 2, 1, 0, 0],
  },
  {
    name: 'IP_BLOCK_SOURCE',
    value: { group: '239.1.2.3', source: '10.0.0.8', interface: '10.0.0.7' },
    bytes: [239, 1, 2, 3, 10, 0, 0, 7, 10, 0, 0, 8],
  },
  {
    name: 'IP_BLOCK_SOURCE',
    value: { group: '239.1.2.3', source: '10.0.0.8' },
    bytes: [239, 1, 2, 3, 0, 0, 0, 0, 10, 0, 0, 8],
  },
  {
    name: 'IPV6_JOIN_GROUP',
    value: { group: 'ff02::102', interface: 3 },
    bytes: [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0],
  },
  {
    name: 'IPV6_LEAVE_GROUP',
    value: { group: 'ff02::102' },
    bytes: [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0],
  },
];

test.each(LAYOUTS)('$name $value is $bytes, both ways', ({ name, value, bytes }) => {
  expect([...encode(name, value)]).toEqual(bytes);
  expect(decodeOption(name, Uint8Array.from(bytes))).toEqual(value);
});

interface Answer {
  readonly name: OptionName;
  readonly bytes: readonly number[];
  readonly value: unknown;
}

/** What only comes back, or comes back otherwise than it was set. */
const ANSWERS: readonly Answer[] = [
  { name: 'IP_RECVERR', bytes: [0, 2, 0, 0], value: true },
  { name: 'IP_MULTICAST_LOOP', bytes: [1], value: true },
  { name: 'IP_MULTICAST_TTL', bytes: [255], value: 255 },
  { name: 'IP_MTU_DISCOVER', bytes: [3], value: 'probe' },
  { name: 'SO_LINGER', bytes: [0, 0, 0, 0, 9, 0, 0, 0], value: null },
  { name: 'SO_MAX_PACING_RATE', bytes: [255, 255, 255, 255], value: Infinity },
  { name: 'SO_MAX_PACING_RATE', bytes: [254, 255, 255, 255], value: 0xffff_fffe },
  { name: 'SO_MAX_PACING_RATE', bytes: [255, 255, 255, 255, 0, 0, 0, 0], value: 0xffff_ffff },
  { name: 'SO_COOKIE', bytes: [2, 1, 0, 0, 0, 0, 0, 0x80], value: 0x8000_0000_0000_0102n },
  { name: 'SO_TYPE', bytes: [5, 0, 0, 0], value: 'seqpacket' },
  { name: 'SO_DOMAIN', bytes: [10, 0, 0, 0], value: 'inet6' },
  { name: 'TCP_CONGESTION', bytes: [0x62, 0x62, 0x72, 0, 0x78, 0x78], value: 'bbr' },
  { name: 'TCP_CONGESTION', bytes: [0x62, 0x62, 0x72], value: 'bbr' },
  { name: 'TCP_ULP', bytes: [], value: '' },
  { name: 'TCP_SAVED_SYN', bytes: [], value: new Uint8Array() },
  {
    name: 'SO_PEERCRED',
    bytes: [1, 2, 0, 0, 3, 0, 0, 0, 254, 255, 255, 255],
    value: { pid: 513, uid: 3, gid: 0xffff_fffe },
  },
  {
    name: 'SO_PEERCRED',
    bytes: [0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255],
    value: { pid: 0, uid: -1, gid: -1 },
  },
  {
    name: 'SO_MEMINFO',
    bytes: Array.from({ length: 36 }, (_, at) => (at % 4 === 0 ? 1 + at / 4 : 0)),
    value: {
      received: 1,
      receiveBuffer: 2,
      sent: 3,
      sendBuffer: 4,
      reserved: 5,
      queued: 6,
      options: 7,
      backlog: 8,
      drops: 9,
    },
  },
];

test.each(ANSWERS)('$name reads $bytes as $value', ({ name, bytes, value }) => {
  expect(decodeOption(name, Uint8Array.from(bytes))).toEqual(value);
});

test('every kind of value is in one of the tables above', () => {
  const tried = new Set([...LAYOUTS, ...ANSWERS].map(({ name }) => OPTIONS[name].kind));
  expect([...tried].sort()).toEqual(Object.keys(VALUE_KINDS).sort());
});

test('bytes in the middle of a buffer', () => {
  const buffer = Uint8Array.of(9, 9, 9, 5, 0, 0, 0, 9);
  expect(decodeOption('TCP_KEEPIDLE', buffer.subarray(3, 7))).toBe(5);
  expect(decodeOption('SO_MARK', buffer.subarray(3, 7))).toBe(5);
  expect(decodeOption('IP_UNICAST_IF', buffer.subarray(3, 7))).toBe(0x0500_0000);
});

test('bytes are the caller’s own: what the kernel writes later does not change them', () => {
  const buffer = Uint8Array.of(1, 2, 3);
  const value = decodeOption('TCP_SAVED_SYN', buffer);
  buffer.fill(9);
  expect([...value]).toEqual([1, 2, 3]);
});

describe('values that an option does not hold', () => {
  test.each<[OptionName, unknown, string]>([
    [
      'TCP_KEEPIDLE',
      Number.NaN,
      'set TCP_KEEPIDLE to NaN: expected an integer of 32 bits (seconds)',
    ],
    ['TCP_KEEPIDLE', 1.5, 'set TCP_KEEPIDLE to 1.5: expected an integer of 32 bits (seconds)'],
    ['SO_PRIORITY', 2 ** 31, 'set SO_PRIORITY to 2147483648: expected an integer of 32 bits'],
    ['TCP_LINGER2', -(2 ** 31) - 1, 'an integer of 32 bits'],
    ['SO_MARK', -1, 'set SO_MARK to -1: expected an integer from 0 to 4294967295'],
    ['SO_MARK', 2 ** 32, 'from 0 to 4294967295'],
    ['IP_UNICAST_IF', -1, 'expected an integer from 0 to 2147483647 (interface index)'],
    ['SO_MAX_PACING_RATE', -1, 'from 0 to 2^53-1, or Infinity (bytes per second)'],
    ['SO_MAX_PACING_RATE', 2 ** 53, 'or Infinity'],
    [
      'SO_LINGER',
      -1,
      'expected an integer from 0 to 2147483647, or null for the default (seconds)',
    ],
    ['SO_LINGER', Infinity, 'or null'],
    ['IP_MTU_DISCOVER', 'never', "to 'never': expected one of 'dont' | 'want' | 'do' | 'probe'"],
    ['TCP_CONGESTION', 'sixteen letters!', 'at most 15 bytes'],
    ['TCP_CONGESTION', 'ünïcödé häs more', 'at most 15 bytes'],
    ['SO_BINDTODEVICE', 'lo\0', 'without a zero byte'],
    ['IP_MULTICAST_IF', '::1', "set IP_MULTICAST_IF to '::1': expected an IPv4 address"],
    ['IP_LOCAL_PORT_RANGE', { low: 1, high: 65_536 }, 'expected { low, high }, two ports'],
    ['IP_LOCAL_PORT_RANGE', { low: 1 }, 'set IP_LOCAL_PORT_RANGE to { low: 1 }: expected'],
    ['IP_ADD_MEMBERSHIP', {}, 'expected { group, interface? }'],
    ['IP_ADD_MEMBERSHIP', { group: 'ff02::1' }, 'expected { group, interface? }: an IPv4 address'],
    [
      'IP_ADD_MEMBERSHIP',
      { group: '239.1.2.3', interface: 'eth0' },
      "interface: 'eth0' }: expected",
    ],
    ['IP_ADD_MEMBERSHIP', { group: '239.1.2.3', interface: -1 }, 'expected'],
    ['IP_BLOCK_SOURCE', { group: '239.1.2.3' }, 'expected { group, source, interface? }'],
    ['IP_BLOCK_SOURCE', { group: '239.1.2.3', source: '1.2.3.4', interface: 1 }, 'expected'],
    ['IPV6_JOIN_GROUP', { group: '239.1.2.3' }, 'expected { group, interface? }: an IPv6 address'],
    ['IPV6_JOIN_GROUP', { group: 'ff02::1', interface: '::1' }, 'expected'],
  ])('%s %o: RangeError', (name, value, message) => {
    expect(() => encode(name, value)).toThrow(RangeError);
    expect(() => encode(name, value)).toThrow(message);
  });

  test.each<[OptionName, unknown, string]>([
    ['TCP_NODELAY', 1, 'set TCP_NODELAY to 1: expected true or false'],
    ['TCP_NODELAY', undefined, 'set TCP_NODELAY to undefined: expected true or false'],
    ['TCP_KEEPIDLE', '60', "set TCP_KEEPIDLE to '60': expected an integer of 32 bits (seconds)"],
    ['TCP_KEEPIDLE', true, 'set TCP_KEEPIDLE to true'],
    ['TCP_KEEPIDLE', 60n, 'set TCP_KEEPIDLE to 60n'],
    ['TCP_KEEPIDLE', null, 'set TCP_KEEPIDLE to null'],
    ['SO_MAX_PACING_RATE', 1n, 'set SO_MAX_PACING_RATE to 1n'],
    ['SO_LINGER', undefined, 'set SO_LINGER to undefined'],
    ['IP_MTU_DISCOVER', 2, 'set IP_MTU_DISCOVER to 2: expected one of'],
    ['TCP_CONGESTION', 7, 'set TCP_CONGESTION to 7'],
    ['TCP_FASTOPEN_KEY', 'key', "set TCP_FASTOPEN_KEY to 'key': expected a Uint8Array"],
    ['IP_MULTICAST_IF', 1, 'set IP_MULTICAST_IF to 1'],
    ['IP_ADD_MEMBERSHIP', '239.1.2.3', "set IP_ADD_MEMBERSHIP to '239.1.2.3': expected { group"],
    ['IP_ADD_MEMBERSHIP', undefined, 'set IP_ADD_MEMBERSHIP to undefined'],
    ['SO_ERROR', 1, 'set SO_ERROR: it can only be read'],
    ['SO_PEERCRED', { pid: 1, uid: 1, gid: 1 }, 'set SO_PEERCRED: it can only be read'],
  ])('%s %o: TypeError', (name, value, message) => {
    expect(() => encode(name, value)).toThrow(TypeError);
    expect(() => encode(name, value)).toThrow(message);
  });

  test('a long value is not repeated at length', () => {
    const attempt = (): unknown => encode('TCP_CONGESTION', 'x'.repeat(1_000_000));
    expect(attempt).toThrow(
      /^set TCP_CONGESTION to 'x{64}'\.\.\. 999936 more characters: expected/,
    );
  });
});

describe('answers that make no sense', () => {
  test('too few bytes', () => {
    expect(() => decodeOption('TCP_NODELAY', new Uint8Array())).toThrow(
      new RangeError('read TCP_NODELAY: the kernel gave 0 bytes, where int has at least 1'),
    );
    expect(() => decodeOption('SO_LINGER', new Uint8Array(7))).toThrow(
      'read SO_LINGER: the kernel gave 7 bytes, where struct linger has at least 8',
    );
  });

  test('a number without a name', () => {
    expect(() => decodeOption('SO_DOMAIN', Uint8Array.of(99, 0, 0, 0))).toThrow(
      new RangeError(
        'read SO_DOMAIN: [99, 0, 0, 0] has no name here; read it by number, getsockopt(1, 39)',
      ),
    );
  });

  test('no fewer bytes than `least` are decoded, and no more room is asked for than an answer fills', () => {
    for (const kind of Object.values(VALUE_KINDS)) {
      expect(kind.least).toBeLessThanOrEqual(kind.room);
      expect(() => kind.decode(new Uint8Array(kind.least))).not.toThrow();
    }
  });
});

test('the room for an option is that of its kind; what can only be set has none', () => {
  expect(optionRoom('TCP_NODELAY')).toBe(4);
  expect(optionRoom('SO_LINGER')).toBe(8);
  expect(optionRoom('SO_COOKIE')).toBe(8);
  expect(() => optionRoom('IP_ADD_MEMBERSHIP')).toThrow(
    new TypeError('read IP_ADD_MEMBERSHIP: it can only be set'),
  );
});
