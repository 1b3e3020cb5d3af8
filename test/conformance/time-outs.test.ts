/** Waits that take too long: `setTimeout`, and what it counts. */
import { ERRNO, TimeoutError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type Awaitable, type FaceSocket } from './face.ts';
import { connectEnds, connectionComes, PEER, receives, takes } from './scripted-calls.ts';
import { scriptedStage, waits, waitsForMore, type WaitingCall } from './scripted-stage.ts';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6);

interface TimedCall {
  readonly name: string;
  readonly waitsIn: WaitingCall;
  readonly make: (socket: FaceSocket) => Awaitable<unknown>;
}

const CALLS: readonly TimedCall[] = [
  { name: 'accept', waitsIn: 'accept4', make: (s) => s.accept() },
  { name: 'recv', waitsIn: 'recv', make: (s) => s.recv(1) },
  { name: 'recvInto', waitsIn: 'recv', make: (s) => s.recvInto(BYTES.slice()) },
  { name: 'recvExactly', waitsIn: 'recv', make: (s) => s.recvExactly(1) },
  { name: 'recvFrom', waitsIn: 'recvfrom', make: (s) => s.recvFrom(1) },
  { name: 'recvFromInto', waitsIn: 'recvfrom', make: (s) => s.recvFromInto(BYTES.slice()) },
  { name: 'recvMsg', waitsIn: 'recvmsg', make: (s) => s.recvMsg(1) },
  { name: 'recvFds', waitsIn: 'recvmsg', make: (s) => s.recvFds(1, 1) },
  { name: 'sendTo', waitsIn: 'sendto', make: (s) => s.sendTo(BYTES, PEER) },
  { name: 'sendMsg', waitsIn: 'sendmsg', make: (s) => s.sendMsg({ parts: [BYTES] }) },
  { name: 'send', waitsIn: 'send', make: (s) => s.send(BYTES) },
  { name: 'sendAll', waitsIn: 'send', make: (s) => s.sendAll(BYTES) },
  { name: 'connect', waitsIn: 'connect', make: (s) => s.connect(PEER) },
];

describe.each(FACES)('$title', (face) => {
  test.each(CALLS)('$name gives up when its time is over', async ({ waitsIn, make }) => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const script = [waits(waitsIn, { ms: 500, ends: 'time-out' })];
    const error = await stage.play(script, make).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(String(error)).toMatch(/nothing happened within 500 ms; setTimeout says how long/);
  });

  test('connectEx says ETIMEDOUT', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const script = [waits('connect', { ms: 500, ends: 'time-out' })];
    expect(await stage.play(script, (s) => s.connectEx(PEER))).toBe(ERRNO.ETIMEDOUT);
  });

  test('what comes in the last millisecond is in time', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const received = await stage.play([waits('recv', { ms: 499 }), receives(1)], (s) => s.recv(1));
    expect([...received]).toEqual([1]);
    await stage.play([waits('connect', { ms: 499 }), connectEnds('well')], (s) => s.connect(PEER));
  });

  test('what came while this thread was busy came in time', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const received = await stage.play([waits('recv', { ms: 9_000 }), receives(1)], (s) =>
      s.recv(1),
    );
    expect([...received]).toEqual([1]);
  });

  test('readiness that was none does not begin the time anew', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const script = [waits('recv', { ms: 400 }), waits('recv', { ms: 100, ends: 'time-out' })];
    await expect(stage.play(script, (s) => s.recv(1))).rejects.toThrow(TimeoutError);
  });

  test('a connection that was gone does not begin the time anew', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const gone = { call: 'accept4', fails: 'ECONNABORTED' } as const;
    const script = [
      waits('accept4', { ms: 400 }),
      gone,
      waits('accept4', { ms: 100, ends: 'time-out' }),
    ];
    await expect(stage.play(script, (s) => s.accept())).rejects.toThrow(TimeoutError);
  });

  test('the time of sendAll is that of all parts together', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const script = [
      takes(1),
      waitsForMore('send', { ms: 200 }),
      takes(2),
      waitsForMore('send', { ms: 200 }),
      takes(1),
      waitsForMore('send', { ms: 100, ends: 'time-out' }),
    ];
    await expect(stage.play(script, (s) => s.sendAll(BYTES))).rejects.toThrow(TimeoutError);
  });

  test('the time of recvExactly is that of all parts together', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const script = [
      receives(1),
      waitsForMore('recv', { ms: 300 }),
      receives(2),
      waitsForMore('recv', { ms: 200, ends: 'time-out' }),
    ];
    await expect(stage.play(script, (s) => s.recvExactly(4))).rejects.toThrow(TimeoutError);
  });

  test('each call has the time for itself', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    for (const byte of [1, 2, 3]) {
      const script = [byte === 1 ? waits('recv', { ms: 400 }) : waitsForMore('recv', { ms: 400 })];
      const received = await stage.play([...script, receives(byte)], (s) => s.recv(10));
      expect([...received]).toEqual([byte]);
    }
  });

  test('a socket can be used after a time-out', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    const late = [waits('accept4', { ms: 500, ends: 'time-out' })];
    await expect(stage.play(late, (s) => s.accept())).rejects.toThrow(TimeoutError);
    await stage.play([waits('accept4'), connectionComes()], async (listener) => {
      const { socket } = await listener.accept();
      socket.close();
    });
  });

  test('without one, a call waits as long as it takes', async () => {
    const stage = scriptedStage(face);
    expect(stage.socket.getTimeout()).toBeNull();
    const days = 30 * 24 * 60 * 60 * 1000;
    const received = await stage.play([waits('recv', { ms: days }), receives(1)], (s) => s.recv(1));
    expect([...received]).toEqual([1]);
  });

  test('modes are times: null for blocking, 0 for not', () => {
    const { socket } = scriptedStage(face);
    socket.setTimeout(500);
    expect(socket.getTimeout()).toBe(500);
    socket.setBlocking(false);
    expect(socket.getTimeout()).toBe(0);
    socket.setBlocking(true);
    expect(socket.getTimeout()).toBeNull();
    socket.setTimeout(Infinity);
    expect(socket.getTimeout()).toBeNull();
  });

  test.each([-1, Number.NaN])('a time-out of %d is refused, and the old one stays', (ms) => {
    const { socket } = scriptedStage(face);
    socket.setTimeout(500);
    expect(() => socket.setTimeout(ms)).toThrow(RangeError);
    expect(socket.getTimeout()).toBe(500);
  });

  test('a duplicate has the time-out of its original', async () => {
    const stage = scriptedStage(face);
    stage.socket.setTimeout(500);
    await stage.play([{ call: 'fcntl', returns: 6 }], (socket) => {
      const copy = socket.dup();
      expect(copy.getTimeout()).toBe(500);
      copy.close();
    });
  });
});
