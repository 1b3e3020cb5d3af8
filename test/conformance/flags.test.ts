/** Flags of single calls, on real connections. */
import { BlockingIOError, InvalidArgumentError } from '@wireline/socket';
import { afterAll, describe, expect, test } from 'vitest';
import { FACES, type FaceSocket } from './face.ts';
import { Peer, PYTHON } from './peer.ts';
import { connected, pair } from './sockets.ts';

const DONT_WAIT = { flags: 'MSG_DONTWAIT' } as const;

/** Receives, or the error. */
async function attempt(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

describe.each(FACES)('$title', (face) => {
  const python = new Peer(PYTHON);
  afterAll(() => python.close());

  test('MSG_PEEK leaves the bytes for the next call, however often', async () => {
    const [near, far] = await pair(face);
    await far.sendAll(Uint8Array.of(1, 2, 3));
    for (let i = 0; i < 3; i++) {
      expect([...(await near.recv(10, { flags: 'MSG_PEEK' }))]).toEqual([1, 2, 3]);
    }
    const buffer = new Uint8Array(2);
    expect(await near.recvInto(buffer, { flags: ['MSG_PEEK', 'MSG_DONTWAIT'] })).toBe(2);
    expect([...buffer]).toEqual([1, 2]);
    expect([...(await near.recv(10))]).toEqual([1, 2, 3]);
  });

  test('MSG_PEEK at the end of the stream', async () => {
    const [near, far] = await pair(face);
    far.close();
    expect(await near.recv(10, { flags: 'MSG_PEEK' })).toHaveLength(0);
    expect(await near.recv(10)).toHaveLength(0);
  });

  test('MSG_DONTWAIT: nothing there, and then something', async () => {
    const [near, far] = await pair(face);
    expect(await attempt(() => near.recv(1, DONT_WAIT))).toBeInstanceOf(BlockingIOError);
    await far.sendAll(Uint8Array.of(1));
    expect([...(await near.recv(1))]).toEqual([1]);
    expect(await attempt(() => near.recv(1, DONT_WAIT))).toBeInstanceOf(BlockingIOError);
    await far.sendAll(Uint8Array.of(2));
    await near.recv(1, { flags: 'MSG_PEEK' }); // waits until it is there
    expect([...(await near.recv(1, DONT_WAIT))]).toEqual([2]);
  });

  test('MSG_DONTWAIT: no room to send', async () => {
    const [near] = await pair(face);
    const bytes = new Uint8Array(1024 * 1024);
    let outcome: unknown;
    for (let i = 0; i < 100 && !(outcome instanceof Error); i++) {
      outcome = await attempt(() => near.send(bytes, DONT_WAIT));
    }
    expect(outcome).toBeInstanceOf(BlockingIOError);
  });

  test('MSG_MORE holds a partial segment back until there is more', async () => {
    const [near, far] = await pair(face);
    await near.sendAll(Uint8Array.of(1), { flags: 'MSG_MORE' });
    expect(near.queueDepths().unsent).toBe(1);
    expect(await attempt(() => far.recv(1, DONT_WAIT))).toBeInstanceOf(BlockingIOError);
    expect(await near.send(Uint8Array.of(2, 3))).toBe(2);
    expect([...(await far.recvExactly(3))]).toEqual([1, 2, 3]);
  });

  test('MSG_OOB: urgent data is read beside the stream, and its place found', async () => {
    const [near, far] = await pair(face);
    await far.sendAll(Uint8Array.of(1, 2));
    expect(await far.send(Uint8Array.of(99), { flags: 'MSG_OOB' })).toBe(1);
    await far.sendAll(Uint8Array.of(3));
    expect([...(await near.recvExactly(2))]).toEqual([1, 2]);
    expect([...(await near.recv(1, { flags: 'MSG_OOB' }))]).toEqual([99]);
    expect([...(await near.recv(10))]).toEqual([3]);
  });

  test('MSG_OOB: none there', async () => {
    const [near] = await pair(face);
    const outcome = await attempt(() => near.recv(1, { flags: 'MSG_OOB' }));
    expect(outcome).toBeInstanceOf(InvalidArgumentError);
  });

  test('MSG_OOB: from Python', async () => {
    const { port } = await python.listen('127.0.0.1', [
      ['send', '0102'],
      ['urgent', '63'],
      ['send', '03'],
      ['receive to end'],
    ]);
    const socket = await connected(face, { host: '127.0.0.1', port });
    expect([...(await socket.recvExactly(2))]).toEqual([1, 2]);
    await socket.recv(1, { flags: 'MSG_PEEK' }); // waits for what is behind the urgent byte
    expect([...(await socket.recv(1, { flags: 'MSG_OOB' }))]).toEqual([0x63]);
    expect([...(await socket.recv(10))]).toEqual([3]);
  });

  test.each([
    ['MSG_WAITALL', /use recvExactly/],
    ['MSG_NONSENSE', /expected one of/],
  ])('%s is refused', async (name, message) => {
    const [near] = await pair(face);
    // Callers without types pass any text.
    const recv = (socket: FaceSocket) => socket.recv(1, { flags: name as 'MSG_PEEK' });
    const error = await attempt(() => recv(near));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(message);
  });
});
