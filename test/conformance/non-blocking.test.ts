/** Non-blocking calls: what would have to wait says so, and has done nothing. */
import { BlockingIOError } from '@wireline/socket';
import type { ScriptedCall } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import { FACES, type Awaitable, type FaceSocket } from './face.ts';
import { connectionComes, PEER, receives, takes } from './scripted-calls.ts';
import { scriptedStage } from './scripted-stage.ts';

const BYTES = Uint8Array.of(1, 2, 3);

const CALLS: readonly {
  readonly name: string;
  readonly asks: ScriptedCall;
  readonly make: (socket: FaceSocket) => Awaitable<unknown>;
}[] = [
  { name: 'accept', asks: 'accept4', make: (s) => s.accept() },
  { name: 'recv', asks: 'recv', make: (s) => s.recv(3) },
  { name: 'recvInto', asks: 'recv', make: (s) => s.recvInto(new Uint8Array(3)) },
  { name: 'recvExactly', asks: 'recv', make: (s) => s.recvExactly(3) },
  { name: 'recvFrom', asks: 'recvfrom', make: (s) => s.recvFrom(3) },
  { name: 'recvFromInto', asks: 'recvfrom', make: (s) => s.recvFromInto(new Uint8Array(3)) },
  { name: 'recvMsg', asks: 'recvmsg', make: (s) => s.recvMsg(3) },
  { name: 'recvFds', asks: 'recvmsg', make: (s) => s.recvFds(3, 1) },
  { name: 'sendTo', asks: 'sendto', make: (s) => s.sendTo(BYTES, PEER) },
  { name: 'sendMsg', asks: 'sendmsg', make: (s) => s.sendMsg({ parts: [BYTES] }) },
  { name: 'send', asks: 'send', make: (s) => s.send(BYTES) },
  { name: 'sendAll', asks: 'send', make: (s) => s.sendAll(BYTES) },
];

const DONT_WAIT = { flags: 'MSG_DONTWAIT' } as const;

const FLAGGED: typeof CALLS = [
  { name: 'recv', asks: 'recv', make: (s) => s.recv(3, DONT_WAIT) },
  { name: 'recvInto', asks: 'recv', make: (s) => s.recvInto(new Uint8Array(3), DONT_WAIT) },
  { name: 'recvFrom', asks: 'recvfrom', make: (s) => s.recvFrom(3, DONT_WAIT) },
  {
    name: 'recvFromInto',
    asks: 'recvfrom',
    make: (s) => s.recvFromInto(new Uint8Array(3), DONT_WAIT),
  },
  { name: 'recvMsg', asks: 'recvmsg', make: (s) => s.recvMsg(3, DONT_WAIT) },
  { name: 'recvFds', asks: 'recvmsg', make: (s) => s.recvFds(3, 1, DONT_WAIT) },
  { name: 'sendTo', asks: 'sendto', make: (s) => s.sendTo(BYTES, PEER, DONT_WAIT) },
  { name: 'sendMsg', asks: 'sendmsg', make: (s) => s.sendMsg({ parts: [BYTES] }, DONT_WAIT) },
  { name: 'send', asks: 'send', make: (s) => s.send(BYTES, DONT_WAIT) },
  { name: 'sendAll', asks: 'send', make: (s) => s.sendAll(BYTES, DONT_WAIT) },
  { name: 'recv of urgent data', asks: 'recv', make: (s) => s.recv(1, { flags: ['MSG_OOB'] }) },
];

describe.each(FACES)('$title', (face) => {
  test.each(CALLS)('$name of a non-blocking socket', async ({ asks, make }) => {
    const stage = scriptedStage(face);
    stage.socket.setBlocking(false);
    const playing = stage.play([{ call: asks, fails: 'EAGAIN' }], make);
    await expect(playing).rejects.toThrow(BlockingIOError);
  });

  test.each(CALLS)('$name with a time-out of 0', async ({ asks, make }) => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(0);
    const playing = stage.play([{ call: asks, fails: 'EAGAIN' }], make);
    await expect(playing).rejects.toThrow(BlockingIOError);
  });

  test.each(FLAGGED)('$name with a flag, of a socket that blocks', async ({ asks, make }) => {
    const playing = scriptedStage(face).play([{ call: asks, fails: 'EAGAIN' }], make);
    await expect(playing).rejects.toThrow(BlockingIOError);
  });

  test('what is there is received, each time without a wait', async () => {
    const stage = scriptedStage(face);
    stage.socket.setBlocking(false);
    await stage.play([receives(1), receives(2), takes(3), connectionComes()], async (socket) => {
      expect([...(await socket.recv(10))]).toEqual([1]);
      expect([...(await socket.recv(10))]).toEqual([2]);
      await socket.sendAll(BYTES);
      const accepted = await socket.accept();
      accepted.socket.close();
    });
  });

  test('sendAll that is taken in part says that the rest would block', async () => {
    const stage = scriptedStage(face);
    stage.socket.setBlocking(false);
    const playing = stage.play([takes(2), { call: 'send', fails: 'EAGAIN' }], (socket) =>
      socket.sendAll(BYTES),
    );
    await expect(playing).rejects.toThrow(BlockingIOError);
  });

  test('a busy socket never blocks either', async () => {
    const stage = scriptedStage(face);
    stage.socket.setBlocking(false);
    const many = Array.from({ length: 12 }, () => receives(1));
    let received = 0;
    await stage.play(many, async (socket) => {
      for (const _ of many) received += (await socket.recv(1)).length;
    });
    expect(received).toBe(many.length);
  });
});
