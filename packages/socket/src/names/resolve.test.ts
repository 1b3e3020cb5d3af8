import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { NameResolutionError } from '../errors.ts';
import { openLibc } from '../libc/library.ts';
import { resolve as resolveAwaited, resolveWaiting } from './resolve.ts';

/** Both ways to ask, as one: the one that waits says the same. */
const WAYS = [
  ['awaited', resolveAwaited],
  [
    'waiting',
    async (...[host, port, options]: Parameters<typeof resolveAwaited>) =>
      resolveWaiting(openLibc(), host, port, options),
  ],
] as const;

const inet6 = (host: string, scopeId = 0): object => ({
  family: 'inet6',
  host,
  port: 80,
  flowinfo: 0,
  scopeId,
});

/** What `promise` rejects with. */
function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error('it did not reject')),
    (error: unknown) => error,
  );
}

describe.each(WAYS)('%s', (way, resolve) => {
  describe('hosts that need no look-up', () => {
    test('an empty host stands for all interfaces', async () => {
      expect(await resolve('', 80)).toEqual([{ family: 'inet', host: '0.0.0.0', port: 80 }]);
      expect(await resolve('', 80, { family: 'inet' })).toEqual([
        { family: 'inet', host: '0.0.0.0', port: 80 },
      ]);
      expect(await resolve('', 80, { family: 'inet6' })).toEqual([inet6('::')]);
    });

    test('numbers', async () => {
      expect(await resolve('192.0.2.1', 80)).toEqual([
        { family: 'inet', host: '192.0.2.1', port: 80 },
      ]);
      expect(await resolve('2001:db8::1', 80)).toEqual([inet6('2001:db8::1')]);
    });

    test('the zone of a link-local address: the index or the name of an interface', async () => {
      expect(await resolve('fe80::1%2', 80)).toEqual([inet6('fe80::1', 2)]);
      expect(await resolve('fe80::1%4294967295', 80)).toEqual([inet6('fe80::1', 0xffff_ffff)]);
      // The first interface of every Linux machine.
      expect(await resolve('fe80::1%lo', 80)).toEqual([inet6('fe80::1', 1)]);
    });

    test.each(['no-such0', '', '-1', '1.5', ' 2', '0x2', '2%3', 'LO'])(
      'the zone %j is no interface: those that there are',
      async (zone) => {
        const error = await rejectionOf(resolve(`fe80::1%${zone}`, 80));
        expect(error).toBeInstanceOf(NameResolutionError);
        expect(error).toMatchObject({ code: 'ENODEV', host: `fe80::1%${zone}` });
        const { message } = error as Error; // a NameResolutionError is one
        expect(message).toContain(
          `resolve fe80::1%${zone}: this machine has no interface '${zone}'; it has lo (1)`,
        );
        for (const name of Object.keys(networkInterfaces())) expect(message).toContain(`${name} (`);
      },
    );

    test('an index that no interface can have', async () => {
      await expect(resolve('fe80::1%4294967296', 80)).rejects.toThrow(
        'resolve fe80::1%4294967296: no interface has so high an index; at most 4294967295 (ENODEV)',
      );
    });

    test('an IPv4 address has no zone', async () => {
      expect(await rejectionOf(resolve('127.0.0.1%lo', 80))).toBeInstanceOf(NameResolutionError);
    });

    test.each([
      ['127.0.0.1', 'inet6', 'inet'],
      ['::1', 'inet', 'inet6'],
    ] as const)('%s is not of the family %s', async (host, family, other) => {
      const error = await rejectionOf(resolve(host, 80, { family }));
      expect(error).toBeInstanceOf(NameResolutionError);
      expect(error).toMatchObject({
        code: 'EAI_ADDRFAMILY',
        host,
        message: `resolve ${host}: not an address of family ${family}, but of ${other} (EAI_ADDRFAMILY)`,
      });
    });
  });

  test('localhost is this machine, in the family that was asked for', async () => {
    for (const address of await resolve('localhost', 80)) {
      expect(['127.0.0.1', '::1']).toContain(address.host);
      expect(address.port).toBe(80);
    }
    expect(await resolve('localhost', 80, { family: 'inet' })).toContainEqual({
      family: 'inet',
      host: '127.0.0.1',
      port: 80,
    });
  });

  test('a name that does not exist: what was tried, why, and what to look at', async () => {
    const error = await rejectionOf(resolve('no-such-host.invalid', 80));
    expect(error).toBeInstanceOf(NameResolutionError);
    expect(error).toMatchObject({ host: 'no-such-host.invalid' });
    if (way === 'awaited') expect(error).toHaveProperty('cause', expect.any(Error));
    // Which of the two depends on whether a name server can be reached from here.
    expect(String(error)).toMatch(
      /^NameResolutionError: resolve no-such-host\.invalid: (no such host; check the spelling \(ENOTFOUND\)|the name server does not answer; check the network \(EAI_AGAIN\))$/,
    );
  });

  test.each([-1, 65_536, 80.5, Number.NaN])('port %d is refused', async (port) => {
    await expect(resolve('localhost', port)).rejects.toThrow(RangeError);
  });

  test.each(['localhost\0.example', '\0'])(
    '%j is no name: it does not end at the zero',
    async (host) => {
      expect(await rejectionOf(resolve(host, 80))).toMatchObject({
        name: 'NameResolutionError',
        code: 'EINVAL',
      });
    },
  );
});
