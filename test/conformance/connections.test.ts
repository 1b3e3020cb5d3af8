/** `createConnection`: one address after the other, in a time that they share. */
import * as resolving from '../../packages/socket/src/names/resolve.ts';
import {
  AddressNotAvailableError,
  ConnectionRefusedError,
  TimeoutError,
  type IpAddress,
} from '@wireline/socket';
import { createConnection } from '@wireline/socket/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { settle } from './awaited-scene.ts';
import { AWAITED, FACES, type Face } from './face.ts';
import { acceptedBy, connected, HAS_IPV6, kept, listening, openDescriptors } from './sockets.ts';

vi.mock(import('../../packages/socket/src/names/resolve.ts'), async (original) => {
  const actual = await original();
  return {
    ...actual,
    resolve: vi.fn<typeof actual.resolve>(actual.resolve),
    resolveWaiting: vi.fn<typeof actual.resolveWaiting>(actual.resolveWaiting),
  };
});

/** A name that stands for several addresses, whatever this machine's hosts file says. */
const NAME = 'several.test';

/** Has `NAME` stand for these hosts. */
function standFor(...hosts: readonly string[]): void {
  const found = (port: number): IpAddress[] =>
    hosts.map((host) =>
      host.includes(':')
        ? { family: 'inet6', host, port, flowinfo: 0, scopeId: 0 }
        : { family: 'inet', host, port },
    );
  // One or more, as the tests say it.
  type Found = readonly [IpAddress, ...IpAddress[]];
  vi.mocked(resolving.resolve).mockImplementationOnce(
    async (_host, port) => found(port) as unknown as Found,
  );
  vi.mocked(resolving.resolveWaiting).mockImplementationOnce(
    (_libc, _host, port) => found(port) as unknown as Found,
  );
}

/** A port where a socket listens that accepts nobody, with a backlog that is full: whoever connects waits. */
async function deafPort(face: Face, host: string): Promise<number> {
  const server = kept(await face.createServer({ host, port: 0 }, { backlog: 0 }));
  const { port } = server.getsockname();
  await connected(face, { host, port });
  return port;
}

beforeEach(() => {
  vi.mocked(resolving.resolve).mockReset();
  vi.mocked(resolving.resolveWaiting).mockReset();
});

describe.each(FACES)('$title', (face) => {
  test.skipIf(!HAS_IPV6)('the next address is tried when one refuses', async () => {
    const server = await listening(face);
    standFor('::1', '127.0.0.1');
    const { port } = server.getsockname();
    const near = kept(await face.createConnection({ host: NAME, port }));
    expect(near.getpeername()).toEqual(server.getsockname());
    await acceptedBy(server);
  });

  test('the error is the one that all addresses have, and no socket stays open', async () => {
    const { port } = (await listening(face)).getsockname();
    standFor('127.0.0.2', '127.0.0.3');
    const before = openDescriptors();
    const connecting = (async () => face.createConnection({ host: NAME, port }))();
    const error = await connecting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionRefusedError);
    expect(error).toMatchObject({
      address: `${NAME}:${port}`,
      cause: {
        errors: [{ address: `127.0.0.2:${port}` }, { address: `127.0.0.3:${port}` }],
      },
    });
    expect(openDescriptors()).toBe(before);
  });

  test('the time-out is that of the whole attempt, and each call’s afterwards', async () => {
    const server = await listening(face);
    const near = kept(await face.createConnection(server.getsockname(), { timeoutMs: 1234 }));
    expect(near.getTimeout()).toBe(1234);
    const patient = await face.createConnection(server.getsockname());
    expect(patient.getTimeout()).toBeNull();
    patient.close();
  });

  test('an address that never answers leaves time for the next', async () => {
    const port = await deafPort(face, '127.0.0.2');
    const server = kept(await face.createServer({ host: '127.0.0.1', port }));
    standFor('127.0.0.2', '127.0.0.1');
    const near = kept(await face.createConnection({ host: NAME, port }, { timeoutMs: 2000 }));
    expect(near.getpeername()).toEqual(server.getsockname());
  });

  test('the time is over', async () => {
    const port = await deafPort(face, '127.0.0.1');
    const before = openDescriptors();
    const where = { host: '127.0.0.1', port };
    const connecting = (async () => face.createConnection(where, { timeoutMs: 20 }))();
    await expect(connecting).rejects.toThrow(TimeoutError);
    expect(openDescriptors()).toBe(before);
  });

  test('from an address of this machine', async () => {
    const server = await listening(face);
    const localAddress = { host: '127.0.0.9', port: 0 };
    const near = kept(await face.createConnection(server.getsockname(), { localAddress }));
    expect(near.getsockname().host).toBe('127.0.0.9');
    expect((await acceptedBy(server)).getpeername()).toEqual(near.getsockname());
  });

  test('from an address that is not this machine’s', async () => {
    const address = (await listening(face)).getsockname();
    const before = openDescriptors();
    const localAddress = { host: '192.0.2.123', port: 0 };
    const connecting = (async () => face.createConnection(address, { localAddress }))();
    await expect(connecting).rejects.toThrow(AddressNotAvailableError);
    expect(openDescriptors()).toBe(before);
  });

  test.skipIf(!HAS_IPV6)('from an address of one family, to a name of both', async () => {
    const server = await listening(face);
    const { port } = server.getsockname();
    const localAddress = { host: '127.0.0.1', port: 0 };
    standFor('::1', '127.0.0.1');
    // The look-up of the local address, for ::1 in vain and then for 127.0.0.1, is the real one.
    const actual = await vi.importActual<typeof resolving>(
      '../../packages/socket/src/names/resolve.ts',
    );
    vi.mocked(resolving.resolve).mockImplementation(actual.resolve);
    vi.mocked(resolving.resolveWaiting).mockImplementation(actual.resolveWaiting);
    const near = kept(await face.createConnection({ host: NAME, port }, { localAddress }));
    expect(near.getsockname().host).toBe('127.0.0.1');
  });

  test.each([-1, Number.NaN])('a time-out of %d is refused', async (timeoutMs) => {
    const where = { host: '127.0.0.1', port: 1 };
    const connecting = (async () => face.createConnection(where, { timeoutMs }))();
    await expect(connecting).rejects.toThrow(RangeError);
  });
});

describe('an abort, which only the awaited face can hear', () => {
  const REASON = new Error('enough');

  test.each(['before', 'in the tick of', 'after'])('%s the call', async (when) => {
    const port = await deafPort(AWAITED, '127.0.0.1');
    const before = openDescriptors();
    const controller = new AbortController();
    if (when === 'before') controller.abort(REASON);
    // The time-out is for a run in which the abort is not heard: then nothing is left behind for long.
    const options = { signal: controller.signal, timeoutMs: 2_000 };
    const where = { family: 'inet', host: '127.0.0.1', port } as const;
    const outcome = createConnection(where, options).catch((reason: unknown) => reason);
    if (when === 'after') await settle();
    controller.abort(REASON);
    expect(await Promise.race([outcome, settle()])).toBe(REASON);
    expect(openDescriptors()).toBe(before);
  });
});
