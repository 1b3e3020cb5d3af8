/**
 * The listener on a scripted kernel, error by error.
 */
import { describe, expect, test } from 'vitest';
import { turns, uncaughtDuring } from '../../test/uncaught.ts';
import { ACCEPT_PAUSE_MS, acceptVerdict, type AcceptVerdict } from '../listening/accept-policy.ts';
import { systemError, type SystemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import { encodeSockaddr } from '../libc/layouts.ts';
import { SocketDescriptor, type Accepted } from '../descriptor/socket-descriptor.ts';
import { ManualClock, ScriptedKernel, type ScriptedAnswer } from '../testing/index.ts';
import { EventLoop } from './event-loop.ts';
import { Listener, type ListenerHandler } from './listener.ts';

const FD = 5;
const READY = { fd: FD, bits: 1 };
const HERE = { family: 'inet', host: '127.0.0.1', port: 7 } as const;
const fills = encodeSockaddr(HERE);
const BLOCK: ScriptedAnswer = { fails: 'EAGAIN' };

/** A connection that is accepted as descriptor `fd`. */
const connection = (fd: number): ScriptedAnswer => ({ returns: fd, fills });

/** Notes everything that the listener tells. */
class Ear implements ListenerHandler {
  readonly heard: string[] = [];

  onConnection({ socket }: Accepted): void {
    this.heard.push(`connection ${socket.fileno()}`);
  }

  onStarved(error: SystemError): void {
    this.heard.push(`pause ${error.code}`);
  }

  onRecovered(): void {
    this.heard.push('resume');
  }

  onError(error: SystemError): void {
    this.heard.push(`error ${error.code}`);
  }
}

/** A listener whose `accept4` gives `answers`, one after the other. */
function scripted(answers: readonly ScriptedAnswer[], ear: ListenerHandler = new Ear()) {
  const kernel = new ScriptedKernel({
    always: {
      epollCreate1: { returns: 3 },
      epollCtl: { returns: 0 },
      close: { returns: 0 },
      getsockname: { returns: 0, fills },
    },
  });
  for (const answer of answers) kernel.expect({ call: 'accept4', fd: FD, ...answer });
  const clock = new ManualClock();
  const loop = new EventLoop({ libc: kernel.libc });
  const socket = new SocketDescriptor({ fd: FD, libc: kernel.libc });
  const listener = new Listener(socket, ear, { loop, clock });
  return { kernel, clock, loop, socket, listener };
}

/** The interests that epoll was told of, `undefined` for taking the descriptor out. */
function interests(kernel: ScriptedKernel): unknown[] {
  return kernel.calls
    .filter(({ call }) => call === 'epollCtl')
    .map((made) => (made.arguments[1] === 2 ? undefined : made.arguments[3]));
}

test('takes what waits, until nothing does', async () => {
  const ear = new Ear();
  const { kernel, listener } = scripted([connection(6), connection(7), BLOCK], ear);
  expect(listener.address).toEqual(HERE);
  await kernel.turn(READY);
  kernel.done();
  expect(ear.heard).toEqual(['connection 6', 'connection 7']);
});

/** Every error number for which the policy has this verdict. */
function errorsWith(verdict: AcceptVerdict): SystemError[] {
  return Object.entries(ERRNO)
    .filter(([name]) => name !== 'EAGAIN' && name !== 'EINTR')
    .map(([, errno]) => systemError('accept4', errno))
    .filter((error) => acceptVerdict(error) === verdict);
}

test.each(errorsWith('skip'))('$code is skipped: the next one is taken', async ({ errno }) => {
  const ear = new Ear();
  const { kernel, clock } = scripted([{ fails: errno }, connection(6), BLOCK], ear);
  await kernel.turn(READY);
  kernel.done();
  expect(ear.heard).toEqual(['connection 6']);
  expect(clock.pending).toBe(0);
});

test.each(errorsWith('fail'))('$code is the end: closed and reported', async ({ code, errno }) => {
  const ear = new Ear();
  const { kernel, clock, loop, socket } = scripted([{ fails: errno }], ear);
  await kernel.turn(READY);
  kernel.done();
  expect(ear.heard).toEqual([`error ${code}`]);
  expect(socket.closed).toBe(true);
  expect(loop.size).toBe(0);
  expect(clock.pending).toBe(0);
});

test.each(errorsWith('pause'))('$code pauses, once for each shortage', async ({ code, errno }) => {
  const ear = new Ear();
  const { kernel, clock } = scripted([{ fails: errno }], ear);
  await kernel.turn(READY);
  kernel.done();
  expect(interests(kernel), 'it waits for nothing').toEqual([1, 0]);
  clock.advance(ACCEPT_PAUSE_MS - 1);
  expect(interests(kernel)).toEqual([1, 0]);
  clock.advance(1);
  expect(interests(kernel)).toEqual([1, 0, 1]);

  kernel.expect({ call: 'accept4', fails: errno });
  await kernel.turn(READY);
  expect(interests(kernel), 'still none: it rests again').toEqual([1, 0, 1, 0]);
  expect(ear.heard).toEqual([`pause ${code}`]);

  clock.advance(ACCEPT_PAUSE_MS);
  kernel.expect({ call: 'accept4', ...connection(6) }, { call: 'accept4', fails: errno });
  await kernel.turn(READY);
  expect(ear.heard).toEqual([`pause ${code}`, 'connection 6', 'resume', `pause ${code}`]);
});

describe('a paused listener', () => {
  test('tries again as soon as a descriptor comes free', async () => {
    const ear = new Ear();
    const { kernel, clock, listener } = scripted([{ fails: 'EMFILE' }], ear);
    await kernel.turn(READY);
    listener.descriptorFreed();
    expect(interests(kernel)).toEqual([1, 0, 1]);
    expect(clock.pending, 'the alarm is off').toBe(0);
    listener.descriptorFreed();
    expect(interests(kernel), 'only news to one that pauses').toEqual([1, 0, 1]);
  });

  test('can be closed, also by who hears of the pause', async () => {
    const ear = new Ear();
    ear.onStarved = () => listener.close();
    const { kernel, clock, loop, listener, socket } = scripted([{ fails: 'ENFILE' }], ear);
    await kernel.turn(READY);
    expect(socket.closed).toBe(true);
    expect(clock.pending).toBe(0);
    expect(loop.size).toBe(0);
    listener.descriptorFreed();
    listener.close();
    expect(interests(kernel)).toEqual([1, 0, undefined]);
  });
});

test('a flood: 64 in one turn, the rest in the next', async () => {
  const ear = new Ear();
  const flood = Array.from({ length: 100 }, (_, i) => connection(100 + i));
  const { kernel } = scripted([...flood, BLOCK], ear);
  await kernel.turn(READY);
  expect(ear.heard).toHaveLength(64);
  await kernel.turn(READY);
  expect(ear.heard).toHaveLength(100);
  kernel.done();
});

test('a flood of connections that are gone again ends the turn too', async () => {
  const gone = Array.from({ length: 100 }, (): ScriptedAnswer => ({ fails: 'ECONNABORTED' }));
  const { kernel } = scripted([...gone, BLOCK]);
  await kernel.turn(READY);
  expect(kernel.callNames.filter((name) => name === 'accept4')).toHaveLength(64);
});

test('close takes the descriptor out of epoll first; the rest of the backlog is left alone', async () => {
  const ear = new Ear();
  ear.onConnection = () => listener.close();
  const { kernel, listener, socket } = scripted([connection(6), connection(7)], ear);
  await kernel.turn(READY);
  expect(socket.closed).toBe(true);
  expect(kernel.callNames.slice(-3)).toEqual(['accept4', 'epollCtl', 'close']);
});

test.each(['EMFILE', 'ECONNABORTED', 'EBADF'] as const)(
  'a handler’s own %s is not taken for one of accept',
  async (code) => {
    const ear = new Ear();
    const own = systemError('socket', ERRNO[code]);
    ear.onConnection = () => {
      throw own;
    };
    const { kernel, clock, socket } = scripted([connection(6)], ear);
    const errors = await uncaughtDuring(async () => {
      await kernel.turn(READY);
      await turns(2);
    });
    expect(errors).toEqual([own]);
    expect(ear.heard).toEqual([]);
    expect(socket.closed).toBe(false);
    expect(clock.pending).toBe(0);
  },
);
