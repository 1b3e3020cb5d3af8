/** Closing while a call waits: only in the awaited face can anybody do that. */
import { SocketClosedError } from '@wireline/socket';
import type { Socket } from '@wireline/socket/promises';
import { describe, expect, test } from 'vitest';
import { AwaitedScene, HUNG_UP, READABLE, settle } from './awaited-scene.ts';
import { PEER, receives, takes } from './scripted-calls.ts';
import type { WaitingCall } from './scripted-stage.ts';

const WAITING: readonly {
  readonly name: string;
  readonly asks: WaitingCall;
  readonly call: (socket: Socket) => Promise<unknown>;
}[] = [
  { name: 'accept', asks: 'accept4', call: (s) => s.accept() },
  { name: 'recv', asks: 'recv', call: (s) => s.recv(1) },
  { name: 'recvInto', asks: 'recv', call: (s) => s.recvInto(new Uint8Array(1)) },
  { name: 'recvExactly', asks: 'recv', call: (s) => s.recvExactly(1) },
  { name: 'recvFrom', asks: 'recvfrom', call: (s) => s.recvFrom(1) },
  { name: 'recvFromInto', asks: 'recvfrom', call: (s) => s.recvFromInto(new Uint8Array(1)) },
  { name: 'recvMsg', asks: 'recvmsg', call: (s) => s.recvMsg(1) },
  { name: 'recvFds', asks: 'recvmsg', call: (s) => s.recvFds(1, 1) },
  { name: 'sendTo', asks: 'sendto', call: (s) => s.sendTo(new Uint8Array(1), PEER) },
  { name: 'sendMsg', asks: 'sendmsg', call: (s) => s.sendMsg({ parts: [new Uint8Array(1)] }) },
  { name: 'send', asks: 'send', call: (s) => s.send(new Uint8Array(1)) },
  { name: 'sendAll', asks: 'send', call: (s) => s.sendAll(new Uint8Array(1)) },
  { name: 'connect', asks: 'connect', call: (s) => s.connect(PEER) },
  { name: 'connectEx', asks: 'connect', call: (s) => s.connectEx(PEER) },
];

describe.each(WAITING)('$name', ({ asks, call }) => {
  const fails = asks === 'connect' ? 'EINPROGRESS' : 'EAGAIN';

  test.each(['close', 'detach'] as const)('rejects when %s is called', async (end) => {
    const { kernel, clock, socket } = new AwaitedScene();
    kernel.expect({ call: asks, fails });
    socket.setTimeout(500);
    const waiting = call(socket);
    await settle();
    socket[end]();
    await expect(waiting).rejects.toThrow(SocketClosedError);
    expect(clock.pending).toBe(0);
    kernel.done();
  });

  test('the descriptor leaves epoll before it is closed', async () => {
    const { kernel, socket } = new AwaitedScene();
    kernel.expect({ call: asks, fails });
    const waiting = call(socket);
    await settle();
    socket.close();
    await expect(waiting).rejects.toThrow(SocketClosedError);
    const names = kernel.callNames;
    expect(names.lastIndexOf('epollCtl')).toBeLessThan(names.lastIndexOf('close'));
    expect(kernel.calls.findLast((made) => made.call === 'epollCtl')?.arguments[1]).toBe(2);
  });
});

test('both who receives and who sends hear of it', async () => {
  const { kernel, socket } = new AwaitedScene();
  kernel.expect({ call: 'recv', fails: 'EAGAIN' }, { call: 'send', fails: 'EAGAIN' });
  const [receiving, sending] = [socket.recv(1), socket.sendAll(new Uint8Array(1))];
  socket.close();
  await expect(receiving).rejects.toThrow('recv: the socket is closed');
  await expect(sending).rejects.toThrow('send: the socket is closed');
});

test('closing in the turn that had something for it: the bytes that came are delivered', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect({ call: 'recv', fails: 'EAGAIN' });
  const receiving = socket.recv(1).then((bytes) => {
    socket.close();
    return [...bytes];
  });
  kernel.expect(receives(1));
  await scene.turn(READABLE);
  expect(await receiving).toEqual([1]);
  expect(socket.closed).toBe(true);
});

test('closing between the parts of recvExactly', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect(receives(1));
  const receiving = socket.recvExactly(3);
  await settle();
  kernel.expect(receives(2));
  await scene.turn(READABLE);
  socket.close();
  await expect(receiving).rejects.toThrow(SocketClosedError);
  kernel.done();
});

test('closing between the parts of sendAll', async () => {
  const { kernel, socket } = new AwaitedScene();
  kernel.expect(takes(1));
  const sending = socket.sendAll(new Uint8Array(3));
  socket.close();
  await expect(sending).rejects.toThrow(SocketClosedError);
  kernel.done();
});

test('iterating ends with the error, and the descriptor is closed once', async () => {
  const scene = new AwaitedScene();
  scene.kernel.expect({ call: 'recv', fails: 'EAGAIN' });
  const iterating = (async () => {
    for await (const chunk of scene.socket) expect.unreachable(`got ${chunk.length} bytes`);
  })();
  await settle();
  scene.socket.close();
  scene.socket.close();
  await expect(iterating).rejects.toThrow(SocketClosedError);
  expect(scene.count('close')).toBe(1);
});

test('a hang-up that nobody waits for is not reported turn after turn', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  kernel.expect({ call: 'recv', fails: 'EAGAIN' }, receives(1));
  const receiving = socket.recv(1);
  await scene.turn(READABLE);
  await receiving;
  await scene.turn(READABLE | HUNG_UP);
  const leave = kernel.calls.findLast((made) => made.call === 'epollCtl');
  expect(leave?.arguments[1]).toBe(2); // EPOLL_CTL_DEL
  // And whoever asks again gets what there is.
  kernel.expect({ call: 'recv', fails: 'ECONNRESET' });
  await expect(socket.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
  kernel.done();
});
