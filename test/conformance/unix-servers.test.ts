/**
 * Servers on Unix sockets, and what stands at their path already: a file that was left behind is replaced, and
 * nothing else is.
 */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { AddressInUseError, BlockingIOError, type SystemError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type Face } from './face.ts';
import { systemFailureOf } from './failures.ts';
import { acceptedBy, kept, openDescriptors } from './sockets.ts';
import { abstractName, scratchPath } from './unix.ts';

const BYTES = Uint8Array.of(1, 2, 3);

/** A server at that path, and that it serves. */
async function expectServer(face: Face, path: string): Promise<void> {
  const server = kept(await face.createServer({ path }));
  const near = kept(await face.createConnection({ path }));
  const far = await acceptedBy(server);
  await near.sendAll(BYTES);
  expect(await far.recvExactly(3)).toEqual(BYTES);
}

/** Why no server can be there: somebody, or something, else is. */
async function inUse(face: Face, path: string): Promise<SystemError> {
  const before = openDescriptors();
  const failure = await systemFailureOf(() => face.createServer({ path }));
  expect(failure).toBeInstanceOf(AddressInUseError);
  expect(failure).toMatchObject({ syscall: 'bind' });
  expect(openDescriptors()).toBe(before);
  return failure;
}

describe.each(FACES)('$title', (face) => {
  test.each(['stream', 'seqpacket', 'dgram'] as const)(
    'the file that a socket of type %s left behind is replaced',
    async (type) => {
      const path = scratchPath();
      const dead = new face.Socket({ family: 'unix', type });
      await dead.bind({ path });
      dead.close();
      await expectServer(face, path);
    },
  );

  test('bind by itself replaces nothing, and says what stands there', async () => {
    const path = scratchPath();
    kept(await face.createServer({ path })).close();
    const socket = kept(new face.Socket({ family: 'unix' }));
    const failure = await systemFailureOf(() => socket.bind({ path }));
    expect(failure).toBeInstanceOf(AddressInUseError);
    expect(failure.message).toMatch(
      /^bind unix:\/.*: the path is in use: .* if it was left behind, remove it, as createServer does/,
    );
  });

  test('a live server is not disturbed: it sees nobody, and goes on', async () => {
    const path = scratchPath();
    const server = kept(await face.createServer({ path }));
    const waiting = kept(await face.createConnection({ path }));
    expect((await inUse(face, path)).message).toMatch(/a socket has it; `ss -xap` shows which/);
    await waiting.sendAll(BYTES);
    expect(await (await acceptedBy(server)).recvExactly(3)).toEqual(BYTES);
    server.setBlocking(false);
    expect(await systemFailureOf(() => server.accept())).toBeInstanceOf(BlockingIOError);
    server.setBlocking(true);
    const next = kept(await face.createConnection({ path }));
    await next.sendAll(BYTES);
    expect(await (await acceptedBy(server)).recvExactly(3)).toEqual(BYTES);
  });

  test('a server whose backlog is full is a live one', async () => {
    const path = scratchPath();
    const server = kept(await face.createServer({ path }, { backlog: 0 }));
    kept(await face.createConnection({ path }));
    await inUse(face, path);
    expect((await acceptedBy(server)).getsockname().path).toBe(path);
  });

  test('one that does not listen yet keeps its path', async () => {
    const path = scratchPath();
    const server = kept(new face.Socket({ family: 'unix' }));
    await server.bind({ path });
    await inUse(face, path);
    server.listen();
    const near = kept(await face.createConnection({ path }));
    await near.sendAll(BYTES);
    expect(await (await acceptedBy(server)).recvExactly(3)).toEqual(BYTES);
  });

  test.each(['dgram', 'seqpacket'] as const)('one of type %s keeps its path', async (type) => {
    const path = scratchPath();
    const other = kept(new face.Socket({ family: 'unix', type }));
    await other.bind({ path });
    await inUse(face, path);
    const sender = kept(new face.Socket({ family: 'unix', type }));
    if (type === 'seqpacket') other.listen();
    await sender.connect({ path });
    expect(sender.getpeername()).toEqual(other.getsockname());
  });

  test('a file that is no socket is kept', async () => {
    const path = scratchPath();
    writeFileSync(path, 'precious');
    expect((await inUse(face, path)).message).toMatch(/a file stands there that is no socket/);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('a link is kept, wherever it leads to', async () => {
    const [dead, link] = [scratchPath(), scratchPath('link')];
    kept(await face.createServer({ path: dead })).close();
    symlinkSync(dead, link);
    expect((await inUse(face, link)).message).toMatch(/a file stands there that is no socket/);
    await expectServer(face, dead);
  });

  test('an abstract name is gone with its socket, and taken as long as it lives', async () => {
    const path = abstractName();
    const server = kept(await face.createServer({ path }));
    expect((await inUse(face, path)).message).toMatch(
      /^bind unix:@wireline-.*: the name is in use: a socket has it/,
    );
    server.close();
    await expectServer(face, path);
  });

  test('a socket has one name', async () => {
    const socket = kept(new face.Socket({ family: 'unix' }));
    await socket.bind({ path: abstractName() });
    const failure = await systemFailureOf(() => socket.bind({ path: abstractName() }));
    expect(failure.code).toBe('EINVAL');
  });

  test('a socket without a name cannot listen', async () => {
    const socket = kept(new face.Socket({ family: 'unix' }));
    const failure = await systemFailureOf(() => socket.listen());
    expect(failure).toMatchObject({ code: 'EINVAL' });
    expect(failure.message).toMatch(/a Unix socket needs an address first: bind it/);
  });

  test('what is for hosts alone does not matter to a path', async () => {
    const path = scratchPath();
    kept(await face.createServer({ path }, { family: 'inet6', reusePort: true, backlog: 1 }));
    const near = kept(await face.createConnection({ path }, { timeoutMs: 5000, family: 'inet' }));
    expect([near.family, near.type, near.getTimeout()]).toEqual(['unix', 'stream', 5000]);
  });
});
