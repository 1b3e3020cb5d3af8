/** Addresses of IPv6 with all that belongs to them: the scope of link-local ones, flow information, `::`. */
import { networkInterfaces } from 'node:os';
import { formatAddress, type Ipv6Address } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES } from './face.ts';
import { failureOf } from './failures.ts';
import { HAS_NAMESPACES, runPeerProgram } from './namespace.ts';
import { acceptedBy, connected, HAS_IPV6, kept, listening } from './sockets.ts';

const WITHOUT_IPV6 = HAS_IPV6 ? '' : ' (skipped: this machine has no ::1)';

/** Flow information: a traffic class without the bits that are TCP's own. Labels may have to be leased first. */
const TRAFFIC_CLASS = 0x0a40_0000;

const LOCALHOST: Ipv6Address = {
  family: 'inet6',
  host: '::1',
  port: 0,
  flowinfo: 0,
  scopeId: 0,
};

/** Whether an interface has a link-local address; if not, one in a namespace gets one. */
const HAS_LINK_LOCAL = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address.startsWith('fe80:')),
);
const CANNOT_LINK = !HAS_LINK_LOCAL && !HAS_NAMESPACES;
const WITHOUT_LINK = CANNOT_LINK ? ' (skipped: no interface has one, and none can be made)' : '';
const MAKE_LINK = ['ip link set lo up', 'ip address add fe80::7/64 dev lo'];

describe.each(FACES)('$title', (face) => {
  test.skipIf(CANNOT_LINK)(`link-local addresses have their scope${WITHOUT_LINK}`, () => {
    const { status, stdout, stderr } = runPeerProgram(
      'link-local',
      [face.name],
      HAS_LINK_LOCAL ? undefined : MAKE_LINK,
    );
    expect([status, stderr]).toEqual([0, '']);
    // What the program is written to print.
    const report = JSON.parse(stdout) as {
      expected: { host: string; scopeId: number };
      told: Ipv6Address[];
      shown: string;
    };
    expect(report.expected.scopeId).toBeGreaterThan(0);
    for (const address of report.told) expect(address).toMatchObject(report.expected);
    const { host, scopeId } = report.expected;
    expect(report.shown).toContain(`[${host}%${scopeId}]:`);
  });

  describe.skipIf(!HAS_IPV6)(`on this machine${WITHOUT_IPV6}`, () => {
    test('flow information is sent, and told by getpeername', async () => {
      const server = await listening(face, '::1');
      const near = kept(new face.Socket({ family: 'inet6' }));
      near.setsockopt('IPV6_FLOWINFO_SEND', true);
      const where = { ...LOCALHOST, port: server.getsockname().port, flowinfo: TRAFFIC_CLASS };
      await near.connect(where);
      expect(near.getpeername()).toEqual(where);
      expect((await acceptedBy(server)).getpeername()).toEqual(near.getsockname());
    });

    test('addresses in their long form are told in their short one', async () => {
      const server = kept(
        await face.createServer({ host: '0000:0000:0000:0000:0000:0000:0000:0001', port: 0 }),
      );
      expect(server.getsockname()).toMatchObject({ ...LOCALHOST, port: expect.any(Number) });
      const near = await connected(face, {
        host: '0:0:0:0:0:0:0.0.0.1',
        port: server.getsockname().port,
      });
      expect(near.getpeername()).toEqual(server.getsockname());
    });

    test(':: hears all, and an empty host is that', async () => {
      for (const host of ['::', '']) {
        const socket = kept(new face.Socket({ family: 'inet6', type: 'dgram' }));
        await socket.bind({ host, port: 0 });
        expect(socket.getsockname().host).toBe('::');
        const sender = kept(new face.Socket({ family: 'inet6', type: 'dgram' }));
        await sender.bind(LOCALHOST);
        await sender.sendTo(new Uint8Array(1), { ...LOCALHOST, port: socket.getsockname().port });
        expect((await socket.recvFrom(1)).address).toEqual(sender.getsockname());
      }
    });

    test('a sender of IPv4 is told as a mapped address', async () => {
      const socket = kept(new face.Socket({ family: 'inet6', type: 'dgram' }));
      socket.setsockopt('IPV6_V6ONLY', false);
      await socket.bind({ host: '::', port: 0 });
      const sender = kept(new face.Socket({ type: 'dgram' }));
      const { port } = socket.getsockname();
      await sender.sendTo(new Uint8Array(1), { host: '127.0.0.1', port });
      const { address } = await socket.recvFrom(1);
      expect(formatAddress(address)).toBe(`[::ffff:127.0.0.1]:${sender.getsockname().port}`);
      await socket.sendTo(new Uint8Array(2), address);
      expect((await sender.recvFrom(9)).bytes).toHaveLength(2);
    });

    test.each([-1, 1.5, 2 ** 32, Number.NaN])('flowinfo and scope %d are none', async (number) => {
      const socket = kept(new face.Socket({ family: 'inet6' }));
      for (const where of [
        { ...LOCALHOST, flowinfo: number },
        { ...LOCALHOST, scopeId: number },
      ]) {
        expect(await failureOf(() => socket.bind(where))).toBeInstanceOf(RangeError);
        expect(await failureOf(() => socket.connect(where))).toBeInstanceOf(RangeError);
        expect(await failureOf(() => socket.sendTo(new Uint8Array(1), where))).toBeInstanceOf(
          RangeError,
        );
      }
    });
  });
});
