/** Descriptors that are given to somebody over a Unix socket, and what can be done with them there. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import type { Family } from '@wireline/socket';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { Peer, PYTHON } from './peer.ts';
import {
  acceptedBy,
  connected,
  flagsOf,
  kept,
  listening,
  O_CLOEXEC,
  openDescriptors,
  pair,
  receiveToEnd,
} from './sockets.ts';
import { scratchPath } from './unix.ts';

const BYTE = Uint8Array.of(7);

function unixPair(face: Face, type: 'stream' | 'dgram' | 'seqpacket' = 'stream') {
  const [one, other] = face.socketpair({ type });
  return [kept(one), kept(other)] as const;
}

/** A descriptor that came, closed when its test is over, unless it was before. */
function received(fds: readonly number[]): number {
  const [fd = -1] = fds;
  expect(fds).toEqual([fd]);
  expect(flagsOf(fd) & O_CLOEXEC).toBe(O_CLOEXEC);
  return fd;
}

/** A socket over a descriptor that came. */
function taken(face: Face, fds: readonly number[]): FaceSocket<Family> {
  return kept(new face.Socket<Family>({ fd: received(fds) }));
}

/** A file, open to read; closed when its test is over. */
function opened(path: string): number {
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
}

describe.each(FACES)('$title', (face) => {
  const python = new Peer(PYTHON);
  afterAll(() => python.close());

  test('a connection: the peer does not notice who goes on', async () => {
    const [one, other] = unixPair(face);
    const [near, far] = await pair(face);
    await near.sendAll(Uint8Array.of(1));
    expect(await one.sendFds(BYTE, [near.fileno()])).toBe(1);
    near.close();
    const { bytes, fds } = await other.recvFds(10, 1);
    expect(bytes).toEqual(BYTE);
    const again = taken(face, fds);
    expect([again.family, again.type, again.getpeername()]).toEqual([
      'inet',
      'stream',
      far.getsockname(),
    ]);
    await again.sendAll(Uint8Array.of(2));
    await far.sendAll(Uint8Array.of(3));
    expect([...(await far.recvExactly(2))]).toEqual([1, 2]);
    expect([...(await again.recv(9))]).toEqual([3]);
    again.close();
    expect(await far.recv(1)).toHaveLength(0);
  });

  test('a listening socket: connections that wait are accepted there', async () => {
    const [one, other] = unixPair(face);
    const listener = await listening(face);
    const address = listener.getsockname();
    const near = await connected(face, address);
    await one.sendFds(BYTE, [listener.fileno()]);
    listener.close();
    const again = taken(face, (await other.recvFds(1, 1)).fds);
    expect(again.getsockname()).toEqual(address);
    expect((await acceptedBy(again)).getpeername()).toEqual(near.getsockname());
    await connected(face, address);
    await acceptedBy(again);
  });

  test('a file, which stays open here, too', async () => {
    const [one, other] = unixPair(face);
    const path = scratchPath('file');
    writeFileSync(path, 'text');
    const fd = opened(path);
    await one.sendFds(BYTE, [fd]);
    const copy = received((await other.recvFds(1, 1)).fds);
    expect(copy).not.toBe(fd);
    expect(fstatSync(copy).ino).toBe(fstatSync(fd).ino);
    expect(readFileSync(copy, 'utf8')).toBe('text');
    closeSync(copy);
    expect(flagsOf(fd)).toBeGreaterThanOrEqual(0);
  });

  test('a Unix socket over itself, and back', async () => {
    const [one, other] = unixPair(face);
    await one.sendFds(BYTE, [one.fileno()]);
    one.close();
    const again = taken(face, (await other.recvFds(1, 1)).fds);
    expect([again.family, again.type]).toEqual(['unix', 'stream']);
    await again.sendAll(BYTE);
    expect(await other.recv(9)).toEqual(BYTE);
  });

  describe.each(['stream', 'dgram', 'seqpacket'] as const)('over a %s', (type) => {
    test.each([1, 2, 3, 252, 253])('%d at once', async (count) => {
      const [one, other] = unixPair(face, type);
      const before = openDescriptors();
      const fd = opened('/dev/null');
      await one.sendFds(
        BYTE,
        Array.from({ length: count }, () => fd),
      );
      const { fds } = await other.recvFds(1, count);
      expect(new Set(fds).size).toBe(count);
      for (const each of fds) {
        expect(flagsOf(each) & O_CLOEXEC).toBe(O_CLOEXEC);
        closeSync(each);
      }
      expect(openDescriptors()).toBe(before + 1);
    });

    test('fewer than asked for, and none', async () => {
      const [one, other] = unixPair(face, type);
      await one.sendFds(BYTE, [opened('/dev/null')]);
      const { fds } = await other.recvFds(10, 253);
      closeSync(received(fds));
      await one.sendFds(BYTE, []);
      await one.send(BYTE);
      for (let i = 0; i < 2; i++) {
        expect((await other.recvFds(type === 'stream' ? 1 : 10, 3)).fds).toEqual([]);
      }
    });

    test('each message has its own, whatever was received before', async () => {
      const [one, other] = unixPair(face, type);
      const [first, second] = [opened('/dev/null'), opened('/dev/zero')];
      await one.send(Uint8Array.of(1));
      await one.sendFds(Uint8Array.of(2), [first]);
      await one.sendFds(Uint8Array.of(3), [second]);
      await one.send(Uint8Array.of(4));
      const came: (number | undefined)[][] = [];
      for (let left = 4; left > 0;) {
        const { bytes, fds } = await other.recvFds(1, 2);
        left -= bytes.length;
        came.push([bytes[0], ...fds.map((fd) => fstatSync(fd).rdev)]);
        for (const fd of fds) closeSync(fd);
      }
      const [ofFirst, ofSecond] = [fstatSync(first).rdev, fstatSync(second).rdev];
      expect(came).toEqual([[1], [2, ofFirst], [3, ofSecond], [4]]);
    });

    test('with credentials before them', async () => {
      const [one, other] = unixPair(face, type);
      other.setsockopt('SO_PASSCRED', true);
      await one.sendFds(BYTE, [opened('/dev/null')]);
      closeSync(received((await other.recvFds(1, 1)).fds));
      await one.send(BYTE);
      expect(await other.recvFds(1, 0)).toEqual({ bytes: BYTE, fds: [] });
    });

    test('in a message with parts, and received as control messages', async () => {
      const [one, other] = unixPair(face, type);
      const fds = [opened('/dev/null'), opened('/dev/zero')];
      await one.sendMsg({
        parts: [Uint8Array.of(1), Uint8Array.of(2)],
        control: [{ type: 'SCM_RIGHTS', fds }],
      });
      const { bytes, control, flags } = await other.recvMsg(10);
      expect([bytes.length, flags.includes('MSG_CTRUNC')]).toEqual([2, false]);
      expect(control).toEqual([
        { type: 'SCM_RIGHTS', fds: [expect.any(Number), expect.any(Number)] },
      ]);
      for (const message of control) {
        if (message.type === 'SCM_RIGHTS') message.fds.forEach((fd) => closeSync(fd));
      }
    });
  });

  test('a peek gives descriptors, and leaves them for the next call', async () => {
    const [one, other] = unixPair(face);
    await one.sendFds(BYTE, [opened('/dev/null')]);
    const peeked = received((await other.recvFds(1, 1, { flags: 'MSG_PEEK' })).fds);
    const again = received((await other.recvFds(1, 1)).fds);
    expect(again).not.toBe(peeked);
    closeSync(peeked);
    closeSync(again);
  });

  test('from Python: a pipe, a connection, a listening socket', async () => {
    const path = scratchPath();
    const { report } = await python.listen({ path }, [
      ['send fds', '01', 'pipe'],
      ['send fds', '0203', 'connection', 'listener'],
    ]);
    const socket = kept(await face.createConnection({ path }));
    const first = await socket.recvFds(1, 1);
    const pipe = received(first.fds);
    const text = Buffer.alloc(10);
    expect(text.toString('utf8', 0, readSync(pipe, text))).toBe('pipe');
    expect(readSync(pipe, text)).toBe(0);
    closeSync(pipe);

    const { bytes, fds } = await socket.recvFds(10, 2);
    expect([...bytes]).toEqual([2, 3]);
    const [connection, listener] = fds.map((fd) => kept(new face.Socket<Family>({ fd })));
    if (connection === undefined || listener === undefined) throw new Error('two were sent');
    expect((await receiveToEnd(connection)).toString()).toBe('connection');
    const address = listener.getsockname();
    if (address.family !== 'inet') throw new Error('it listens on IPv4');
    const near = await connected(face, address);
    expect((await acceptedBy(listener)).getpeername()).toEqual(near.getsockname());
    expect(await report).toMatchObject({ error: null });
  });

  test('to Python, which writes into each', async () => {
    const path = scratchPath();
    const { report } = await python.listen({ path }, [['receive fds', 2]]);
    const socket = kept(await face.createConnection({ path }));
    const [near, far] = await pair(face);
    const [one, other] = unixPair(face);
    await socket.sendFds(Uint8Array.of(1, 2, 3), [near.fileno(), one.fileno()]);
    near.close();
    one.close();
    expect((await receiveToEnd(far)).toString()).toBe('from Python');
    expect((await receiveToEnd(other)).toString()).toBe('from Python');
    expect(await report).toMatchObject({ received: 3, error: null });
  });
});
