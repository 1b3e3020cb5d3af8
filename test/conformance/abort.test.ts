/** Giving a call up by an `AbortSignal`: only the awaited face can be told anything while it waits. */
import { ERRNO } from '@wireline/socket';
import { getEventListeners } from 'node:events';
import type { Socket, WaitOptions } from '@wireline/socket/promises';
import { describe, expect, test } from 'vitest';
import { AwaitedScene, READABLE, settle, WRITABLE } from './awaited-scene.ts';
import {
  connectEnds,
  connectionComes,
  PEER,
  receives,
  receivesFrom,
  receivesMessage,
  takes,
} from './scripted-calls.ts';
import type { WaitingCall } from './scripted-stage.ts';

const REASON = new Error('enough');
const BYTES = Uint8Array.of(1, 2, 3);

interface AbortableCall {
  readonly name: string;
  readonly asks: WaitingCall;
  readonly bits: number;
  readonly call: (socket: Socket, options: WaitOptions) => Promise<unknown>;
}

const CALLS: readonly AbortableCall[] = [
  { name: 'accept', asks: 'accept4', bits: READABLE, call: (s, o) => s.accept(o) },
  { name: 'recv', asks: 'recv', bits: READABLE, call: (s, o) => s.recv(3, o) },
  {
    name: 'recvInto',
    asks: 'recv',
    bits: READABLE,
    call: (s, o) => s.recvInto(new Uint8Array(3), o),
  },
  { name: 'recvExactly', asks: 'recv', bits: READABLE, call: (s, o) => s.recvExactly(3, o) },
  { name: 'recvFrom', asks: 'recvfrom', bits: READABLE, call: (s, o) => s.recvFrom(3, o) },
  {
    name: 'recvFromInto',
    asks: 'recvfrom',
    bits: READABLE,
    call: (s, o) => s.recvFromInto(new Uint8Array(3), o),
  },
  { name: 'recvMsg', asks: 'recvmsg', bits: READABLE, call: (s, o) => s.recvMsg(3, o) },
  { name: 'recvFds', asks: 'recvmsg', bits: READABLE, call: (s, o) => s.recvFds(3, 1, o) },
  { name: 'sendTo', asks: 'sendto', bits: WRITABLE, call: (s, o) => s.sendTo(BYTES, PEER, o) },
  {
    name: 'sendMsg',
    asks: 'sendmsg',
    bits: WRITABLE,
    call: (s, o) => s.sendMsg({ parts: [BYTES] }, o),
  },
  {
    name: 'sendMsg to somebody',
    asks: 'sendmsg',
    bits: WRITABLE,
    call: (s, o) => s.sendMsg({ parts: [BYTES], to: PEER }, o),
  },
  { name: 'send', asks: 'send', bits: WRITABLE, call: (s, o) => s.send(BYTES, o) },
  { name: 'sendAll', asks: 'send', bits: WRITABLE, call: (s, o) => s.sendAll(BYTES, o) },
  { name: 'connect', asks: 'connect', bits: WRITABLE, call: (s, o) => s.connect(PEER, o) },
  { name: 'connectEx', asks: 'connect', bits: WRITABLE, call: (s, o) => s.connectEx(PEER, o) },
];

/** A signal, and how many listen to it. */
class WatchedSignal {
  readonly #controller = new AbortController();

  get options(): WaitOptions {
    return { signal: this.#controller.signal };
  }

  abort(): void {
    this.#controller.abort(REASON);
  }

  /** How many would hear of it. */
  get listeners(): number {
    return getEventListeners(this.#controller.signal, 'abort').length;
  }
}

describe.each(CALLS)('$name', ({ name, asks, bits, call }) => {
  const blocked = { call: asks, fails: asks === 'connect' ? 'EINPROGRESS' : 'EAGAIN' } as const;
  const succeeds = {
    accept4: [connectionComes()],
    recv: [receives(1, 2, 3)],
    recvfrom: [receivesFrom(1, 2, 3)],
    recvmsg: [receivesMessage([1, 2, 3])],
    send: [takes(3)],
    sendto: [{ call: 'sendto', returns: 3 } as const],
    sendmsg: [{ call: 'sendmsg', returns: 3 } as const],
    connect: [connectEnds('well')],
  }[asks];

  test('a signal that is aborted already: the kernel is not asked', async () => {
    const { kernel, socket } = new AwaitedScene();
    const signal = new WatchedSignal();
    signal.abort();
    await expect(call(socket, signal.options)).rejects.toBe(REASON);
    expect(kernel.callNames).not.toContain(asks);
  });

  test('aborted while waiting: nothing is taken, and nothing left behind', async () => {
    const { kernel, clock, socket } = new AwaitedScene();
    const signal = new WatchedSignal();
    socket.setTimeout(500);
    kernel.expect(blocked);
    const waiting = call(socket, signal.options);
    await settle();
    expect(signal.listeners).toBe(1);
    signal.abort();
    await expect(waiting).rejects.toBe(REASON);
    expect(clock.pending).toBe(0);
    kernel.done();
  });

  test('aborted in the very tick of the call', async () => {
    const { kernel, socket } = new AwaitedScene();
    const signal = new WatchedSignal();
    // Whether the kernel is asked before the abort is the call's own business.
    if (asks !== 'connect') kernel.expect(blocked);
    const waiting = call(socket, signal.options);
    signal.abort();
    const outcome = await Promise.race([waiting.catch((reason: unknown) => reason), settle()]);
    expect(outcome).toBe(REASON);
  });

  test('aborted when it has been done: it stays done', async () => {
    const scene = new AwaitedScene();
    const { kernel, socket } = scene;
    const signal = new WatchedSignal();
    kernel.expect(blocked);
    const waiting = call(socket, signal.options);
    await settle();
    kernel.expect(...succeeds);
    const turn = scene.turn(bits);
    await turn;
    expect(signal.listeners).toBe(0);
    signal.abort();
    const result = await waiting;
    kernel.done();
    if (asks === 'accept4') (result as { socket: Socket }).socket.close(); // what accept gives
  });

  test('a signal that is never aborted is not listened to afterwards', async () => {
    const scene = new AwaitedScene();
    const { kernel, socket } = scene;
    const signal = new WatchedSignal();
    kernel.expect(blocked);
    const waiting = call(socket, signal.options);
    await settle();
    kernel.expect({ call: asks, fails: 'ENOBUFS' });
    const outcome = waiting.catch((reason: unknown) => reason);
    await scene.turn(bits);
    const failure = name === 'connectEx' ? ERRNO.ENOBUFS : { code: 'ENOBUFS' };
    expect([await outcome]).toMatchObject([failure]);
    expect(signal.listeners).toBe(0);
  });
});

test('what comes after an abort is for the next receive', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  const signal = new WatchedSignal();
  kernel.expect({ call: 'recv', fails: 'EAGAIN' });
  const aborted = socket.recv(3, signal.options);
  signal.abort();
  await expect(aborted).rejects.toBe(REASON);
  await scene.turn(READABLE); // nobody waits: not a byte is taken
  expect(scene.interest).toBe(0);
  kernel.expect(receives(1, 2, 3));
  expect([...(await socket.recv(3))]).toEqual([1, 2, 3]);
  kernel.done();
});

test('between the parts of recvExactly', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  const signal = new WatchedSignal();
  kernel.expect(receives(1));
  const waiting = socket.recvExactly(3, signal.options);
  await settle();
  kernel.expect(receives(2));
  await scene.turn(READABLE);
  signal.abort();
  await expect(waiting).rejects.toBe(REASON);
  kernel.done();
});

test('between the parts of sendAll: no more is sent', async () => {
  const { kernel, socket } = new AwaitedScene();
  const signal = new WatchedSignal();
  kernel.expect(takes(1));
  const waiting = socket.sendAll(BYTES, signal.options);
  signal.abort();
  await expect(waiting).rejects.toBe(REASON);
  await settle();
  kernel.done();
});

test('the other direction does not hear of it', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  const signal = new WatchedSignal();
  kernel.expect({ call: 'recv', fails: 'EAGAIN' }, { call: 'send', fails: 'EAGAIN' });
  const receiving = socket.recv(3, signal.options);
  const sending = socket.send(BYTES);
  signal.abort();
  await expect(receiving).rejects.toBe(REASON);
  kernel.expect(takes(3));
  await scene.turn(WRITABLE);
  expect(await sending).toBe(3);
});

test('iterating', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  const signal = new WatchedSignal();
  kernel.expect(receives(1));
  const chunks: number[][] = [];
  const iterating = (async () => {
    for await (const chunk of socket.chunks(signal.options)) chunks.push([...chunk]);
  })();
  await settle();
  signal.abort();
  await expect(iterating).rejects.toBe(REASON);
  expect(chunks).toEqual([[1]]);
});
