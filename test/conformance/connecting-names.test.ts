/**
 * `createConnection` to a name of several addresses (RFC 8305), with real sockets. An address that never answers is a
 * socket that listens, accepts nobody, and has a full backlog: the kernel drops what comes.
 */
import { readdirSync } from 'node:fs';
import {
  ConnectionFailedError,
  ConnectionRefusedError,
  formatAddress,
  NameResolutionError,
  TimeoutError,
  UnsupportedError,
  type ConnectionAttempt,
  type CreateConnectionOptions,
  type IpAddress,
} from '@wireline/socket';
import { createConnection } from '@wireline/socket/promises';
import { describe, expect, test } from 'vitest';
import { AWAITED, FACES, type Face } from './face.ts';
import { acceptedBy, connected, HAS_IPV6, kept, listening } from './sockets.ts';

const NAME = 'several.test';

const addressOf = (host: string, port: number): IpAddress =>
  host.includes(':')
    ? { family: 'inet6', host, port, flowinfo: 0, scopeId: 0 }
    : { family: 'inet', host, port };

/** Has a name stand for these hosts. */
const standFor =
  (...hosts: readonly string[]) =>
  (_host: string, port: number): IpAddress[] =>
    hosts.map((host) => addressOf(host, port));

/** Makes an address of `host` silent, at this port or one of the kernel's choice. */
async function silence(face: Face, host: string, port = 0): Promise<number> {
  const server = kept(await face.createServer({ host, port }, { backlog: 0 }));
  const address = server.getsockname();
  await connected(face, address);
  return address.port;
}

/** How many descriptors this process has open. */
function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** What connecting to `NAME` throws. */
async function failureOf(
  face: Face,
  port: number,
  options: CreateConnectionOptions,
): Promise<unknown> {
  const connecting = (async () => face.createConnection({ host: NAME, port }, options))();
  try {
    (await connecting).close();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/**
 * Ports to connect from, some for each process: below those that the kernel gives away (ip_local_port_range), so that
 * nobody is given one meanwhile.
 */
let nextPort = 10_000 + (process.pid % 4_000) * 5;

describe.each(FACES)('$title', (face) => {
  test.skipIf(!HAS_IPV6)(
    'IPv6 is there and leads nowhere: 250 ms later IPv4 is tried, and connected',
    async () => {
      const port = await silence(face, '::1');
      const server = kept(await face.createServer({ host: '127.0.0.1', port }));
      const trace: ConnectionAttempt[] = [];
      const before = openDescriptors();
      const near = kept(
        await face.createConnection(
          { host: NAME, port },
          {
            lookup: standFor('::1', '::1', '127.0.0.1'),
            onAttempt: (attempt) => void trace.push(attempt),
          },
        ),
      );
      expect(openDescriptors()).toBe(before + 1);
      expect(near.getpeername()).toEqual(server.getsockname());
      await acceptedBy(server);
      expect(trace.map(({ address, outcome }) => [formatAddress(address), outcome])).toEqual([
        [`[::1]:${port}`, 'connecting'],
        [`127.0.0.1:${port}`, 'connecting'],
        [`127.0.0.1:${port}`, 'connected'],
        [`[::1]:${port}`, 'abandoned'],
      ]);
      const [six, four] = trace;
      // Timers are not exact, and may be a millisecond early.
      expect((four?.beganMs ?? 0) - (six?.beganMs ?? 0)).toBeGreaterThan(248);
      expect(trace.at(-1)?.endedMs).toBeGreaterThanOrEqual(four?.beganMs ?? Infinity);
    },
  );

  test('an address that refuses does not hold up the next', async () => {
    const server = await listening(face);
    const { port } = server.getsockname();
    const trace: ConnectionAttempt[] = [];
    const near = kept(
      await face.createConnection(
        { host: NAME, port },
        {
          // An hour: not for want of time.
          attemptDelayMs: 3_600_000,
          lookup: standFor('127.0.0.2', '127.0.0.1'),
          onAttempt: (attempt) => void trace.push(attempt),
        },
      ),
    );
    expect(near.getpeername()).toEqual(server.getsockname());
    expect(trace.map(({ outcome }) => outcome)).toEqual([
      'connecting',
      'failed',
      'connecting',
      'connected',
    ]);
    expect(trace[1]?.error).toBeInstanceOf(ConnectionRefusedError);
  });

  test('silence, a refusal, silence, and one that answers: none waits for another', async () => {
    const port = await silence(face, '127.0.0.2');
    await silence(face, '127.0.0.4', port);
    const server = kept(await face.createServer({ host: '127.0.0.5', port }));
    const near = kept(
      await face.createConnection(
        { host: NAME, port },
        {
          attemptDelayMs: 10,
          lookup: standFor('127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'),
        },
      ),
    );
    expect(near.getpeername()).toEqual(server.getsockname());
  });

  test('all refuse: ConnectionRefusedError, with every attempt, and nothing stays open', async () => {
    const { port } = (await listening(face)).getsockname();
    const before = openDescriptors();
    const error = await failureOf(face, port, { lookup: standFor('127.0.0.2', '127.0.0.3') });
    expect(error).toBeInstanceOf(ConnectionRefusedError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', address: `${NAME}:${port}` });
    expect((error as Error).message.replaceAll(/after \d+ ms/g, 'after n ms')).toBe(
      `connect ${NAME}:${port}: refused: nothing listens there; check host and port, and that the server runs; none of 2 addresses answered: 127.0.0.2:${port} refused after n ms; 127.0.0.3:${port} refused after n ms (ECONNREFUSED)`,
    );
    const { cause } = error as Error;
    expect(cause).toBeInstanceOf(ConnectionFailedError);
    expect(cause).toMatchObject({
      attempts: [
        { address: addressOf('127.0.0.2', port), outcome: 'failed' },
        { address: addressOf('127.0.0.3', port), outcome: 'failed' },
      ],
    });
    expect(openDescriptors()).toBe(before);
  });

  test('one way is not there and the other refuses: ConnectionRefusedError', async () => {
    const { port } = (await listening(face)).getsockname();
    // TCP has no way to a multicast address: unreachable at once.
    const error = await failureOf(face, port, { lookup: standFor('224.0.0.1', '127.0.0.3') });
    expect(error).toBeInstanceOf(ConnectionRefusedError);
    expect(String(error)).toContain(`224.0.0.1:${port} network unreachable (ENETUNREACH)`);
  });

  test('the time is over: TimeoutError, with every attempt, and nothing stays open', async () => {
    const port = await silence(face, '127.0.0.2');
    await silence(face, '127.0.0.3', port);
    const before = openDescriptors();
    const error = await failureOf(face, port, {
      timeoutMs: 400,
      attemptDelayMs: 10,
      lookup: standFor('127.0.0.2', '127.0.0.4', '127.0.0.3'),
    });
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).cause).toMatchObject({
      attempts: [
        { outcome: 'timed-out', error: { code: 'ETIMEDOUT' } },
        { outcome: 'failed', error: { code: 'ECONNREFUSED' } },
        { outcome: 'timed-out', error: { code: 'ETIMEDOUT' } },
      ],
    });
    expect(openDescriptors()).toBe(before);
  });

  describe('lookup', () => {
    test('is asked about names, with the family', async () => {
      const server = await listening(face);
      const { port } = server.getsockname();
      const asked: unknown[] = [];
      const lookup = (...question: readonly unknown[]): IpAddress[] => {
        asked.push(question.slice(0, 2), (question[2] as CreateConnectionOptions).family);
        return [addressOf('127.0.0.1', port)];
      };
      kept(await face.createConnection({ host: NAME, port: 9 }, { lookup, family: 'inet' }));
      expect(asked).toEqual([[NAME, 9], 'inet']);
      kept(await face.createConnection({ host: '127.0.0.1', port }, { lookup }));
      expect(asked).toHaveLength(2);
    });

    test('that finds none, or none of the family', async () => {
      const none = await failureOf(face, 1, { lookup: standFor() });
      expect(none).toBeInstanceOf(NameResolutionError);
      expect(none).toMatchObject({ code: 'ENODATA', host: NAME });
      const other = await failureOf(face, 1, { lookup: standFor('127.0.0.1'), family: 'inet6' });
      expect(other).toMatchObject({ code: 'EAI_ADDRFAMILY' });
    });

    test('that throws', async () => {
      const reason = new Error('no name server today');
      const lookup = (): never => {
        throw reason;
      };
      expect(await failureOf(face, 1, { lookup })).toBe(reason);
    });

    test('that gives no list', async () => {
      // From a caller without types; a promise is a list for the awaited face only.
      const promise = (): unknown => Promise.resolve(face.name === 'blocking' ? [] : '127.0.0.1');
      const error = await failureOf(face, 1, { lookup: promise as () => IpAddress[] });
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain(`look up ${NAME}: lookup gave no list of addresses`);
    });

    test('that gives what is no address: it is refused', async () => {
      const before = openDescriptors();
      expect(await failureOf(face, 1, { lookup: standFor('127.0.0') })).toBeInstanceOf(TypeError);
      expect(openDescriptors()).toBe(before);
    });
  });

  describe('from a local address', () => {
    test.skipIf(!HAS_IPV6)('only addresses of its family are tried', async () => {
      const server = await listening(face);
      const { port } = server.getsockname();
      const tried: string[] = [];
      const near = kept(
        await face.createConnection(
          { host: NAME, port },
          {
            localAddress: { host: '127.0.0.9', port: 0 },
            lookup: standFor('::1', '127.0.0.1'),
            onAttempt: ({ address }) => void tried.push(formatAddress(address)),
          },
        ),
      );
      expect(near.getsockname().host).toBe('127.0.0.9');
      expect(new Set(tried)).toEqual(new Set([`127.0.0.1:${port}`]));
    });

    test('of which the name has none', async () => {
      const error = await failureOf(face, 80, {
        localAddress: addressOf('127.0.0.9', 0),
        lookup: standFor('::1'),
      });
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(String(error)).toBe(
        `UnsupportedError: connect ${NAME}:80: it cannot be reached from 127.0.0.9:0, which is of another family; take another localAddress, or none (EAFNOSUPPORT)`,
      );
    });

    test.skipIf(!HAS_IPV6)('any interface, at a port: whichever family', async () => {
      for (const host of ['::1', '127.0.0.1']) {
        const { port } = (await listening(face, host)).getsockname();
        const local = nextPort++;
        const near = kept(
          await face.createConnection(
            { host: NAME, port },
            { localAddress: { host: '', port: local }, lookup: standFor(host) },
          ),
        );
        expect(near.getsockname()).toEqual(addressOf(host, local));
      }
    });
  });

  test.each([9, 0, -1, Number.NaN])('attempts %d ms apart are refused', async (attemptDelayMs) => {
    const error = await failureOf(face, 1, { attemptDelayMs, lookup: standFor('127.0.0.1') });
    expect(error).toBeInstanceOf(RangeError);
  });

  test('a path is connected straight', async () => {
    const path = `\0wireline-connecting-names-${process.pid}-${face.name}`;
    const server = kept(await face.createServer({ path }));
    const trace: string[] = [];
    const onAttempt = ({ address, outcome }: ConnectionAttempt): void =>
      void trace.push(`${formatAddress(address)} ${outcome}`);
    const near = kept(await face.createConnection({ path }, { onAttempt }));
    expect(near.getpeername()).toEqual(server.getsockname());
    const where = formatAddress(server.getsockname());
    expect(trace).toEqual([`${where} connecting`, `${where} connected`]);
    server.close();
    const gone = (async () => face.createConnection({ path }))();
    await expect(gone).rejects.toThrow(ConnectionRefusedError);
  });
});

describe('the awaited face', () => {
  test('an abort gives up all attempts at once', async () => {
    const port = await silence(AWAITED, '127.0.0.2');
    await silence(AWAITED, '127.0.0.3', port);
    const before = openDescriptors();
    const controller = new AbortController();
    const reason = new Error('enough');
    const trace: string[] = [];
    const connecting = createConnection(
      { host: NAME, port },
      {
        signal: controller.signal,
        attemptDelayMs: 10,
        lookup: async (host, port) => standFor('127.0.0.2', '127.0.0.3')(host, port),
        onAttempt: ({ outcome }) => {
          trace.push(outcome);
          // Both are under way.
          if (trace.length === 2) controller.abort(reason);
        },
      },
    );
    await expect(connecting).rejects.toBe(reason);
    expect(trace).toEqual(['connecting', 'connecting', 'abandoned', 'abandoned']);
    expect(openDescriptors()).toBe(before);
  });

  test('a lookup that never comes is given up with the time, or the signal', async () => {
    const lookup = (): Promise<IpAddress[]> => new Promise(() => {});
    const where = { host: NAME, port: 80 };
    const late = createConnection(where, { lookup, timeoutMs: 5 });
    await expect(late).rejects.toThrow(
      `connect ${NAME}:80: the look-up of the name took all of the time`,
    );
    await expect(late).rejects.toThrow(TimeoutError);
    const reason = new Error('enough');
    const controller = new AbortController();
    const connecting = createConnection(where, { lookup, signal: controller.signal });
    controller.abort(reason);
    await expect(connecting).rejects.toBe(reason);
  });
});
