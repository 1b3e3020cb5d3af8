import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { accept, closing, FAMILIES, listening, loopback } from '../../test/loopback.ts';
import { formatAddress } from '../address/address.ts';
import {
  ConnectionRefusedError,
  SocketClosedError,
  TimeoutError,
  UnreachableError,
} from '../errors.ts';
import type { ErrnoName } from '../libc/errno.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { ManualClock, ScriptedKernel, type ScriptedStep } from '../testing/index.ts';
import { systemClock } from './clock.ts';
import { connect, CONNECT_TIMEOUT_MS, type ConnectOptions } from './connect.ts';
import { currentEventLoop, EventLoop } from './event-loop.ts';

const FD = 5;
const PEER = { family: 'inet', host: '192.0.2.1', port: 7 } as const;
const WRITABLE = { fd: FD, bits: 4 };
const IN_PROGRESS: ScriptedStep = { call: 'connect', fails: 'EINPROGRESS' };

/** What the same call answers once more: how it went. */
const decided = (code: ErrnoName): ScriptedStep => ({ call: 'connect', fails: code });

/** An attempt under way, on a scripted kernel. */
function attempt(script: readonly ScriptedStep[], options: ConnectOptions = {}) {
  const kernel = new ScriptedKernel({
    script: [{ call: 'epollCreate1', returns: 3 }, ...script],
    always: {
      socket: { returns: FD },
      epollCtl: { returns: 0 },
      close: { returns: 0 },
    },
  });
  const loop = new EventLoop({ libc: kernel.libc });
  const clock = new ManualClock();
  const outcome = connect(PEER, { libc: kernel.libc, loop, clock, ...options }).then(
    (socket) => ({ socket, error: undefined }),
    (error: unknown) => ({ socket: undefined, error }),
  );
  return { kernel, loop, clock, outcome };
}

/** Nothing is registered, no timer runs; `last` are the last calls. */
function expectTidy(
  { kernel, loop, clock }: Omit<ReturnType<typeof attempt>, 'outcome'>,
  ...last: readonly string[]
): void {
  expect(loop.size).toBe(0);
  expect(clock.pending).toBe(0);
  expect(kernel.callNames.slice(-last.length)).toEqual(last);
  kernel.done();
}

describe('success', () => {
  test('at once', async () => {
    const made = attempt([{ call: 'connect', returns: 0 }]);
    const { socket } = await made.outcome;
    expect(socket?.fileno()).toBe(FD);
    expectTidy(made, 'socket', 'connect');
  });

  test.each(['EINPROGRESS', 'EINTR'] as const)('after %s, when it is writable', async (fails) => {
    const made = attempt([{ call: 'connect', fails }, decided('EISCONN')]);
    expect(made.loop.size).toBe(1);
    await made.kernel.turn(WRITABLE);
    const { socket } = await made.outcome;
    expect(socket?.fileno()).toBe(FD);
    expectTidy(made, 'connect', 'epollCtl', 'epollWait', 'connect', 'epollCtl');
  });
});

describe('failure closes the socket, after it left the loop', () => {
  test('at once', async () => {
    const made = attempt([{ call: 'connect', fails: 'ENETUNREACH' }]);
    const { error } = await made.outcome;
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ syscall: 'connect', address: '192.0.2.1:7' });
    expectTidy(made, 'connect', 'close');
  });

  test('refused', async () => {
    const made = attempt([IN_PROGRESS, decided('ECONNREFUSED')]);
    await made.kernel.turn({ fd: FD, bits: 4 | 8 | 16 });
    const { error } = await made.outcome;
    expect(error).toBeInstanceOf(ConnectionRefusedError);
    expect(error).toMatchObject({
      message:
        'connect 192.0.2.1:7: refused: nothing listens there; check host and port, and that the server runs (ECONNREFUSED)',
    });
    expectTidy(made, 'connect', 'epollCtl', 'close');
  });

  test.each([
    [undefined, CONNECT_TIMEOUT_MS],
    [250, 250],
  ])('no answer within the time: %s', async (timeoutMs, ms) => {
    const made = attempt([IN_PROGRESS], timeoutMs === undefined ? {} : { timeoutMs });
    made.clock.advance(ms - 1);
    expect(made.loop.size).toBe(1);
    made.clock.advance(1);
    const { error } = await made.outcome;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'ETIMEDOUT', address: '192.0.2.1:7' });
    expectTidy(made, 'connect', 'epollCtl', 'epollCtl', 'close');
  });

  test('the loop cannot watch it', async () => {
    const made = attempt([IN_PROGRESS, { call: 'epollCtl', fails: 'ENOSPC' }]);
    const { error } = await made.outcome;
    expect(error).toMatchObject({ code: 'ENOSPC', syscall: 'epoll_ctl' });
    expectTidy(made, 'epollCtl', 'close');
  });
});

describe('what cannot happen, happens', () => {
  test('a time-out that is no time: nothing is registered', async () => {
    const clock = { now: () => 0, after: systemClock.after };
    const made = attempt([IN_PROGRESS], { clock, timeoutMs: Number.NaN });
    expect((await made.outcome).error).toBeInstanceOf(RangeError);
    expectTidy(made, 'connect', 'close');
  });

  test('a wake-up before it is decided: the wait goes on', async () => {
    const made = attempt([IN_PROGRESS, { call: 'connect', fails: 'EALREADY' }]);
    await made.kernel.turn(WRITABLE);
    expect(made.loop.size).toBe(1);
    made.kernel.expect(decided('EISCONN'));
    await made.kernel.turn(WRITABLE);
    expect((await made.outcome).socket?.fileno()).toBe(FD);
    expectTidy(made, 'connect', 'epollCtl');
  });

  test('the loop is closed: nobody would wake it any more', async () => {
    const made = attempt([IN_PROGRESS]);
    made.loop.close();
    expect((await made.outcome).error).toBeInstanceOf(SocketClosedError);
    expect(made.clock.pending).toBe(0);
    expect(made.kernel.callNames.at(-1)).toBe('close');
  });
});

describe('a signal', () => {
  const reason = new Error('the user left');

  test('that was given before: nothing is opened', async () => {
    const made = attempt([], { signal: AbortSignal.abort(reason) });
    expect(await made.outcome).toEqual({ socket: undefined, error: reason });
    expectTidy(made, 'epollCreate1');
  });

  test('during the attempt gives it up', async () => {
    const controller = new AbortController();
    const made = attempt([IN_PROGRESS], { signal: controller.signal });
    controller.abort(reason);
    expect(await made.outcome).toEqual({ socket: undefined, error: reason });
    expectTidy(made, 'connect', 'epollCtl', 'epollCtl', 'close');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('that comes too late changes nothing', async () => {
    const controller = new AbortController();
    const made = attempt([IN_PROGRESS, decided('EISCONN')], { signal: controller.signal });
    await made.kernel.turn(WRITABLE);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    controller.abort(reason);
    const { socket } = await made.outcome;
    expect(socket?.closed).toBe(false);
  });
});

describe.for(FAMILIES)('real sockets, $name', ({ family, missing }) => {
  test.skipIf(missing)('success', async () => {
    const listener = listening(family);
    const before = currentEventLoop().size;
    const socket = closing(await connect(listener.getsockname()));
    const { address } = await accept(listener);
    expect(socket.getsockname()).toEqual(address);
    expect(currentEventLoop().size).toBe(before);
  });

  test.skipIf(missing)('refused', async () => {
    const silent = closing(new SocketDescriptor({ family }));
    silent.bind(loopback(family)); // bound but not listening: nobody else gets the port
    const address = silent.getsockname();
    const before = currentEventLoop().size;
    await expect(connect(address)).rejects.toThrow(`connect ${formatAddress(address)}: refused`);
    expect(currentEventLoop().size).toBe(before);
  });
});
