/** Packets below TCP and UDP: an echo to this machine and back, for whom that is allowed, and what others are told. */
import { readFileSync } from 'node:fs';
import { PermissionError, SystemError, UnsupportedError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { systemFailureOf } from './failures.ts';
import { HAS_NAMESPACES, runPeerProgram } from './namespace.ts';
import { HAS_IPV6, kept } from './sockets.ts';
import { asNobody } from './unix.ts';

const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const ECHO_REQUEST_V6 = 128;
const ECHO_REPLY_V6 = 129;
const PAYLOAD = [...Buffer.from('wireline')];

/** Whether this process may open raw sockets: the capability CAP_NET_RAW, the bit 13. */
const MAY_BE_RAW = /^CapEff:\s+([0-9a-f]+)/m
  .exec(readFileSync('/proc/self/status', 'utf8'))
  ?.slice(1)
  .some((bits) => (BigInt(`0x${bits}`) & (1n << 13n)) !== 0n);
const WITHOUT_RAW = MAY_BE_RAW ? '' : ' (skipped: raw sockets need CAP_NET_RAW)';
const WITHOUT_RAW_V6 = HAS_IPV6 ? WITHOUT_RAW : ' (skipped: this machine has no ::1)';

/** Whether a namespace is needed for the socket that pings without rights. */
const PING_ALLOWED = ((): boolean => {
  const [first = 1, last = 0] = readFileSync('/proc/sys/net/ipv4/ping_group_range', 'utf8')
    .split(/\s+/)
    .map(Number);
  const groups = [process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])];
  return groups.some((group) => group >= first && group <= last);
})();
const CANNOT_PING = !PING_ALLOWED && !HAS_NAMESPACES;
const WITHOUT_PING = CANNOT_PING ? ' (skipped: net.ipv4.ping_group_range does not allow it)' : '';
const ALLOW_PING = ['ip link set lo up', 'echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range'];

/** RFC 1071. */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (const [index, byte] of bytes.entries()) sum += index % 2 === 0 ? byte << 8 : byte;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** An echo request: type, code, checksum, id, sequence number, payload. */
function echoRequest(type: number): Uint8Array {
  const id = process.pid & 0xffff;
  const packet = [type, 0, 0, 0, id >> 8, id & 0xff, 0, 1, ...PAYLOAD];
  const sum = checksum(packet);
  // The kernel computes the checksum of ICMPv6 itself.
  return Uint8Array.from(
    type === ECHO_REQUEST ? packet.with(2, sum >> 8).with(3, sum & 0xff) : packet,
  );
}

/** The echo's reply among all that comes: a raw socket hears the requests on loopback, too. */
async function replyTo(socket: FaceSocket, type: number): Promise<readonly [number[], string]> {
  for (;;) {
    const { bytes, address } = await socket.recvFrom(2000);
    // Packets of IPv4 come with their header, whose length is in its first byte.
    const at = socket.family === 'inet' ? ((bytes[0] ?? 0) & 0xf) * 4 : 0;
    const packet = [...bytes.subarray(at)];
    if (packet[0] === type && packet.length === 8 + PAYLOAD.length)
      return [packet.slice(8), address.host];
  }
}

const raw = (face: Face): FaceSocket => kept(new face.Socket({ type: 'raw', protocol: 'icmp' }));

describe.each(FACES)('$title', (face) => {
  test.skipIf(!MAY_BE_RAW)(`an echo over a raw socket${WITHOUT_RAW}`, async () => {
    const socket = raw(face);
    expect([socket.family, socket.type, socket.getsockopt('SO_PROTOCOL')]).toEqual([
      'inet',
      'raw',
      1,
    ]);
    await socket.sendTo(echoRequest(ECHO_REQUEST), { host: '127.0.0.1', port: 0 });
    expect(await replyTo(socket, ECHO_REPLY)).toEqual([PAYLOAD, '127.0.0.1']);
    await socket.connect({ host: '127.0.0.1', port: 0 });
    await socket.send(echoRequest(ECHO_REQUEST));
    expect(await replyTo(socket, ECHO_REPLY)).toEqual([PAYLOAD, '127.0.0.1']);
  });

  test.skipIf(!MAY_BE_RAW || !HAS_IPV6)(`an echo of IPv6${WITHOUT_RAW_V6}`, async () => {
    const socket = kept(new face.Socket({ family: 'inet6', type: 'raw', protocol: 'icmpv6' }));
    await socket.sendTo(echoRequest(ECHO_REQUEST_V6), { host: '::1', port: 0 });
    expect(await replyTo(socket, ECHO_REPLY_V6)).toEqual([PAYLOAD, '::1']);
  });

  test.skipIf(!MAY_BE_RAW)(`a protocol by its number${WITHOUT_RAW}`, async () => {
    const socket = kept(new face.Socket({ type: 'raw', protocol: 253 })); // for experiments: RFC 3692
    const hears = kept(new face.Socket({ type: 'raw', protocol: 253 }));
    await socket.sendTo(Uint8Array.of(1, 2), { host: '127.0.0.1', port: 0 });
    const { bytes } = await hears.recvFrom(100);
    expect([...bytes.subarray(-2)]).toEqual([1, 2]);
  });

  test.skipIf(!MAY_BE_RAW)(
    `raw sockets are duplicated, handed on and taken over${WITHOUT_RAW}`,
    async () => {
      const socket = raw(face);
      const copies = [socket.dup(), face.fromFd(socket.fileno())].map((copy) => kept(copy));
      const taken = kept(new face.Socket({ fd: socket.detach() }));
      for (const each of [...copies, taken]) {
        expect([each.family, each.type, each.getsockopt('SO_PROTOCOL')]).toEqual([
          'inet',
          'raw',
          1,
        ]);
        expect(String(each)).toMatch(/^\[Socket \d+ inet 0\.0\.0\.0:1 open\]$/);
      }
      await taken.sendTo(echoRequest(ECHO_REQUEST), { host: '127.0.0.1', port: 0 });
      expect(await replyTo(taken, ECHO_REPLY)).toEqual([PAYLOAD, '127.0.0.1']);
    },
  );

  test.skipIf(CANNOT_PING)(`an echo that needs no rights${WITHOUT_PING}`, () => {
    const prepare = PING_ALLOWED ? undefined : ALLOW_PING;
    const { status, stdout, stderr } = runPeerProgram('ping', [face.name], prepare);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      type: ECHO_REPLY,
      sequence: 7,
      payload: [1, 2, 3, 4],
      host: '127.0.0.1',
    });
  });

  test('raw sockets are not for everybody', async () => {
    const failure = await asNobody(() => systemFailureOf(() => raw(face)));
    expect(failure).toBeInstanceOf(PermissionError);
    expect(failure.message).toMatch(/CAP_NET_RAW.*run as root.*setcap/);
  });

  test.skipIf(PING_ALLOWED)(
    `nor are sockets that ping, where the system says so${PING_ALLOWED ? ' (skipped: here it does not)' : ''}`,
    async () => {
      const open = (): FaceSocket => new face.Socket({ type: 'dgram', protocol: 'icmp' });
      const failure = await systemFailureOf(open);
      expect(failure).toBeInstanceOf(PermissionError);
      expect(failure.message).toMatch(/net\.ipv4\.ping_group_range/);
    },
  );

  test('a protocol that is none, or not for this type', async () => {
    const open = (options: object): FaceSocket => new face.Socket(options); // from callers without types
    for (const protocol of ['tcp', -1, 1.5, Number.NaN, null, {}]) {
      expect(() => open({ type: 'raw', protocol })).toThrow(TypeError);
    }
    for (const options of [
      { protocol: 'icmp' },
      { type: 'dgram', protocol: 6 },
      { protocol: 2 ** 31 },
    ]) {
      expect(await systemFailureOf(() => open(options))).toBeInstanceOf(SystemError);
    }
    const without = await systemFailureOf(() => open({ type: 'raw' }));
    expect(without).toBeInstanceOf(UnsupportedError);
    expect(without.message).toMatch(/raw ones have no usual protocol: say which/);
  });
});
