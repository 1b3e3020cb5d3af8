/**
 * Two calls of one direction at the same time: the second one fails, and the first one is not harmed. In the
 * face that blocks there are no two at the same time.
 */
import { SocketBusyError } from '@wireline/socket';
import type { Socket } from '@wireline/socket/promises';
import type { ScriptedStep } from '@wireline/socket/testing';
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

/** A call, and what the kernel answers when it succeeds. */
type Call = readonly [
  name: string,
  call: (socket: Socket) => Promise<unknown>,
  succeeds: ScriptedStep,
];

const BYTES = Uint8Array.of(1, 2, 3);

const COMES = receives(1, 2, 3);
const COMES_FROM = receivesFrom(1, 2, 3);
const MESSAGE_COMES = receivesMessage([1, 2, 3]);

const RECEIVES: readonly Call[] = [
  ['recv', (s) => s.recv(3), COMES],
  ['recvInto', (s) => s.recvInto(new Uint8Array(3)), COMES],
  ['recvExactly', (s) => s.recvExactly(3), COMES],
  ['iteration', (s) => s[Symbol.asyncIterator]().next(), COMES],
  ['recvFrom', (s) => s.recvFrom(3), COMES_FROM],
  ['recvFromInto', (s) => s.recvFromInto(new Uint8Array(3)), COMES_FROM],
  ['recvMsg', (s) => s.recvMsg(3), MESSAGE_COMES],
  ['recvFds', (s) => s.recvFds(3, 1), MESSAGE_COMES],
];
const SENDS: readonly Call[] = [
  ['send', (s) => s.send(BYTES), takes(3)],
  ['sendAll', (s) => s.sendAll(BYTES), takes(3)],
  ['sendTo', (s) => s.sendTo(BYTES, PEER), { call: 'sendto', returns: 3 }],
  ['sendMsg', (s) => s.sendMsg({ parts: [BYTES] }), { call: 'sendmsg', returns: 3 }],
];

function pairs(calls: readonly Call[]): (readonly [string, string, Call[1], Call[1], Call[2]])[] {
  return calls.flatMap(([first, a, succeeds]) =>
    calls.map(([second, b]) => [second, first, b, a, succeeds] as const),
  );
}

describe('a second receive', () => {
  test.each(pairs(RECEIVES))('%s while %s waits', async (_second, _first, second, first, step) => {
    const scene = new AwaitedScene();
    const { kernel, socket } = scene;
    kernel.expect({ call: step.call, fails: 'EAGAIN' });
    const waiting = first(socket);
    await expect(second(socket)).rejects.toThrow(SocketBusyError);
    kernel.done();
    kernel.expect(step);
    await scene.turn(READABLE);
    await waiting;
    kernel.done();
  });

  test.each(RECEIVES)('%s between the parts of recvExactly', async (_name, second) => {
    const scene = new AwaitedScene();
    const { kernel, socket } = scene;
    kernel.expect(receives(1));
    const waiting = socket.recvExactly(3); // has a part, and is not finished
    await expect(second(socket)).rejects.toThrow(SocketBusyError);
    kernel.expect(receives(2, 3));
    await settle();
    await scene.turn(READABLE);
    expect([...(await waiting)]).toEqual([1, 2, 3]);
  });
});

describe('a second send', () => {
  test.each(pairs(SENDS))('%s while %s waits', async (_second, _first, second, first, step) => {
    const scene = new AwaitedScene();
    const { kernel, socket } = scene;
    kernel.expect({ call: step.call, fails: 'EAGAIN' });
    const waiting = first(socket);
    await settle(); // sendTo looks at its address first
    await expect(second(socket)).rejects.toThrow(SocketBusyError);
    kernel.done();
    kernel.expect(step);
    await scene.turn(WRITABLE);
    await waiting;
    kernel.done();
  });

  test.each(SENDS)('%s between the parts of sendAll', async (_name, second) => {
    const scene = new AwaitedScene();
    const { kernel, socket } = scene;
    const sent: number[] = [];
    kernel.expect(takes(1, sent));
    const waiting = socket.sendAll(BYTES);
    await expect(second(socket)).rejects.toThrow(SocketBusyError);
    kernel.expect(takes(2, sent));
    await scene.turn(WRITABLE);
    await waiting;
    expect(sent).toEqual([1, 2, 3]);
  });
});

test('a second accept', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket: listener } = scene;
  kernel.expect({ call: 'accept4', fails: 'EAGAIN' });
  const waiting = listener.accept();
  await expect(listener.accept()).rejects.toThrow(/another accept on this socket is not finished/);
  kernel.expect(connectionComes());
  await scene.turn(READABLE);
  const { socket } = await waiting;
  socket.close();
});

test('a second connect', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect({ call: 'connect', fails: 'EINPROGRESS' });
  const waiting = socket.connect(PEER);
  await settle();
  await expect(socket.connect(PEER)).rejects.toThrow(SocketBusyError);
  await expect(socket.connectEx(PEER)).rejects.toThrow(SocketBusyError);
  kernel.expect(connectEnds('well'));
  await scene.turn(WRITABLE);
  await waiting;
  kernel.done();
});

test('one receive and one send at the same time are fine, and settle in one turn', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect({ call: 'recv', fails: 'EAGAIN' }, { call: 'send', fails: 'EAGAIN' });
  const [receiving, sending] = [socket.recv(3), socket.send(BYTES)];
  kernel.expect(receives(1), takes(2));
  await scene.turn(READABLE | WRITABLE);
  expect([[...(await receiving)], await sending]).toEqual([[1], 2]);
});

test('receives that find their bytes at once are not at the same time', async () => {
  const { kernel, socket } = new AwaitedScene();
  kernel.expect(receives(1), receives(2));
  const both = await Promise.all([socket.recv(1), socket.recv(1)]);
  expect(both.map(([byte]) => byte)).toEqual([1, 2]);
});
