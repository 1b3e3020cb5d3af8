/**
 * How the networks of real sockets connect to a host of several addresses, which the test makes up. Each of them is
 * held to the same.
 */
import { createServer, resolve, type IpAddress, type Socket } from '@wireline/socket';
import { systemClock } from '@wireline/socket/event-loop';
import { ManualClock } from '@wireline/socket/testing';
import { readdirSync } from 'node:fs';
import type { Socket as NodeSocket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ConnectError } from '../errors.ts';
import { nativeNetwork } from './native.ts';
import { nodeNetwork } from './node.ts';

vi.mock(import('@wireline/socket'), async (original) => {
  const actual = await original();
  return { ...actual, resolve: vi.fn<typeof actual.resolve>(actual.resolve) };
});

/** Called for each attempt that a socket of Node's begins. */
const node = vi.hoisted(() => ({ onAttempt: (): void => {} }));

vi.mock(import('node:net'), async (original) => {
  const actual = await original();
  const watched = (...where: Parameters<typeof actual.connect>): NodeSocket =>
    actual.connect(...where).on('connectionAttempt', () => node.onAttempt());
  return { ...actual, connect: watched as typeof actual.connect }; // each overload of it
});

const HOST = 'several.test';

/** Each network, and a promise of when it has begun the second attempt of the next connect. */
const NETWORKS = [
  {
    name: 'native',
    network: nativeNetwork,
    // For the look-up, for the second attempt, and, when the first has been refused, for the end.
    secondAttempt: (clock: ManualClock) => timers(clock, 3),
  },
  {
    name: 'node:net',
    network: nodeNetwork,
    secondAttempt: () => nodeAttempts(2),
  },
];

/** Has `HOST` stand for these. */
function standFor(port: number, ...hosts: readonly [string, ...string[]]): void {
  const [first, ...rest] = hosts.map((host): IpAddress => ({ family: 'inet', host, port }));
  if (first === undefined) throw new Error('stand for nothing'); // not by its type
  vi.mocked(resolve).mockResolvedValueOnce([first, ...rest]);
}

/** A socket that listens, closed when its test is over. */
function listening(host: string, port = 0, backlog?: number): Socket {
  const server = createServer({ host, port }, backlog === undefined ? {} : { backlog });
  onTestFinished(() => server.close());
  return server;
}

/** Makes an address silent: its backlog is full. Returns its port. */
async function silence(host: string, port = 0): Promise<number> {
  const address = listening(host, port, 0).getsockname();
  const transport = await nativeNetwork.connect(address, { clock: systemClock });
  onTestFinished(() => transport.close());
  return address.port;
}

/** How many descriptors this process has open. */
function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Resolves when `clock` has been asked for a timer as often as that. */
function timers(clock: ManualClock, count: number): Promise<void> {
  const after = clock.after.bind(clock);
  return new Promise((resolve) => {
    let asked = 0;
    clock.after = (...timer) => {
      if (++asked === count) resolve();
      return after(...timer);
    };
  });
}

/** Resolves when sockets of Node's have begun as many attempts from now on. */
function nodeAttempts(count: number): Promise<void> {
  return new Promise((resolve) => {
    let begun = 0;
    node.onAttempt = () => {
      if (++begun === count) resolve();
    };
  });
}

describe.each(NETWORKS)('$name', ({ network, secondAttempt }) => {
  test('an address that never answers does not hold up the next, and is closed', async () => {
    const port = await silence('127.0.0.2');
    listening('127.0.0.1', port);
    const before = openDescriptors();
    standFor(port, '127.0.0.2', '127.0.0.1');
    const transport = await network.connect({ host: HOST, port }, { clock: systemClock });
    onTestFinished(() => transport.close());
    expect(transport.remoteAddress).toEqual({ family: 'inet', host: '127.0.0.1', port });
    expect(openDescriptors()).toBe(before + 1);
  });

  test('nobody answers: a ConnectError with every failure, in their order', async () => {
    const port = await silence('127.0.0.2');
    const before = openDescriptors();
    standFor(port, '127.0.0.3', '127.0.0.2');
    const clock = new ManualClock();
    const refused = secondAttempt(clock);
    const connecting = network.connect({ host: HOST, port }, { clock, timeoutMs: 1000 });
    await refused;
    clock.advance(1000);
    const error: unknown = await connecting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({
      code: 'connect-failed',
      failures: [{ code: 'ECONNREFUSED' }, { code: 'ETIMEDOUT' }],
    });
    expect(String(error)).toBe(
      `ConnectError: connect ${HOST}:${port}: no address answered; connect 127.0.0.3:${port}: refused: nothing listens there; check host and port, and that the server runs (ECONNREFUSED); connect 127.0.0.2:${port}: no answer within 1000 ms: the peer may be down, or a firewall drops the packets (ETIMEDOUT)`,
    );
    expect(openDescriptors()).toBe(before);
    expect(clock.pending).toBe(0);
  });

  test('one address that refuses: what it said', async () => {
    const { port } = listening('127.0.0.1').getsockname();
    standFor(port, '127.0.0.2');
    const connecting = network.connect({ host: HOST, port }, { clock: systemClock });
    await expect(connecting).rejects.toThrow(`connect 127.0.0.2:${port}: refused: nothing listens`);
    await expect(connecting).rejects.toThrow(ConnectError);
  });

  test('a look-up that takes all of the time', async () => {
    vi.mocked(resolve).mockReturnValueOnce(new Promise(() => {}));
    const clock = new ManualClock();
    const begun = timers(clock, 1);
    const connecting = network.connect({ host: HOST, port: 80 }, { clock, timeoutMs: 500 });
    await begun;
    clock.advance(500);
    await expect(connecting).rejects.toThrow(
      `resolve ${HOST}: no answer within 500 ms (connectTimeoutMs)`,
    );
  });

  test('an abort gives up all attempts', async () => {
    const port = await silence('127.0.0.2');
    const before = openDescriptors();
    standFor(port, '127.0.0.2', '127.0.0.3');
    const controller = new AbortController();
    const clock = new ManualClock();
    const begun = timers(clock, 2);
    const { signal } = controller;
    const connecting = network.connect({ host: HOST, port }, { clock, signal });
    await begun;
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    expect(openDescriptors()).toBe(before);
    expect(clock.pending).toBe(0);
  });
});
