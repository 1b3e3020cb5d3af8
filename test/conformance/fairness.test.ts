/**
 * What the awaited face does without asking the kernel, and that nothing is missed for it: after a receive
 * that emptied the queue it waits; after a row of calls that succeeded at once it lets the loop run.
 */
import { socketpair, type Socket } from '@wireline/socket/promises';
import { expect, test } from 'vitest';
import { AwaitedScene, READABLE, settle, WRITABLE } from './awaited-scene.ts';
import {
  connectionComes,
  END_OF_STREAM,
  PEER,
  receives,
  receivesFrom,
  receivesMessage,
  takes,
} from './scripted-calls.ts';
import { kept } from './sockets.ts';

const CALLS = [
  ['recv', READABLE, receives(1, 2), (s: Socket) => s.recv(2)],
  ['recvInto', READABLE, receives(1, 2), (s: Socket) => s.recvInto(new Uint8Array(2))],
  ['recvExactly', READABLE, receives(1, 2), (s: Socket) => s.recvExactly(2)],
  ['recvFrom', READABLE, receivesFrom(1, 2), (s: Socket) => s.recvFrom(2)],
  ['recvFromInto', READABLE, receivesFrom(1), (s: Socket) => s.recvFromInto(new Uint8Array(2))],
  ['recvMsg', READABLE, receivesMessage([1, 2]), (s: Socket) => s.recvMsg(2)],
  ['recvFds', READABLE, receivesMessage([1]), (s: Socket) => s.recvFds(2, 1)],
  [
    'sendTo',
    WRITABLE,
    { call: 'sendto', returns: 2 },
    (s: Socket) => s.sendTo(new Uint8Array(2), PEER),
  ],
  [
    'sendMsg',
    WRITABLE,
    { call: 'sendmsg', returns: 2 },
    (s: Socket) => s.sendMsg({ parts: [new Uint8Array(2)] }),
  ],
  ['send', WRITABLE, takes(2), (s: Socket) => s.send(new Uint8Array(2))],
  ['sendAll', WRITABLE, takes(2), (s: Socket) => s.sendAll(new Uint8Array(2))],
  [
    'accept',
    READABLE,
    connectionComes(),
    async (s: Socket) => {
      const { socket } = await s.accept();
      socket.close();
    },
  ],
] as const;

const CALL_COUNT = 100;

/** 32 chunks of 64 KiB are 2 MiB, which take a millisecond: longer nothing else should wait. */
const LONGEST_ROW = 32;

test.each(CALLS)(
  '%s: a peer that is always ready does not keep the loop from running',
  async (_name, bits, step, call) => {
    const scene = new AwaitedScene();
    const { kernel, socket } = scene;
    kernel.expect(...Array.from({ length: CALL_COUNT }, () => step));
    const state = { done: 0 };
    const calling = (async () => {
      for (; state.done < CALL_COUNT; state.done++) await call(socket);
    })();
    await settle();
    // How many calls it made before Node's loop ran again, each time.
    const rows = [state.done];
    for (let before = state.done; before < CALL_COUNT; before = state.done) {
      await scene.turn(bits); // throws when nobody waits: the row would never end
      rows.push(state.done - before);
    }
    await calling;
    expect(Math.max(...rows)).toBeLessThanOrEqual(LONGEST_ROW);
  },
);

test('a queue that was emptied is not asked again: the next receive waits', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect(receives(1));
  await socket.recv(2);
  const waiting = socket.recv(2);
  expect(scene.count('recv')).toBe(1);
  expect(scene.interest).toBe(READABLE);
  kernel.expect(receives(2));
  await scene.turn(READABLE);
  expect([...(await waiting)]).toEqual([2]);
});

test('behind a datagram the next one is asked for: a short one has not emptied the queue', async () => {
  const { kernel, socket } = new AwaitedScene();
  kernel.expect(receivesFrom(1), receivesFrom(2), receivesMessage([3]), receivesMessage([4]));
  expect((await socket.recvFrom(9)).bytes[0]).toBe(1);
  expect((await socket.recvFromInto(new Uint8Array(9))).count).toBe(1);
  expect((await socket.recvMsg(9)).bytes[0]).toBe(3);
  expect((await socket.recvFds(9, 1)).bytes[0]).toBe(4);
  kernel.done();
});

test('what came between two receives is reported by the loop', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect({ call: 'recv', fails: 'EAGAIN' });
  const first = socket.recv(2);
  kernel.expect(receives(1));
  await scene.turn(READABLE);
  await first;
  // It comes while nobody waits. Level-triggered: the loop says so now, and again when somebody asks.
  await scene.turn(READABLE);
  expect(scene.interest).toBe(0);
  const second = socket.recv(2);
  expect(scene.interest).toBe(READABLE);
  kernel.expect(receives(2));
  await scene.turn(READABLE);
  expect([...(await second)]).toEqual([2]);
  kernel.done();
});

test('a receive that filled its buffer asks again at once: there may be more', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect(receives(1, 2), receives(3, 4), receives(5), END_OF_STREAM);
  expect(await socket.recv(2)).toHaveLength(2);
  expect(await socket.recv(2)).toHaveLength(2);
  expect(await socket.recv(2)).toHaveLength(1);
  const last = socket.recv(2);
  await scene.turn(READABLE);
  expect(await last).toHaveLength(0);
  kernel.done();
});

test('ping-pong changes nothing in epoll', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect({ call: 'recv', fails: 'EAGAIN' });
  let waiting = socket.recv(2);
  const changes = scene.count('epollCtl');
  for (let round = 0; round < 5; round++) {
    kernel.expect(receives(1), takes(1));
    await scene.turn(READABLE);
    await waiting;
    await socket.sendAll(Uint8Array.of(1));
    waiting = socket.recv(2);
  }
  expect(scene.count('epollCtl')).toBe(changes);
  socket.close();
  await expect(waiting).rejects.toThrow('the socket is closed');
});

test('a sender that waits does not hear of what can be read', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect({ call: 'send', fails: 'EAGAIN' });
  const sending = socket.sendAll(new Uint8Array(2));
  expect(scene.interest).toBe(WRITABLE);
  kernel.expect(takes(2));
  await scene.turn(WRITABLE);
  await sending;
  expect(scene.interest).toBe(0);
});

test('calls that may not wait are made in the order in which they were', async () => {
  const [one, other] = socketpair();
  kept(one).setBlocking(false);
  kept(other);
  const sent = Array.from({ length: LONGEST_ROW }, (_, value) => one.send(Uint8Array.of(value)));
  await Promise.all(sent);
  expect([...(await other.recv(LONGEST_ROW))]).toEqual([...sent.keys()]);
});
