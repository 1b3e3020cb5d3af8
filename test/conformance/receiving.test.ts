/** Receiving, when bytes come as they like. */
import { BrokenPipeError, ConnectionResetError, IncompleteReadError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type FaceSocket } from './face.ts';
import { END_OF_STREAM, receives } from './scripted-calls.ts';
import { scriptedStage, waits, waitsForMore } from './scripted-stage.ts';

describe.each(FACES)('$title', (face) => {
  test('recv returns what is there, and no more', async () => {
    const stage = scriptedStage(face);
    const bytes = await stage.play([receives(1, 2, 3)], (socket) => socket.recv(10));
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(stage.kernel.calls.at(-1)?.arguments[2]).toBe(10);
  });

  test('recv waits for the first byte, however often nothing was there', async () => {
    const bytes = await scriptedStage(face).play(
      [waits('recv'), waits('recv'), waits('recv'), receives(1)],
      (socket) => socket.recv(10),
    );
    expect([...bytes]).toEqual([1]);
  });

  test('what was received is the caller’s, and later receives do not touch it', async () => {
    const stage = scriptedStage(face);
    const received: Uint8Array[] = [];
    for (const byte of [1, 2, 3]) {
      received.push(await stage.play([receives(byte, byte)], (socket) => socket.recv(2)));
    }
    received[1]?.fill(9);
    expect(received).toEqual([Uint8Array.of(1, 1), Uint8Array.of(9, 9), Uint8Array.of(3, 3)]);
  });

  test('the end of the stream is no bytes, each time', async () => {
    const stage = scriptedStage(face);
    const recv = (socket: FaceSocket) => socket.recv(10);
    expect(await stage.play([END_OF_STREAM], recv)).toHaveLength(0);
    expect(await stage.play([waitsForMore('recv'), END_OF_STREAM], recv)).toHaveLength(0);
  });

  test('recvInto fills the beginning of the buffer', async () => {
    const buffer = new Uint8Array(5).fill(9);
    const stage = scriptedStage(face);
    const recvInto = (socket: FaceSocket) => socket.recvInto(buffer, { length: 4 });
    expect(await stage.play([waits('recv'), receives(1, 2)], recvInto)).toBe(2);
    expect([...buffer]).toEqual([1, 2, 9, 9, 9]);
    expect(stage.kernel.calls.findLast(({ call }) => call === 'recv')?.arguments[2]).toBe(4);
  });

  test.each([1, 2, 3])('recvExactly goes on behind byte %d', async (count) => {
    const [all, rest] = [[1, 2, 3, 4], [1, 2, 3, 4].slice(count)];
    const bytes = await scriptedStage(face).play(
      [receives(...all.slice(0, count)), waitsForMore('recv'), receives(...rest)],
      (socket) => socket.recvExactly(4),
    );
    expect([...bytes]).toEqual(all);
  });

  test('recvExactly takes no byte too many', async () => {
    const stage = scriptedStage(face);
    await stage.play([receives(1), waitsForMore('recv'), receives(2, 3)], (socket) =>
      socket.recvExactly(3),
    );
    const lengths = stage.kernel.calls.filter(({ call }) => call === 'recv');
    expect(new Set(lengths.map((call) => call.arguments[2]))).toEqual(new Set([3, 2]));
  });

  test('recvExactly of nothing asks nobody', async () => {
    expect(await scriptedStage(face).play([], (socket) => socket.recvExactly(0))).toHaveLength(0);
  });

  test.each([0, 1, 3])('recvExactly says what came when the end comes after %d', async (count) => {
    const came = [7, 8, 9].slice(0, count);
    const part = count === 0 ? [] : [receives(...came), waitsForMore('recv')];
    const playing = scriptedStage(face).play([...part, END_OF_STREAM], (socket) =>
      socket.recvExactly(4),
    );
    const error = await playing.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IncompleteReadError);
    expect(error).toMatchObject({ expected: 4, partial: Uint8Array.from(came) });
  });

  test('an interrupted call is made again', async () => {
    const interrupted = { call: 'recv', fails: 'EINTR' } as const;
    const bytes = await scriptedStage(face).play(
      [interrupted, waits('recv'), interrupted, interrupted, receives(1)],
      (socket) => socket.recv(10),
    );
    expect([...bytes]).toEqual([1]);
  });

  test('iterating ends with the stream', async () => {
    const stage = scriptedStage(face);
    const chunks: number[][] = [];
    await stage.play(
      [receives(1, 2), waitsForMore('recv'), receives(3), waitsForMore('recv'), END_OF_STREAM],
      async (socket) => {
        for await (const chunk of socket) chunks.push([...chunk]);
      },
    );
    expect(chunks).toEqual([[1, 2], [3]]);
  });

  test('chunks have the size that they are told at most', async () => {
    const stage = scriptedStage(face);
    const chunks: number[][] = [];
    await stage.play(
      [receives(1, 2), receives(3), waitsForMore('recv'), END_OF_STREAM],
      async (socket) => {
        for await (const chunk of socket.chunks({ size: 2 })) chunks.push([...chunk]);
      },
    );
    expect(chunks).toEqual([[1, 2], [3]]);
    const asked = stage.kernel.calls.filter(({ call }) => call === 'recv');
    expect(new Set(asked.map((call) => call.arguments[2]))).toEqual(new Set([2]));
  });

  describe.each([
    ['ECONNRESET', ConnectionResetError],
    ['EPIPE', BrokenPipeError],
  ] as const)('%s', (fails, ErrorClass) => {
    const broken = { call: 'recv', fails } as const;
    test.each([
      ['before the first byte', [broken]],
      ['while waiting for it', [waits('recv', { ends: 'hung up' }), broken]],
      ['in the middle', [receives(1), waitsForMore('recv', { ends: 'hung up' }), broken]],
      [
        'in the middle, later',
        [receives(1), waitsForMore('recv'), receives(2), waitsForMore('recv'), broken],
      ],
    ])('%s of recvExactly', async (_when, script) => {
      const playing = scriptedStage(face).play(script, (socket) => socket.recvExactly(4));
      await expect(playing).rejects.toThrow(ErrorClass);
    });

    test('is told by iterating, after what came', async () => {
      const chunks: number[][] = [];
      const playing = scriptedStage(face).play(
        [receives(1), waitsForMore('recv', { ends: 'hung up' }), broken],
        async (socket) => {
          for await (const chunk of socket) chunks.push([...chunk]);
        },
      );
      await expect(playing).rejects.toThrow(ErrorClass);
      expect(chunks).toEqual([[1]]);
    });
  });
});
