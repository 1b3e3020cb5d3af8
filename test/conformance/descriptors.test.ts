/** Descriptors and who owns them: duplicates, descriptors that are given away, and such that are taken over. */
import { closeSync, openSync } from 'node:fs';
import {
  BadDescriptorError,
  Socket,
  SocketClosedError,
  UnsupportedError,
  type Family,
} from '@wireline/socket';
import { describe, expect, test } from 'vitest';
// No entry point exports the C library: nobody else opens sockets of such a kind.
import { openLibc } from '../../packages/socket/src/libc/library.ts';
import { Program } from '../support/program.ts';
import { FACES } from './face.ts';
import {
  acceptedBy,
  connected,
  flagsOf,
  kept,
  listening,
  O_CLOEXEC,
  O_NONBLOCK,
  pair,
  receiveToEnd,
} from './sockets.ts';
import { scratchPath } from './unix.ts';

/** socket(2), netlink(7): a family that no class is for. */
const AF_NETLINK = 16;
const SOCK_RAW = 3;

describe.each(FACES)('$title', (face) => {
  test('dup: one connection with two descriptors, and each has to be closed', async () => {
    const [near, far] = await pair(face);
    const copy = kept(near.dup());
    expect(copy).toBeInstanceOf(face.Socket);
    expect(copy.fileno()).not.toBe(near.fileno());
    expect(copy.getpeername()).toEqual(near.getpeername());
    await near.sendAll(Uint8Array.of(1));
    near.close();
    await copy.sendAll(Uint8Array.of(2));
    copy.close();
    expect([...(await receiveToEnd(far))]).toEqual([1, 2]);
  });

  test('shutting a duplicate down shuts the connection down', async () => {
    const [near, far] = await pair(face);
    const copy = kept(near.dup());
    copy.shutdown('write');
    expect(await far.recv(1)).toHaveLength(0);
    await expect((async () => near.sendAll(new Uint8Array(1)))()).rejects.toMatchObject({
      code: 'EPIPE',
    });
  });

  test('detach gives the descriptor away, open', async () => {
    const [near, far] = await pair(face);
    const fd = near.fileno();
    expect(near.detach()).toBe(fd);
    expect(near.closed).toBe(true);
    expect(near.fileno()).toBe(-1);
    near.close(); // closes nothing that is not its own any more
    const again = kept(new face.Socket({ fd }));
    await again.sendAll(Uint8Array.of(1));
    expect([...(await far.recv(1))]).toEqual([1]);
  });

  test('a descriptor that is taken over is closed with its socket', async () => {
    const [near] = await pair(face);
    const socket = new face.Socket({ fd: near.detach() });
    const fd = socket.fileno();
    expect([socket.family, socket.type]).toEqual(['inet', 'stream']);
    socket.close();
    expect(() => face.fromFd(fd)).toThrow(BadDescriptorError);
  });

  test('fromFd takes a duplicate: the original stays its owner’s', async () => {
    const [near, far] = await pair(face);
    const copy = kept(face.fromFd(near.fileno()));
    expect(copy.fileno()).not.toBe(near.fileno());
    copy.close();
    await near.sendAll(Uint8Array.of(1));
    expect([...(await far.recv(1))]).toEqual([1]);
  });

  test('fromFd finds out what it is', () => {
    const original = kept(new face.Socket({ type: 'dgram' }));
    const copy = kept(face.fromFd(original.fileno()));
    expect([copy.family, copy.type]).toEqual(['inet', 'dgram']);
  });

  describe.each(['stream', 'dgram', 'seqpacket'] as const)('a Unix %s', (type) => {
    function unixPair() {
      const [one, other] = face.socketpair({ type });
      return [kept(one), kept(other)] as const;
    }

    test('dup: one connection with two descriptors', async () => {
      const [one, other] = unixPair();
      const copy = kept(one.dup());
      expect(copy).toBeInstanceOf(face.Socket);
      expect([copy.family, copy.type]).toEqual(['unix', type]);
      one.close();
      await copy.send(Uint8Array.of(2));
      expect([...(await other.recv(9))]).toEqual([2]);
    });

    test('detached, and taken over', async () => {
      const [one, other] = unixPair();
      const again = kept(new face.Socket<Family>({ fd: one.detach() }));
      expect([again.family, again.type]).toEqual(['unix', type]);
      await again.send(Uint8Array.of(1));
      expect([...(await other.recv(9))]).toEqual([1]);
      expect(again.getpeername()).toEqual({ family: 'unix', path: '' });
    });

    test('fromFd takes a duplicate, and finds out what it is', async () => {
      const [one, other] = unixPair();
      const copy = kept(face.fromFd(one.fileno()));
      expect([copy.family, copy.type]).toEqual(['unix', type]);
      expect(copy.fileno()).not.toBe(one.fileno());
      copy.close();
      await one.send(Uint8Array.of(1));
      expect([...(await other.recv(9))]).toEqual([1]);
    });

    test('each is non-blocking and closed on exec', () => {
      const [one, other] = unixPair();
      const copies = [kept(one.dup()), kept(face.fromFd(other.fileno()))];
      for (const socket of [one, other, ...copies]) {
        expect(flagsOf(socket.fileno()) & (O_CLOEXEC | O_NONBLOCK)).toBe(O_CLOEXEC | O_NONBLOCK);
      }
    });
  });

  test('a Unix connection that was accepted is one like any other', async () => {
    const path = scratchPath();
    const server = kept(await face.createServer({ path }));
    const near = kept(await face.createConnection({ path }));
    const far = await acceptedBy(server);
    expect(flagsOf(far.fileno()) & (O_CLOEXEC | O_NONBLOCK)).toBe(O_CLOEXEC | O_NONBLOCK);
    const again = kept(new face.Socket<Family>({ fd: far.detach() }));
    expect(again.getsockname()).toEqual({ family: 'unix', path });
    const file = near.makeFile();
    await file.write(new TextEncoder().encode('a line\n'));
    await file.flush();
    expect(new TextDecoder().decode(await again.makeFile().readLine())).toBe('a line\n');
  });

  test('every descriptor is non-blocking and closed on exec', async () => {
    const listener = await listening(face);
    const near = await connected(face, listener.getsockname());
    const far = await acceptedBy(listener);
    const copy = kept(near.dup());
    const other = kept(face.fromFd(near.fileno()));
    for (const socket of [listener, near, far, copy, other]) {
      expect(flagsOf(socket.fileno()) & (O_CLOEXEC | O_NONBLOCK)).toBe(O_CLOEXEC | O_NONBLOCK);
    }
  });

  test('what is no socket, or closed, is refused, and nothing stays open', () => {
    const closed = new Socket();
    const fd = closed.detach();
    closeSync(fd);
    expect(() => face.fromFd(fd)).toThrow(BadDescriptorError);
    for (const none of [-1, 0.5, Number.NaN, 2 ** 32 + 1]) {
      expect(() => face.fromFd(none)).toThrow(RangeError);
      expect(() => new face.Socket({ fd: none })).toThrow(RangeError);
    }
    expect(() => new face.Socket({ fd })).toThrow(BadDescriptorError);
    const file = openSync('/dev/null', 'r');
    expect(() => face.fromFd(file)).toThrow(BadDescriptorError);
    closeSync(file);
    const other = openLibc().socket(AF_NETLINK, SOCK_RAW, 0);
    expect(() => face.fromFd(other)).toThrow(UnsupportedError);
    closeSync(other);
    const next = kept(new face.Socket());
    expect(next.fileno()).toBe(fd); // the lowest free number: none was kept
  });

  test('a listening socket inherited from a parent process', async () => {
    await using parent = Program.run('python3', 'test/conformance/peers/parent.py', face.name);
    // What it sent, backwards, and then the flags: close-on-exec, non-blocking, and O_RDWR.
    const flags = (O_CLOEXEC | O_NONBLOCK | 2).toString(8);
    expect(await parent.exited()).toMatchObject({
      code: 0,
      stdout: `hello ${flags}\n`,
      stderr: '',
    });
  });

  test.each(['read', 'write', 'both'] as const)('shutdown %s', async (how) => {
    const [near, far] = await pair(face);
    near.shutdown(how);
    if (how !== 'read') {
      expect(await far.recv(1)).toHaveLength(0);
      await expect((async () => near.send(new Uint8Array(1)))()).rejects.toMatchObject({
        code: 'EPIPE',
      });
    }
    if (how !== 'write') expect(await near.recv(1)).toHaveLength(0);
    await far.sendAll(Uint8Array.of(7));
    if (how === 'write') expect([...(await near.recv(1))]).toEqual([7]);
  });

  test('shutdown of a socket without a connection', () => {
    const socket = kept(new face.Socket());
    expect(() => socket.shutdown('write')).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
  });

  test('detach of a closed socket', () => {
    const socket = new face.Socket();
    socket.close();
    expect(() => socket.detach()).toThrow(SocketClosedError);
  });
});
