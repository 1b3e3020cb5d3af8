/** Bytes are bytes: what callers without types pass instead is refused, and says what to do. */
import type { Socket } from '@wireline/socket/promises';
import { describe, expect, test } from 'vitest';
import { AwaitedScene } from './awaited-scene.ts';
import { FACES, type FaceSocket } from './face.ts';
import { PEER } from './scripted-calls.ts';
import { scriptedStage } from './scripted-stage.ts';

/** Text, where the types want bytes. */
const TEXT = 'text' as unknown as Uint8Array;

const GIVEN: readonly (readonly [string, unknown])[] = [
  ['text', 'text'],
  ['a number', 5],
  ['nothing', undefined],
  ['null', null],
  ['a list', [1, 2, 3]],
  ['wider numbers', new Uint16Array(2)],
  ['an ArrayBuffer', new ArrayBuffer(2)],
];

const CALLS: readonly (readonly [string, (socket: FaceSocket, given: Uint8Array) => unknown])[] = [
  ['send', (s, given) => s.send(given)],
  ['sendAll', (s, given) => s.sendAll(given)],
  ['sendTo', (s, given) => s.sendTo(given, PEER)],
  ['sendMsg', (s, given) => s.sendMsg({ parts: [new Uint8Array(1), given] })],
  [
    'a control message',
    (s, data) => s.sendMsg({ parts: [new Uint8Array(1)], control: [{ level: 0, type: 0, data }] }),
  ],
  ['writing to a file', (s, given) => s.makeFile().write(given)],
];

test.each<[string, (socket: Socket) => Promise<unknown>]>([
  ['recvInto of nothing', (s) => s.recvInto(undefined as unknown as Uint8Array)],
  ['recvFromInto of nothing', (s) => s.recvFromInto(undefined as unknown as Uint8Array)],
  ['recvFrom', (s) => s.recvFrom(-1)],
  ['recvMsg', (s) => s.recvMsg(-1)],
  ['recvFds', (s) => s.recvFds(1, -1)],
  ['sendTo', (s) => s.sendTo(TEXT, PEER)],
  ['sendTo nowhere', (s) => s.sendTo(new Uint8Array(1), undefined as unknown as typeof PEER)],
  ['sendMsg', (s) => s.sendMsg({ parts: [TEXT] })],
  ['sendFds', (s) => s.sendFds(new Uint8Array(1), [-1])],
])('the awaited face: %s that is wrong rejects, and throws nothing', async (_name, call) => {
  const { socket } = new AwaitedScene();
  const called = call(socket);
  await expect(called).rejects.toSatisfy(
    (error) => error instanceof TypeError || error instanceof RangeError,
  );
});

describe.each(FACES)('$title', (face) => {
  test.each(CALLS)('%s: text is not bytes', async (_name, call) => {
    const sending = scriptedStage(face).play([], (socket) => call(socket, TEXT));
    await expect(sending).rejects.toThrow(TypeError);
    const again = scriptedStage(face).play([], (socket) => call(socket, TEXT));
    await expect(again).rejects.toThrow(
      /a string is not bytes; use .*new TextEncoder\(\)\.encode\(text\)/,
    );
  });

  test('a call without bytes, and text for all of it, name the call that was made', async () => {
    const none = scriptedStage(face).play([], (s) => s.send(undefined as unknown as Uint8Array));
    await expect(none).rejects.toThrow('send: nothing was given; use a Uint8Array');
    const all = scriptedStage(face).play([], (s) => s.sendAll(TEXT));
    await expect(all).rejects.toThrow('sendAll: a string is not bytes');
  });

  describe.each(CALLS)('%s', (_name, call) => {
    test.each(GIVEN)('%s', async (_given, given) => {
      const sending = scriptedStage(face).play([], (socket) => call(socket, given as Uint8Array));
      await expect(sending).rejects.toThrow(TypeError);
    });
  });

  test.each(GIVEN)('recvInto: %s', async (_given, given) => {
    const receiving = scriptedStage(face).play([], (s) => s.recvInto(given as Uint8Array));
    await expect(receiving).rejects.toThrow(TypeError);
  });

  test.each(GIVEN)('recvFromInto: %s', async (_given, given) => {
    const receiving = scriptedStage(face).play([], (s) => s.recvFromInto(given as Uint8Array));
    await expect(receiving).rejects.toThrow(TypeError);
  });

  test.each([-1, 1.5, Number.NaN, Infinity])('a size of %d is none', async (size) => {
    const stage = scriptedStage(face);
    await expect(stage.play([], (s) => s.recv(size))).rejects.toThrow(RangeError);
    await expect(stage.play([], (s) => s.recvExactly(size))).rejects.toThrow(RangeError);
    await expect(stage.play([], (s) => s.recvFrom(size))).rejects.toThrow(RangeError);
    await expect(stage.play([], (s) => s.recvMsg(size))).rejects.toThrow(RangeError);
    await expect(stage.play([], (s) => s.recvFds(size, 1))).rejects.toThrow(RangeError);
    await expect(stage.play([], (s) => s.recvFds(1, size))).rejects.toThrow(RangeError);
    const room = stage.play([], (s) => s.recvMsg(1, { controlLength: size }));
    await expect(room).rejects.toThrow(RangeError);
    const into = stage.play([], (s) => s.recvInto(new Uint8Array(5), { length: size }));
    await expect(into).rejects.toThrow(RangeError);
    const from = stage.play([], (s) => s.recvFromInto(new Uint8Array(5), { length: size }));
    await expect(from).rejects.toThrow(RangeError);
  });

  test('a length beyond the buffer is refused: what follows it is somebody else’s', async () => {
    const receiving = scriptedStage(face).play([], (s) =>
      s.recvInto(new Uint8Array(5), { length: 6 }),
    );
    await expect(receiving).rejects.toThrow(/the buffer has 5/);
    const from = scriptedStage(face).play([], (s) =>
      s.recvFromInto(new Uint8Array(5), { length: 6 }),
    );
    await expect(from).rejects.toThrow(/the buffer has 5/);
  });

  test('any view of single bytes will do', async () => {
    for (const bytes of [Buffer.of(1, 2), new Uint8Array(new SharedArrayBuffer(2))]) {
      const stage = scriptedStage(face);
      expect(await stage.play([{ call: 'send', returns: 2 }], (s) => s.send(bytes))).toBe(2);
      const to = { call: 'sendto', returns: 2 } as const;
      expect(await stage.play([to], (s) => s.sendTo(bytes, PEER))).toBe(2);
      const message = { call: 'sendmsg', returns: 2 } as const;
      expect(await stage.play([message], (s) => s.sendMsg({ parts: [bytes] }))).toBe(2);
    }
  });
});
