/** Sending, when the kernel takes what it likes. */
import { BrokenPipeError, ConnectionResetError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES } from './face.ts';
import { takes } from './scripted-calls.ts';
import { goesOn, scriptedStage, waits, waitsForMore } from './scripted-stage.ts';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);

describe.each(FACES)('$title', (face) => {
  test.each([1, 2, 3, 4, 5, 6])('sendAll goes on behind byte %d', async (count) => {
    const sent: number[] = [];
    await scriptedStage(face).play(
      [takes(count, sent), waitsForMore('send'), takes(BYTES.length - count, sent)],
      (socket) => socket.sendAll(BYTES),
    );
    expect(sent).toEqual([...BYTES]);
  });

  test('sendAll sends byte by byte if it must', async () => {
    const sent: number[] = [];
    const [first, ...rest] = [...BYTES].map(() => takes(1, sent));
    await scriptedStage(face).play(
      [first ?? takes(1), ...rest.flatMap((step) => [waitsForMore('send'), step])],
      (socket) => socket.sendAll(BYTES),
    );
    expect(sent).toEqual([...BYTES]);
  });

  test.each([1, 2, 3, 4, 5, 6])('and at once when there is room, behind byte %d', async (count) => {
    const sent: number[] = [];
    await scriptedStage(face).play(
      [takes(count, sent), goesOn('send'), takes(BYTES.length - count, sent)],
      (socket) => socket.sendAll(BYTES),
    );
    expect(sent).toEqual([...BYTES]);
  });

  test('sendAll that is taken at once makes one call', async () => {
    const sent: number[] = [];
    await scriptedStage(face).play([takes(7, sent)], (socket) => socket.sendAll(BYTES));
    expect(sent).toEqual([...BYTES]);
  });

  test('sendAll of nothing asks once', async () => {
    await scriptedStage(face).play([takes(0)], async (socket) => {
      expect(await socket.sendAll(new Uint8Array(0))).toBeUndefined();
    });
  });

  test('send returns what was taken, and leaves the rest to its caller', async () => {
    const sent: number[] = [];
    const stage = scriptedStage(face);
    expect(await stage.play([takes(3, sent)], (socket) => socket.send(BYTES))).toBe(3);
    expect(sent).toEqual([1, 2, 3]);
  });

  test.each(['send', 'sendAll'] as const)('%s waits until there is room', async (call) => {
    const sent: number[] = [];
    await scriptedStage(face).play([waits('send'), takes(7, sent)], (socket) =>
      socket[call](BYTES),
    );
    expect(sent).toEqual([...BYTES]);
  });

  test('readiness that was none is waited for again', async () => {
    const sent: number[] = [];
    await scriptedStage(face).play(
      [
        waits('send'),
        waits('send'),
        takes(2, sent),
        waitsForMore('send'),
        waits('send'),
        takes(5, sent),
      ],
      (socket) => socket.sendAll(BYTES),
    );
    expect(sent).toEqual([...BYTES]);
  });

  test('an interrupted call is made again with the same bytes', async () => {
    const interrupted = { call: 'send', fails: 'EINTR' } as const;
    const sent: number[] = [];
    await scriptedStage(face).play(
      [interrupted, takes(3, sent), waitsForMore('send'), interrupted, interrupted, takes(4, sent)],
      (socket) => socket.sendAll(BYTES),
    );
    expect(sent).toEqual([...BYTES]);
  });

  test('flags go with each part, and SIGPIPE never comes', async () => {
    const stage = scriptedStage(face);
    await stage.play([takes(3), waitsForMore('send'), takes(4)], (socket) =>
      socket.sendAll(BYTES, { flags: 'MSG_MORE' }),
    );
    const sends = stage.kernel.calls.filter(({ call }) => call === 'send');
    const [more, noSignal] = [0x8000, 0x4000];
    expect(new Set(sends.map((call) => call.arguments[3]))).toEqual(new Set([more | noSignal]));
  });

  describe.each([
    ['EPIPE', BrokenPipeError],
    ['ECONNRESET', ConnectionResetError],
  ] as const)('%s', (fails, ErrorClass) => {
    const broken = { call: 'send', fails } as const;
    test.each([
      ['at once', [broken]],
      ['after a wait', [waits('send'), broken]],
      ['after a hang-up', [waits('send', { ends: 'hung up' }), broken]],
      ['behind a part', [takes(3), waitsForMore('send', { ends: 'hung up' }), broken]],
    ])('%s', async (_when, script) => {
      const playing = scriptedStage(face).play(script, (socket) => socket.sendAll(BYTES));
      await expect(playing).rejects.toThrow(ErrorClass);
    });
  });
});
