/** Connecting to the first that answers, awaited: on a scripted kernel, with a clock that the test moves. */
import { getEventListeners } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatAddress, type IpAddress } from '../address/address.ts';
import type { ConnectionAttempt } from '../connecting/connection-attempt.ts';
import { InterruptedError, SocketClosedError } from '../errors.ts';
import { ConnectionFailedError } from '../errors/connection-failed-error.ts';
import { byFamily } from '../names/local-addresses.ts';
import { numericAddress } from '../names/numeric-host.ts';
import { ManualClock, ScriptedKernel, type ScriptedStep } from '../testing/index.ts';
import { connectFirst, type ConnectFirstOptions } from './connect-first.ts';
import { EventLoop } from './event-loop.ts';

const SIX = numericAddress('2001:db8::1', 80);
const FOUR = numericAddress('192.0.2.1', 80);
const OTHER = numericAddress('192.0.2.2', 80);

const WRITABLE = 4;
const HUNG_UP = 8 | 16;

/** The beginning of an attempt, on a socket of its own. */
const begins = (fd: number): ScriptedStep[] => [
  { call: 'socket', returns: fd },
  { call: 'connect', fd, fails: 'EINPROGRESS' },
];

/** Addresses that are being tried. */
function trying(
  script: readonly ScriptedStep[],
  addresses: readonly IpAddress[],
  options: Partial<ConnectFirstOptions> = {},
) {
  const kernel = new ScriptedKernel({
    script: [{ call: 'epollCreate1', returns: 3 }, ...script],
    always: { epollCtl: { returns: 0 }, close: { returns: 0 } },
  });
  const { libc } = kernel;
  const loop = new EventLoop({ libc });
  onTestFinished(() => loop.close());
  const clock = new ManualClock();
  const trace: string[] = [];
  const onAttempt = ({ address, outcome, endedMs, beganMs }: ConnectionAttempt): void =>
    void trace.push(`${formatAddress(address)} ${outcome} ${endedMs ?? beganMs}`);
  const plan = { target: 'host.test:80', libc, loop, clock, onAttempt };
  const outcome = connectFirst(addresses, { ...plan, ...options }).then(
    ({ socket, address }) => ({ fd: socket.fileno(), address, error: undefined }),
    (error: unknown) => ({ fd: undefined, address: undefined, error }),
  );

  /** The sockets that were closed. */
  const closed = (): unknown[] =>
    kernel.calls.filter(({ call }) => call === 'close').map(({ arguments: [fd] }) => fd);

  /** Nothing is registered, no timer runs, and these are closed. */
  function expectTidy(...fds: readonly number[]): void {
    expect(closed()).toEqual(fds);
    expect(loop.size).toBe(0);
    expect(clock.pending).toBe(0);
    kernel.done();
  }
  return { kernel, loop, clock, trace, outcome, closed, expectTidy };
}

describe('a family that is broken', () => {
  test('the other is tried after 250 ms and wins; the first attempt is abandoned', async () => {
    const { kernel, clock, trace, outcome, closed, expectTidy } = trying(begins(5), [SIX, FOUR]);
    clock.advance(249);
    kernel.done();
    kernel.expect(...begins(6));
    clock.advance(1);
    expect(closed()).toEqual([]);
    kernel.expect({ call: 'connect', fd: 6, fails: 'EISCONN' });
    clock.advance(5);
    await kernel.turn({ fd: 6, bits: WRITABLE });
    expect(await outcome).toEqual({ fd: 6, address: FOUR, error: undefined });
    expect(trace).toEqual([
      '[2001:db8::1]:80 connecting 0',
      '192.0.2.1:80 connecting 250',
      '192.0.2.1:80 connected 255',
      '[2001:db8::1]:80 abandoned 255',
    ]);
    expectTidy(5);
  });

  test('the first may still win, though it is slow', async () => {
    const { kernel, clock, outcome, expectTidy } = trying(begins(5), [SIX, FOUR]);
    kernel.expect(...begins(6));
    clock.advance(250);
    kernel.expect({ call: 'connect', fd: 5, fails: 'EISCONN' });
    await kernel.turn({ fd: 5, bits: WRITABLE });
    expect(await outcome).toMatchObject({ fd: 5, address: SIX });
    expectTidy(6);
  });

  test('one that says so is not waited for', async () => {
    const { kernel, outcome, trace, expectTidy } = trying(
      [
        { call: 'socket', returns: 5 },
        { call: 'connect', fd: 5, fails: 'ENETUNREACH' },
        ...begins(6),
      ],
      [SIX, FOUR],
    );
    kernel.expect({ call: 'connect', fd: 6, fails: 'EISCONN' });
    await kernel.turn({ fd: 6, bits: WRITABLE });
    expect(await outcome).toMatchObject({ fd: 6 });
    expect(trace.slice(0, 2)).toEqual([
      '[2001:db8::1]:80 connecting 0',
      '[2001:db8::1]:80 failed 0',
    ]);
    expectTidy(5);
  });

  test('one that this machine does not have', async () => {
    const { outcome, expectTidy } = trying(
      [
        { call: 'socket', fails: 'EAFNOSUPPORT' },
        { call: 'socket', returns: 6 },
        { call: 'connect', fd: 6, returns: 0 },
      ],
      [SIX, FOUR],
    );
    expect(await outcome).toMatchObject({ fd: 6 });
    expectTidy();
  });
});

test('one that fails while another runs makes place for the next at once', async () => {
  const { kernel, clock, outcome, expectTidy } = trying(begins(5), [SIX, FOUR, OTHER]);
  kernel.expect(...begins(6));
  clock.advance(250);
  kernel.expect({ call: 'connect', fd: 6, fails: 'ECONNREFUSED' }, ...begins(7));
  await kernel.turn({ fd: 6, bits: WRITABLE | HUNG_UP });
  kernel.done();
  kernel.expect({ call: 'connect', fd: 7, fails: 'EISCONN' });
  await kernel.turn({ fd: 7, bits: WRITABLE });
  expect(await outcome).toMatchObject({ fd: 7, address: OTHER });
  expectTidy(6, 5);
});

test('two are ready in one turn: the first of them wins', async () => {
  const { kernel, clock, outcome, expectTidy } = trying(begins(5), [SIX, FOUR]);
  kernel.expect(...begins(6));
  clock.advance(250);
  kernel.expect({ call: 'connect', fd: 6, fails: 'EISCONN' });
  await kernel.turn({ fd: 6, bits: WRITABLE }, { fd: 5, bits: WRITABLE });
  expect(await outcome).toMatchObject({ fd: 6 });
  expectTidy(5);
});

describe('nobody answers', () => {
  test('all have failed: what each said', async () => {
    const { kernel, clock, outcome, expectTidy } = trying(begins(5), [SIX, FOUR]);
    kernel.expect(...begins(6));
    clock.advance(250);
    kernel.expect({ call: 'connect', fd: 5, fails: 'EHOSTUNREACH' });
    await kernel.turn({ fd: 5, bits: WRITABLE | HUNG_UP });
    kernel.expect({ call: 'connect', fd: 6, fails: 'ECONNREFUSED' });
    await kernel.turn({ fd: 6, bits: WRITABLE | HUNG_UP });
    const { error } = await outcome;
    expect(error).toBeInstanceOf(ConnectionFailedError);
    expect(error).toMatchObject({
      errors: [{ code: 'EHOSTUNREACH' }, { code: 'ECONNREFUSED' }],
      attempts: [{ address: SIX }, { address: FOUR }],
    });
    expectTidy(5, 6);
  });

  test('in the time of all: it counts from when connecting was asked for', async () => {
    const { kernel, clock, outcome, expectTidy } = trying(begins(5), [SIX, FOUR], {
      timeoutMs: 1000,
      startedAt: -400,
    });
    kernel.expect(...begins(6));
    clock.advance(599);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    const { error } = await outcome;
    expect(error).toMatchObject({
      attempts: [
        { outcome: 'timed-out', beganMs: 400, endedMs: 1000 },
        { outcome: 'timed-out', beganMs: 650, endedMs: 1000 },
      ],
    });
    expectTidy(5, 6);
  });

  test('and there was no time for any', async () => {
    const { outcome, expectTidy } = trying([], [SIX], { timeoutMs: 5, startedAt: -5 });
    expect((await outcome).error).toMatchObject({ attempts: [] });
    expectTidy();
  });
});

describe('a signal', () => {
  const reason = new Error('the user left');

  test('that was given before: nothing is opened', async () => {
    const { outcome, expectTidy } = trying([], [SIX], { signal: AbortSignal.abort(reason) });
    expect((await outcome).error).toBe(reason);
    expectTidy();
  });

  test('gives up all attempts', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { kernel, clock, trace, outcome, expectTidy } = trying(begins(5), [SIX, FOUR], {
      signal,
    });
    kernel.expect(...begins(6));
    clock.advance(250);
    controller.abort(reason);
    expectTidy(5, 6); // before anybody can ask
    expect((await outcome).error).toBe(reason);
    expect(trace.slice(2)).toEqual([
      '[2001:db8::1]:80 abandoned 250',
      '192.0.2.1:80 abandoned 250',
    ]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('that comes too late changes nothing', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const made = trying(
      [
        { call: 'socket', returns: 5 },
        { call: 'connect', returns: 0 },
      ],
      [SIX],
      { signal },
    );
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    controller.abort(reason);
    expect(await made.outcome).toMatchObject({ fd: 5 });
    made.expectTidy();
  });
});

describe('what cannot happen, happens', () => {
  test('the loop cannot watch the socket', async () => {
    const { outcome, expectTidy } = trying(
      [...begins(5), { call: 'epollCtl', fails: 'ENOSPC' }],
      [SIX],
    );
    expect((await outcome).error).toMatchObject({ errors: [{ code: 'ENOSPC' }] });
    expectTidy(5);
  });

  test('the loop is closed', async () => {
    const { loop, outcome, closed } = trying(begins(5), [SIX]);
    loop.close();
    expect((await outcome).error).toBeInstanceOf(SocketClosedError);
    expect(closed()).toEqual([5, 3]);
  });

  test('the loop is interrupted', async () => {
    const { loop, clock, kernel, outcome, expectTidy } = trying(begins(5), [SIX, FOUR]);
    kernel.expect(...begins(6));
    clock.advance(250);
    loop.interrupt();
    const { error } = await outcome;
    expect(error).toBeInstanceOf(InterruptedError);
    expect(String(error)).toContain('connect [2001:db8::1]:80: ');
    expectTidy(5, 6);
  });

  test('the address is none', async () => {
    const { outcome, expectTidy } = trying(
      [{ call: 'socket', returns: 5 }],
      [{ ...FOUR, host: 'nonsense' }],
    );
    expect((await outcome).error).toBeInstanceOf(TypeError);
    expectTidy(5);
  });
});

describe('whoever hears of attempts', () => {
  const fallenOver = new Error('who watches fell over');

  /** Throws when it hears this word. */
  const throwsAt =
    (word: string) =>
    ({ outcome }: ConnectionAttempt): void => {
      if (outcome === word) throw fallenOver;
    };

  test('throws at the beginning', async () => {
    const { outcome, expectTidy } = trying([], [SIX], { onAttempt: throwsAt('connecting') });
    expect((await outcome).error).toBe(fallenOver);
    expectTidy();
  });

  test.each([
    ['connected', 'EISCONN'],
    ['failed', 'ECONNREFUSED'],
  ] as const)('throws when one has %s: everything is closed', async (word, fails) => {
    const { kernel, outcome, expectTidy } = trying(begins(5), [SIX, FOUR], {
      onAttempt: throwsAt(word),
    });
    kernel.expect({ call: 'connect', fd: 5, fails });
    await kernel.turn({ fd: 5, bits: WRITABLE });
    expect((await outcome).error).toBe(fallenOver);
    expectTidy(5);
  });

  test('throws when one is abandoned: what was won is lost', async () => {
    const { kernel, clock, outcome, expectTidy } = trying(begins(5), [SIX, FOUR], {
      onAttempt: throwsAt('abandoned'),
    });
    kernel.expect(...begins(6));
    clock.advance(250);
    kernel.expect({ call: 'connect', fd: 6, fails: 'EISCONN' });
    await kernel.turn({ fd: 6, bits: WRITABLE });
    expect((await outcome).error).toBe(fallenOver);
    expectTidy(5, 6);
  });

  test.each(['connecting', 'failed', 'connected'])('aborts at %s: nothing stays', async (word) => {
    const controller = new AbortController();
    const { kernel, outcome, loop, clock, closed } = trying(
      word === 'connecting' ? [] : begins(5),
      [SIX, FOUR],
      {
        signal: controller.signal,
        onAttempt: (attempt) => {
          if (attempt.outcome === word) controller.abort(fallenOver);
        },
      },
    );
    if (word !== 'connecting') {
      kernel.expect({
        call: 'connect',
        fd: 5,
        fails: word === 'failed' ? 'ECONNREFUSED' : 'EISCONN',
      });
      await kernel.turn({ fd: 5, bits: WRITABLE });
    }
    expect((await outcome).error).toBe(fallenOver);
    expect(closed()).toEqual(word === 'connecting' ? [] : [5]);
    expect(kernel.callNames.filter((call) => call === 'socket')).toHaveLength(closed().length);
    expect([loop.size, clock.pending]).toEqual([0, 0]);
    kernel.done();
  });
});

test('from a local address', async () => {
  const { kernel, outcome, expectTidy } = trying(
    [
      { call: 'socket', returns: 5 },
      { call: 'bind', fd: 5, returns: 0 },
      { call: 'connect', fd: 5, returns: 0 },
    ],
    [FOUR],
    { from: byFamily([numericAddress('192.0.2.9', 0)]) },
  );
  expect(await outcome).toMatchObject({ fd: 5 });
  expect(kernel.callNames).toEqual(['epollCreate1', 'socket', 'bind', 'connect']);
  expectTidy();
});
