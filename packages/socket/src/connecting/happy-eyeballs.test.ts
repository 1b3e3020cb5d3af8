import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { formatAddress, type IpAddress } from '../address/address.ts';
import type { ConnectionAttempt } from './connection-attempt.ts';
import { systemError } from '../errors.ts';
import { ConnectionFailedError } from '../errors/connection-failed-error.ts';
import { HappyEyeballs, inTurns, type ConnectPlan } from './happy-eyeballs.ts';
import { ERRNO } from '../libc/errno.ts';
import { numericAddress } from '../names/numeric-host.ts';

const PORT = 80;
const at = (host: string): IpAddress => numericAddress(host, PORT);
const REFUSED = systemError('connect', ERRNO.ECONNREFUSED);

/** A host with these addresses, connecting to which was asked for at the time 1000. */
function host(hosts: readonly string[], plan: Partial<ConnectPlan> = {}) {
  const trace: ConnectionAttempt[] = [];
  const eyeballs = new HappyEyeballs(hosts.map(at), {
    target: 'host.test:80',
    startedAt: 1000,
    onAttempt: (attempt) => void trace.push(attempt),
    ...plan,
  });
  return {
    trace,
    eyeballs,
    /** What is to be done, in short: `begin [::1]:80`, `wait until 1250`. */
    next(now: number): string {
      const step = eyeballs.next(now);
      if (step.do === 'begin') return `begin ${formatAddress(step.address)}`;
      return step.do === 'wait' ? `wait until ${step.until}` : step.error.message;
    },
  };
}

describe('the order', () => {
  test.each([
    [[], []],
    [['127.0.0.1'], ['127.0.0.1']],
    [
      ['::1', '::2', '::3', '127.0.0.1', '127.0.0.2'],
      ['::1', '127.0.0.1', '::2', '127.0.0.2', '::3'],
    ],
    [
      ['127.0.0.1', '127.0.0.2', '::1'],
      ['127.0.0.1', '::1', '127.0.0.2'],
    ],
    [
      ['::1', '127.0.0.1', '::2'],
      ['::1', '127.0.0.1', '::2'],
    ],
  ])('%j becomes %j: families in turns, the best address first', (hosts, expected) => {
    expect(inTurns(hosts.map(at)).map((address) => address.host)).toEqual(expected);
  });

  test('each address once: the same is not tried twice', () => {
    expect(inTurns(['127.0.0.1', '::1', '127.0.0.1', '::1'].map(at))).toHaveLength(2);
    const zones = [1, 2].map((scopeId) => numericAddress('fe80::1', PORT, scopeId));
    expect(inTurns(zones)).toHaveLength(2);
  });

  test('whatever the list: nothing is lost, families alternate while there are two, each keeps its order', () => {
    const address = fc
      .record({ six: fc.boolean(), last: fc.integer({ min: 1, max: 200 }) })
      .map(({ six, last }) => at(six ? `::${last}` : `127.0.0.${last}`));
    fc.assert(
      fc.property(fc.uniqueArray(address, { selector: formatAddress }), (addresses) => {
        const ordered = inTurns(addresses);
        expect(ordered[0]).toEqual(addresses[0]);
        expect(new Set(ordered)).toEqual(new Set(addresses));
        expect(ordered).toHaveLength(addresses.length);
        for (const family of ['inet', 'inet6']) {
          const ofFamily = (each: IpAddress): boolean => each.family === family;
          expect(ordered.filter(ofFamily)).toEqual(addresses.filter(ofFamily));
        }
        const least = Math.min(
          ...['inet', 'inet6'].map((f) => addresses.filter((a) => a.family === f).length),
        );
        for (let turn = 1; turn < 2 * least; turn++) {
          expect(ordered[turn]?.family).not.toBe(ordered[turn - 1]?.family);
        }
      }),
    );
  });
});

describe('when attempts begin', () => {
  test('250 ms after the one before, while those that run go on', () => {
    const { next } = host(['::1', '::2', '127.0.0.1']);
    expect(next(1000)).toBe('begin [::1]:80');
    expect(next(1000)).toBe('wait until 1250');
    expect(next(1249.9)).toBe('wait until 1250');
    expect(next(1250)).toBe('begin 127.0.0.1:80');
    expect(next(1251)).toBe('wait until 1500');
    expect(next(1600)).toBe('begin [::2]:80'); // the thread was busy
    expect(next(1600)).toBe('wait until Infinity');
  });

  test('at once when one fails, whichever it is, and 250 ms count from then on', () => {
    const { eyeballs, next } = host(['::1', '127.0.0.1', '::2', '127.0.0.2']);
    next(1000);
    eyeballs.failed(0, REFUSED, 1003);
    expect(next(1003)).toBe('begin 127.0.0.1:80');
    expect(next(1003)).toBe('wait until 1253');
    expect(next(1253)).toBe('begin [::2]:80');
    eyeballs.failed(1, REFUSED, 1300); // not the last that began
    expect(next(1300)).toBe('begin 127.0.0.2:80');
  });

  test.each([10, 33, 5000])('%d ms after the one before, if that is told', (attemptDelayMs) => {
    const { next } = host(['::1', '127.0.0.1'], { attemptDelayMs });
    next(1000);
    expect(next(1000)).toBe(`wait until ${1000 + attemptDelayMs}`);
    expect(next(1000 + attemptDelayMs)).toBe('begin 127.0.0.1:80');
  });

  test('only when one fails, with an endless delay', () => {
    const { eyeballs, next } = host(['::1', '127.0.0.1'], { attemptDelayMs: Infinity });
    next(1000);
    expect(next(99_000)).toBe('wait until Infinity');
    eyeballs.failed(0, REFUSED, 99_000);
    expect(next(99_000)).toBe('begin 127.0.0.1:80');
  });

  test.each([9.9, 0, -1, Number.NaN])('a delay of %d ms is refused', (attemptDelayMs) => {
    expect(() => host([], { attemptDelayMs })).toThrow(
      new RangeError(
        `begin attempts ${attemptDelayMs} ms apart: attemptDelayMs is a number of at least 10, so that a lost packet is not taken for a broken way (RFC 8305)`,
      ),
    );
  });

  test.each([
    [400, 200], // 2 addresses
    [5000, 250],
    [4, 10],
  ])('with %d ms for two: %d ms after the one before, so that each has its share', (ms, delay) => {
    const { next } = host(['::1', '127.0.0.1'], { timeoutMs: ms });
    next(1000);
    expect(next(1000)).toBe(`wait until ${Math.min(1000 + delay, 1000 + ms)}`);
  });

  test('what the look-up has taken is not shared', () => {
    const { next } = host(['::1', '127.0.0.1'], { timeoutMs: 300 });
    next(1200);
    expect(next(1200)).toBe('wait until 1250');
  });
});

describe('the end', () => {
  test('one connects: the others are abandoned, and the trace tells it', () => {
    const { eyeballs, next, trace } = host(['::1', '127.0.0.1']);
    next(1002);
    next(1252);
    eyeballs.connected(1, 1253);
    expect(trace).toEqual([
      { address: at('::1'), beganMs: 2, outcome: 'connecting' },
      { address: at('127.0.0.1'), beganMs: 252, outcome: 'connecting' },
      { address: at('127.0.0.1'), beganMs: 252, endedMs: 253, outcome: 'connected' },
      { address: at('::1'), beganMs: 2, endedMs: 253, outcome: 'abandoned' },
    ]);
  });

  test('nobody answers: what was tried, and how long it took', () => {
    const { eyeballs, next, trace } = host(['::1', '127.0.0.1']);
    next(1000);
    eyeballs.failed(0, systemError('connect', ERRNO.ENETUNREACH), 1000.4);
    next(1001);
    eyeballs.failed(1, REFUSED, 1003);
    const step = eyeballs.next(1003);
    if (step.do !== 'give up') throw new Error('it did not give up');
    expect(step.error).toBeInstanceOf(ConnectionFailedError);
    expect(step.error).toBeInstanceOf(AggregateError);
    expect(step.error).toMatchObject({
      code: 'connection-failed',
      message:
        'connect host.test:80: none of 2 addresses answered: [::1]:80 network unreachable (ENETUNREACH) after 0 ms; 127.0.0.1:80 refused (ECONNREFUSED) after 2 ms',
      errors: [{ code: 'ENETUNREACH' }, REFUSED],
    });
    expect(step.error.attempts).toEqual([
      expect.objectContaining({ outcome: 'failed', beganMs: 0, endedMs: expect.closeTo(0.4) }),
      { address: at('127.0.0.1'), beganMs: 1, endedMs: 3, outcome: 'failed', error: REFUSED },
    ]);
    expect(trace).toHaveLength(4);
  });

  test('the time is over: those that run have timed out, those that did not begin never will', () => {
    const { next, trace, eyeballs } = host(['::1', '127.0.0.1', '::2'], { timeoutMs: 300 });
    next(1000);
    next(1100);
    eyeballs.failed(0, REFUSED, 1101);
    // At the same moment the third would begin.
    expect(next(1300)).toBe(
      'connect host.test:80: none of 2 addresses answered: [::1]:80 refused (ECONNREFUSED) after 101 ms; 127.0.0.1:80 no answer (ETIMEDOUT) after 200 ms',
    );
    expect(trace.at(-1)).toMatchObject({
      outcome: 'timed-out',
      endedMs: 300,
      error: {
        code: 'ETIMEDOUT',
        message:
          'connect 127.0.0.1:80: no answer within 300 ms: the peer may be down, or a firewall drops the packets (ETIMEDOUT)',
      },
    });
  });

  test('the time was over before the first', () => {
    const { next, trace } = host(['::1'], { timeoutMs: 300 });
    expect(next(1300)).toBe('connect host.test:80: no address was tried');
    expect(trace).toEqual([]);
  });

  test('an attempt ends once', () => {
    const { eyeballs, next } = host(['::1']);
    next(1000);
    eyeballs.failed(0, REFUSED, 1001);
    expect(() => eyeballs.connected(0, 1002)).toThrow('end attempt 0: it is failed');
    expect(() => eyeballs.failed(1, REFUSED, 1002)).toThrow('end attempt 1: it is none');
    const watcher = vi.fn<() => void>();
    eyeballs.abandon(1003);
    expect(watcher).not.toHaveBeenCalled();
  });
});
