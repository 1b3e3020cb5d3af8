/** Connecting, and how it ends. */
import {
  AlreadyConnectedError,
  BlockingIOError,
  ConnectionRefusedError,
  ConnectionResetError,
  ERRNO,
  HostUnreachableError,
  ResourceExhaustedError,
  TimeoutError,
} from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type FaceSocket } from './face.ts';
import { connectEnds, PEER } from './scripted-calls.ts';
import { scriptedStage, waits } from './scripted-stage.ts';

const connect = (socket: FaceSocket): void | Promise<void> => socket.connect(PEER);
const connectEx = (socket: FaceSocket): number | Promise<number> => socket.connectEx(PEER);

describe.each(FACES)('$title', (face) => {
  test('at once', async () => {
    await scriptedStage(face).play([{ call: 'connect', returns: 0 }], connect);
    expect(await scriptedStage(face).play([{ call: 'connect', returns: 0 }], connectEx)).toBe(0);
  });

  test('after a wait', async () => {
    const script = [waits('connect'), connectEnds('well')];
    await scriptedStage(face).play(script, connect);
    expect(await scriptedStage(face).play(script, connectEx)).toBe(0);
  });

  describe.each([
    ['ECONNREFUSED', ConnectionRefusedError],
    ['ECONNRESET', ConnectionResetError],
    ['EHOSTUNREACH', HostUnreachableError],
    ['ETIMEDOUT', TimeoutError],
  ] as const)('%s', (code, ErrorClass) => {
    test.each([
      ['at once', [{ call: 'connect', fails: code }]],
      ['after a wait', [waits('connect'), connectEnds(code)]],
      ['with a hang-up', [waits('connect', { ends: 'hung up' }), connectEnds(code)]],
    ] as const)('%s', async (_when, script) => {
      const error = await scriptedStage(face)
        .play(script, connect)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ErrorClass);
      expect(error).toMatchObject({ code, syscall: 'connect', address: '192.0.2.1:7' });
      expect(await scriptedStage(face).play(script, connectEx)).toBe(ERRNO[code]);
    });
  });

  test.each([
    ['EISCONN', AlreadyConnectedError],
    ['EAGAIN', ResourceExhaustedError],
  ] as const)('%s is told at once', async (fails, ErrorClass) => {
    const script = [{ call: 'connect', fails }] as const;
    await expect(scriptedStage(face).play(script, connect)).rejects.toThrow(ErrorClass);
    expect(await scriptedStage(face).play(script, connectEx)).toBe(ERRNO[fails]);
  });

  test('a wake-up before it is decided: the wait goes on', async () => {
    const script = [waits('connect'), waits('connect'), connectEnds('well')];
    expect(await scriptedStage(face).play(script, connectEx)).toBe(0);
  });

  test('once more while an earlier attempt goes on: that is waited for', async () => {
    const script = [waits('connect', { says: 'EALREADY' }), connectEnds('well')];
    expect(await scriptedStage(face).play(script, connectEx)).toBe(0);
  });

  test('an interrupted attempt goes on by itself: it is waited for and not made again', async () => {
    // What `waits` means by would-block is EINPROGRESS: here the call says EINTR, and the next EALREADY.
    const stage = scriptedStage(face);
    stage.socket.setTimeout(0);
    const interrupted = { call: 'connect', fails: 'EINTR' } as const;
    expect(await stage.play([interrupted], connectEx)).toBe(ERRNO.EINPROGRESS);
  });

  test('non-blocking: the attempt is under way', async () => {
    const stage = scriptedStage(face);
    stage.socket.setBlocking(false);
    for (const fails of ['EINPROGRESS', 'EALREADY'] as const) {
      const underWay = { call: 'connect', fails } as const;
      await expect(stage.play([underWay], connect)).rejects.toThrow(BlockingIOError);
      expect(await stage.play([underWay], connectEx)).toBe(ERRNO[fails]);
    }
  });

  test('an address that is none is refused without asking the kernel', async () => {
    const stage = scriptedStage(face);
    const to = (host: string, port: number) => (socket: FaceSocket) =>
      socket.connect({ family: 'inet', host, port });
    await expect(stage.play([], to('192.0.2.1', 65_536))).rejects.toThrow(RangeError);
    await expect(stage.play([], to('192.0.2', 7))).rejects.toThrow(TypeError);
  });
});
