/**
 * The event loop on a kernel that follows a script: which calls it makes, and which events reach whom.
 */
import { describe, expect, test } from 'vitest';
import { turns, uncaughtDuring } from '../../test/uncaught.ts';
import { ResourceExhaustedError } from '../errors.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { ScriptedKernel, type ScriptedStep } from '../testing/index.ts';
import { EventLoop } from './event-loop.ts';
import { EVENT_HANGUP, EVENT_READ, EVENT_WRITE } from './registration.ts';

const EPFD = 3;
const [ADD, DEL, MOD] = [1, 2, 3];
const [IN, OUT, ERR, HUP] = [1, 4, 8, 16];

function start(...script: readonly ScriptedStep[]): { kernel: ScriptedKernel; loop: EventLoop } {
  const kernel = new ScriptedKernel({
    script: [{ call: 'epollCreate1', returns: EPFD }, ...script],
    always: { epollCtl: { returns: 0 }, close: { returns: 0 } },
  });
  return { kernel, loop: new EventLoop({ libc: kernel.libc }) };
}

/** What was asked of epoll: operation, descriptor, interest. */
function changes(kernel: ScriptedKernel): unknown[] {
  return kernel.calls
    .filter(({ call }) => call === 'epollCtl')
    .map((made) => made.arguments.slice(1));
}

const ignore = { onReady: () => {} };

test('a change of interest costs a call only when something changes', () => {
  const { kernel, loop } = start();
  const registration = loop.register(7, 'read', ignore);
  registration.modify('read');
  registration.modify('read-write');
  registration.modify('write');
  registration.modify('none');
  registration.modify('none');
  registration.unregister();
  registration.unregister();
  registration.modify('read');
  expect(changes(kernel)).toEqual([
    [ADD, 7, IN],
    [MOD, 7, IN | OUT],
    [MOD, 7, OUT],
    [MOD, 7, 0],
    [DEL, 7, 0],
  ]);
});

test('unregister takes the descriptor out of epoll before it is closed', () => {
  const { kernel, loop } = start();
  const socket = new SocketDescriptor({ fd: 7, libc: kernel.libc });
  const registration = loop.register(socket.fileno(), 'read', ignore);
  registration.unregister();
  socket.close();
  expect(kernel.callNames).toEqual(['epollCreate1', 'epollCtl', 'epollCtl', 'close']);
});

test.each([
  ['EPOLLIN', IN, EVENT_READ],
  ['EPOLLOUT', OUT, EVENT_WRITE],
  ['EPOLLIN and EPOLLOUT', IN | OUT, EVENT_READ | EVENT_WRITE],
  ['EPOLLERR', ERR, EVENT_READ | EVENT_WRITE | EVENT_HANGUP],
  ['EPOLLHUP and EPOLLIN', HUP | IN, EVENT_READ | EVENT_WRITE | EVENT_HANGUP],
])('%s is told', async (_, bits, expected) => {
  const { kernel, loop } = start();
  const told: number[] = [];
  loop.register(7, 'read-write', { onReady: (events) => told.push(events) });
  await kernel.turn({ fd: 7, bits });
  expect(told).toEqual([expected]);
});

test('one epoll_wait serves all that are ready, and does not wait', async () => {
  const { kernel, loop } = start();
  const told: number[] = [];
  for (const fd of [7, 8, 9]) loop.register(fd, 'read', { onReady: () => told.push(fd) });
  await kernel.turn({ fd: 9, bits: IN }, { fd: 7, bits: IN });
  expect(told).toEqual([9, 7]);
  const waits = kernel.calls.filter(({ call }) => call === 'epollWait');
  expect(waits).toEqual([{ call: 'epollWait', arguments: [EPFD, 1024, 0] }]);
});

describe('a descriptor number that is used again', () => {
  test('within one batch of events: the new owner does not get the old one’s', async () => {
    const { kernel, loop } = start();
    const told: string[] = [];
    const second = { onReady: () => told.push('old 8') };
    loop.register(7, 'read', {
      onReady() {
        told.push('7');
        old.unregister();
        loop.register(8, 'read', { onReady: () => told.push('new 8') });
      },
    });
    const old = loop.register(8, 'read', second);
    // The kernel stored the old generation with both events before the first was handled.
    await kernel.turn({ fd: 7, bits: IN }, { fd: 8, bits: IN, generation: old.generation });
    expect(told).toEqual(['7']);
    await kernel.turn({ fd: 8, bits: IN });
    expect(told).toEqual(['7', 'new 8']);
  });

  test('later: an event of an earlier generation is nobody’s', async () => {
    const { kernel, loop } = start();
    const told: string[] = [];
    const old = loop.register(8, 'read', { onReady: () => told.push('old') });
    old.unregister();
    const young = loop.register(8, 'read', { onReady: () => told.push('new') });
    expect(young.generation).not.toBe(old.generation);
    await kernel.turn({ fd: 8, bits: IN, generation: old.generation });
    expect(told).toEqual([]);
  });

  test('unregistered in the same batch: nobody is called', async () => {
    const { kernel, loop } = start();
    const told: string[] = [];
    loop.register(7, 'read', { onReady: () => registration.unregister() });
    const registration = loop.register(8, 'read', { onReady: () => told.push('8') });
    await kernel.turn({ fd: 7, bits: IN }, { fd: 8, bits: IN });
    expect(told).toEqual([]);
  });
});

describe('register', () => {
  test('a descriptor has one owner', () => {
    const { kernel, loop } = start();
    loop.register(7, 'read', ignore);
    expect(() => loop.register(7, 'write', ignore)).toThrow(
      new Error('register descriptor 7: it is registered already; unregister it first'),
    );
    expect(loop.size).toBe(1);
    expect(changes(kernel)).toEqual([[ADD, 7, IN]]);
  });

  test('what epoll refuses is not registered', () => {
    const { loop } = start({ call: 'epollCtl', fails: 'EBADF' });
    expect(() => loop.register(7, 'read', ignore)).toThrow(
      expect.objectContaining({ code: 'EBADF', syscall: 'epoll_ctl' }),
    );
    expect(loop.size).toBe(0);
    loop.register(7, 'read', ignore);
    expect(loop.size).toBe(1);
  });

  test('a loop without a descriptor left is an error, not an abort', () => {
    const kernel = new ScriptedKernel({ script: [{ call: 'epollCreate1', fails: 'EMFILE' }] });
    expect(() => new EventLoop({ libc: kernel.libc })).toThrow(ResourceExhaustedError);
  });
});

describe('close', () => {
  test('closes one descriptor, once, and unregisters all', async () => {
    const { kernel, loop } = start();
    const told: string[] = [];
    const registration = loop.register(7, 'read', { onReady: () => told.push('7') });
    loop.register(8, 'read', ignore);
    loop.close();
    loop.close();
    registration.modify('write');
    registration.unregister();
    expect(loop.size).toBe(0);
    expect(kernel.calls.filter(({ call }) => call === 'close')).toEqual([
      { call: 'close', arguments: [EPFD] },
    ]);
    await expect(kernel.turn({ fd: 7, bits: IN })).rejects.toThrow('no event loop is watching');
    expect(told).toEqual([]);
    expect(() => loop.register(9, 'read', ignore)).toThrow('the event loop is closed');
  });

  test('succeeds although a registered descriptor is no longer open', () => {
    const { kernel, loop } = start({ call: 'epollCtl', returns: 0 });
    loop.register(7, 'read', ignore);
    kernel.expect({ call: 'epollCtl', fails: 'EBADF' });
    loop.close();
    expect(kernel.callNames.at(-1)).toBe('close');
  });

  test('in the middle of a turn: the rest of the events is dropped', async () => {
    const { kernel, loop } = start();
    const told: string[] = [];
    loop.register(7, 'read', { onReady: () => loop.close() });
    loop.register(8, 'read', { onReady: () => told.push('8') });
    await kernel.turn({ fd: 7, bits: IN }, { fd: 8, bits: IN });
    expect(told).toEqual([]);
  });

  test('between the news and the turn: there is no turn', async () => {
    const { kernel, loop } = start();
    loop.register(7, 'read', ignore);
    const turn = kernel.turn({ fd: 7, bits: IN });
    loop.close();
    await turn;
    expect(kernel.callNames).not.toContain('epollWait');
  });
});

describe('a handler that throws', () => {
  test('becomes an uncaught exception; the others and the end of the turn have theirs', async () => {
    const { kernel, loop } = start();
    const told: string[] = [];
    const [first, third] = [new Error('first'), new Error('third')];
    const fail = (error: Error) => () => {
      loop.atEndOfTurn({ run: () => told.push(`after ${error.message}`) });
      throw error;
    };
    loop.register(7, 'read', { onReady: fail(first) });
    loop.register(8, 'read', { onReady: () => told.push('8') });
    loop.register(9, 'read', { onReady: fail(third) });
    const batch = [7, 8, 9].map((fd) => ({ fd, bits: IN }));
    const errors = await uncaughtDuring(async () => {
      for (let i = 0; i < 2; i++) {
        await kernel.turn(...batch);
        await turns(2); // each exception takes one
      }
    });
    const turn = ['8', 'after first', 'after third'];
    expect(told, 'though it throws each time').toEqual([...turn, ...turn]);
    expect(errors).toEqual([first, third, first, third]);
  });
});

describe('to interrupt the loop', () => {
  test('is told to whoever wants to hear it, and nothing else changes', () => {
    const { kernel, loop } = start();
    const told: string[] = [];
    loop.register(7, 'read', { onReady: () => {}, onInterrupted: () => told.push('7') });
    loop.register(8, 'read', ignore);
    loop.register(9, 'none', { onReady: () => {}, onInterrupted: () => told.push('9') });
    const before = kernel.calls.length;
    loop.interrupt();
    expect(told).toEqual(['7', '9']);
    expect(kernel.calls.length).toBe(before);
    expect(loop.size).toBe(3);
  });

  test('is not told to one that ends meanwhile, nor to one that begins', () => {
    const { loop } = start();
    const told: string[] = [];
    const hears = (name: string) => ({ onReady: () => {}, onInterrupted: () => told.push(name) });
    loop.register(7, 'read', {
      onReady: () => {},
      onInterrupted() {
        second.unregister();
        loop.register(9, 'read', hears('9'));
      },
    });
    const second = loop.register(8, 'read', hears('8'));
    loop.interrupt();
    expect(told).toEqual([]);
  });

  test('costs no other his turn when one throws', async () => {
    const { loop } = start();
    const told: string[] = [];
    const fault = new Error('the first');
    const fail = (): never => {
      throw fault;
    };
    loop.register(7, 'read', { onReady: () => {}, onInterrupted: fail });
    loop.register(8, 'read', { onReady: () => {}, onInterrupted: () => told.push('8') });
    const errors = await uncaughtDuring(async () => {
      loop.interrupt();
      await turns(2);
    });
    expect(told).toEqual(['8']);
    expect(errors).toEqual([fault]);
  });
});
