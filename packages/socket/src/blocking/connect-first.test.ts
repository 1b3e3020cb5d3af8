/** Connecting to the first that answers, in this thread: on a scripted kernel, where time passes in poll only. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { IpAddress } from '../address/address.ts';
import { connectFirst, type ConnectFirstOptions } from './connect-first.ts';
import type { ConnectionAttempt } from '../connecting/connection-attempt.ts';
import { InterruptedError } from '../errors.ts';
import { ConnectionFailedError } from '../errors/connection-failed-error.ts';
import { byFamily } from '../names/local-addresses.ts';
import { numericAddress } from '../names/numeric-host.ts';
import { ScriptedKernel, type ScriptedStep } from '../testing/index.ts';

const SIX = numericAddress('2001:db8::1', 80);
const FOUR = numericAddress('192.0.2.1', 80);
const OTHER = numericAddress('192.0.2.2', 80);

const POLLOUT = 4;
const POLLERR = 8;

/** The beginning of an attempt, on a socket of its own. */
const begins = (fd: number): ScriptedStep[] => [
  { call: 'socket', returns: fd },
  { call: 'connect', fd, fails: 'EINPROGRESS' },
];

/** A stage on which addresses are tried. */
function stage() {
  let now = 1000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const kernel = new ScriptedKernel();
  const trace: string[] = [];
  const polled: unknown[] = [];

  /** A sleep of `ms`, after which these descriptors are ready, or for `-1` a signal has come. */
  function sleeps(
    ms: number,
    ready: Readonly<Record<number, number>> | 'signal' = {},
  ): ScriptedStep {
    return {
      call: 'poll',
      ...(ready === 'signal' ? { fails: 'EINTR' } : { returns: Object.keys(ready).length }),
      during([fds, count, timeoutMs]) {
        const words = fds as Int32Array; // as Libc has it
        const asked = Array.from({ length: Number(count) }, (_, at) => words[at * 2]);
        polled.push([asked, timeoutMs]);
        now += ms;
        if (ready === 'signal') return;
        for (const [at, fd] of asked.entries()) {
          words[at * 2 + 1] = (words[at * 2 + 1] ?? 0) | ((ready[fd ?? -1] ?? 0) << 16);
        }
      },
    };
  }

  function run(addresses: readonly IpAddress[], options: Partial<ConnectFirstOptions> = {}) {
    return connectFirst(addresses, {
      target: 'host.test:80',
      startedAt: performance.now(),
      libc: kernel.libc,
      onAttempt: ({ address, outcome, beganMs, endedMs }: ConnectionAttempt) =>
        void trace.push(
          `${'host' in address && address.host} ${outcome} ${beganMs} ${endedMs ?? ''}`.trim(),
        ),
      ...options,
    });
  }
  return { kernel, trace, polled, sleeps, run };
}

test('an address that never answers: the next is tried after 250 ms, both are waited for, the loser is closed', () => {
  const { kernel, trace, polled, sleeps, run } = stage();
  kernel.expect(
    ...begins(5),
    sleeps(250),
    ...begins(6),
    sleeps(3, { 6: POLLOUT }),
    { call: 'connect', fd: 6, fails: 'EISCONN' },
    { call: 'close', fd: 5, returns: 0 },
  );
  expect(run([SIX, FOUR]).fileno()).toBe(6);
  expect(polled).toEqual([
    [[5], 250],
    [[5, 6], -1],
  ]);
  expect(trace).toEqual([
    '2001:db8::1 connecting 0',
    '192.0.2.1 connecting 250',
    '192.0.2.1 connected 250 253',
    '2001:db8::1 abandoned 0 253',
  ]);
  kernel.done();
});

test('the first may still win', () => {
  const { kernel, sleeps, run } = stage();
  kernel.expect(
    ...begins(5),
    sleeps(250),
    ...begins(6),
    sleeps(10, { 5: POLLOUT }),
    { call: 'connect', fd: 5, returns: 0 },
    { call: 'close', fd: 6, returns: 0 },
  );
  expect(run([SIX, FOUR]).fileno()).toBe(5);
  kernel.done();
});

test('at once, without a sleep', () => {
  const { kernel, run } = stage();
  kernel.expect({ call: 'socket', returns: 5 }, { call: 'connect', fd: 5, returns: 0 });
  expect(run([SIX, FOUR]).fileno()).toBe(5);
  kernel.done();
});

test('one fails at once, the next is refused later: both are told', () => {
  const { kernel, sleeps, run } = stage();
  kernel.expect(
    { call: 'socket', returns: 5 },
    { call: 'connect', fd: 5, fails: 'ENETUNREACH' },
    { call: 'close', fd: 5, returns: 0 },
    ...begins(6),
    sleeps(7, { 6: POLLOUT | POLLERR }),
    { call: 'connect', fd: 6, fails: 'ECONNREFUSED' },
    { call: 'close', fd: 6, returns: 0 },
  );
  expect(() => run([SIX, FOUR])).toThrow(
    'none of 2 addresses answered: [2001:db8::1]:80 network unreachable (ENETUNREACH) after 0 ms; 192.0.2.1:80 refused (ECONNREFUSED) after 7 ms',
  );
  kernel.done();
});

test('a family that this machine does not have', () => {
  const { kernel, run } = stage();
  kernel.expect(
    { call: 'socket', fails: 'EAFNOSUPPORT' },
    { call: 'socket', returns: 6 },
    { call: 'connect', fd: 6, returns: 0 },
  );
  expect(run([SIX, FOUR]).fileno()).toBe(6);
  kernel.done();
});

test('one that fails while another runs makes place for the next', () => {
  const { kernel, polled, sleeps, run } = stage();
  kernel.expect(
    ...begins(5),
    sleeps(250),
    ...begins(6),
    sleeps(10, { 6: POLLERR }),
    { call: 'connect', fd: 6, fails: 'ECONNREFUSED' },
    { call: 'close', fd: 6, returns: 0 },
    ...begins(7),
    sleeps(1, { 7: POLLOUT }),
    { call: 'connect', fd: 7, fails: 'EISCONN' },
    { call: 'close', fd: 5, returns: 0 },
  );
  expect(run([SIX, FOUR, OTHER]).fileno()).toBe(7);
  expect(polled.at(-1)).toEqual([[5, 7], -1]);
  kernel.done();
});

test('two are ready at the same time: one wins, and is all that stays open', () => {
  const { kernel, sleeps, run } = stage();
  kernel.expect(
    ...begins(5),
    sleeps(250),
    ...begins(6),
    sleeps(1, { 5: POLLOUT, 6: POLLOUT }),
    { call: 'connect', fd: 5, fails: 'EISCONN' },
    { call: 'close', fd: 6, returns: 0 },
  );
  expect(run([SIX, FOUR]).fileno()).toBe(5);
  kernel.done();
});

test('a wake-up before it is decided', () => {
  const { kernel, sleeps, run } = stage();
  kernel.expect(
    ...begins(5),
    sleeps(1, { 5: POLLOUT }),
    { call: 'connect', fd: 5, fails: 'EALREADY' },
    sleeps(1, { 5: POLLOUT }),
    { call: 'connect', fd: 5, fails: 'EISCONN' },
  );
  expect(run([FOUR]).fileno()).toBe(5);
  kernel.done();
});

describe('everything is closed', () => {
  test('when the time is over', () => {
    const { kernel, polled, sleeps, run } = stage();
    const close = { call: 'close', returns: 0 } as const;
    kernel.expect(...begins(5), sleeps(200), ...begins(6), sleeps(200), close, close);
    const attempts = () => run([SIX, FOUR], { timeoutMs: 400 });
    expect(attempts).toThrow(ConnectionFailedError);
    expect(polled).toEqual([
      [[5], 200],
      [[5, 6], 200],
    ]);
    kernel.done();
  });

  test('when a signal comes that the program handles', () => {
    const handler = (): void => {};
    process.on('SIGINT', handler);
    onTestFinished(() => void process.off('SIGINT', handler));
    const { kernel, trace, sleeps, run } = stage();
    const close = { call: 'close', returns: 0 } as const;
    kernel.expect(...begins(5), sleeps(250), ...begins(6), sleeps(9, 'signal'), close, close);
    expect(() => run([SIX, FOUR])).toThrow(InterruptedError);
    expect(trace.slice(2)).toEqual(['2001:db8::1 abandoned 0 259', '192.0.2.1 abandoned 250 259']);
    kernel.done();
  });

  test.each([
    ['began', 'connecting', undefined],
    ['has won', 'connected', 'EISCONN'],
    ['has failed', 'failed', 'ECONNREFUSED'],
  ] as const)('when whoever hears that an attempt %s throws', (_when, word, decision) => {
    const { kernel, sleeps, run } = stage();
    if (decision !== undefined) {
      kernel.expect(
        ...begins(5),
        sleeps(1, { 5: POLLOUT }),
        { call: 'connect', fails: decision },
        { call: 'close', fd: 5, returns: 0 },
      );
    }
    const onAttempt = ({ outcome }: ConnectionAttempt): void => {
      if (outcome === word) throw new Error('who watches fell over');
    };
    expect(() => run([SIX], { onAttempt })).toThrow('who watches fell over');
    kernel.done();
  });

  test('when the address is none', () => {
    const { kernel, run } = stage();
    kernel.expect({ call: 'socket', returns: 5 }, { call: 'close', fd: 5, returns: 0 });
    expect(() => run([{ ...FOUR, host: 'nonsense' }])).toThrow(TypeError);
    kernel.done();
  });
});

describe('from a local address', () => {
  const from = byFamily([numericAddress('192.0.2.9', 0)]);

  test('of the family', () => {
    const { kernel, run } = stage();
    kernel.expect(
      { call: 'socket', returns: 5 },
      { call: 'bind', fd: 5, returns: 0 },
      { call: 'connect', fd: 5, returns: 0 },
    );
    expect(run([FOUR], { from }).fileno()).toBe(5);
    kernel.done();
  });

  test('which is not there: the attempt fails, and its socket is closed', () => {
    const { kernel, run } = stage();
    kernel.expect(
      { call: 'socket', returns: 5 },
      { call: 'bind', fd: 5, fails: 'EADDRNOTAVAIL' },
      { call: 'close', fd: 5, returns: 0 },
    );
    expect(() => run([FOUR], { from })).toThrow(/no local address for it \(EADDRNOTAVAIL\)/);
    kernel.done();
  });
});
