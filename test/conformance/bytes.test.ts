/** Bytes are bytes: what callers without types pass instead is refused, and says what to do. */
import { describe, expect, test } from 'vitest';
import { FACES, type FaceSocket } from './face.ts';
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
  ['writing to a file', (s, given) => s.makeFile().write(given)],
];

describe.each(FACES)('$title', (face) => {
  test.each(CALLS)('%s: text is not bytes', async (_name, call) => {
    const sending = scriptedStage(face).play([], (socket) => call(socket, TEXT));
    await expect(sending).rejects.toThrow(TypeError);
    const again = scriptedStage(face).play([], (socket) => call(socket, TEXT));
    await expect(again).rejects.toThrow(
      /a string is not bytes; use .*new TextEncoder\(\)\.encode\(text\)/,
    );
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

  test.each([-1, 1.5, Number.NaN, Infinity])('a size of %d is none', async (size) => {
    const stage = scriptedStage(face);
    await expect(stage.play([], (s) => s.recv(size))).rejects.toThrow(RangeError);
    await expect(stage.play([], (s) => s.recvExactly(size))).rejects.toThrow(RangeError);
    const into = stage.play([], (s) => s.recvInto(new Uint8Array(5), { length: size }));
    await expect(into).rejects.toThrow(RangeError);
  });

  test('a length beyond the buffer is refused: what follows it is somebody else’s', async () => {
    const receiving = scriptedStage(face).play([], (s) =>
      s.recvInto(new Uint8Array(5), { length: 6 }),
    );
    await expect(receiving).rejects.toThrow(/the buffer has 5/);
  });

  test('any view of single bytes will do', async () => {
    for (const bytes of [Buffer.of(1, 2), new Uint8Array(new SharedArrayBuffer(2))]) {
      const stage = scriptedStage(face);
      expect(await stage.play([{ call: 'send', returns: 2 }], (s) => s.send(bytes))).toBe(2);
    }
  });
});
