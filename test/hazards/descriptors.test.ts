/**
 * Hazards of descriptors that others have too, and of closing too early.
 *
 * A number that is used again within one batch of events is tested beside the event loop.
 */
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import {
  ConnectionResetError,
  createConnection,
  createServer,
  fromFd,
  Socket,
  SocketDescriptor,
  WOULD_BLOCK,
} from '@wireline/socket';
import { connect, currentEventLoop, EventLoop } from '@wireline/socket/event-loop';
import * as awaited from '@wireline/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
// No entry point exports the C library: nobody else makes a descriptor that can be inherited.
import { F_SETFD } from '../../packages/socket/src/libc/constants.ts';
import { openLibc } from '../../packages/socket/src/libc/library.ts';
import { reportOf } from './run-program.ts';

function readable(socket: SocketDescriptor): Promise<void> {
  return new Promise((resolve) => {
    const registration = currentEventLoop().register(socket.fileno(), 'read', {
      onReady() {
        registration.unregister();
        resolve();
      },
    });
  });
}

/** A listener and the two ends of a connection. */
async function connection(): Promise<
  [listener: SocketDescriptor, near: SocketDescriptor, far: SocketDescriptor]
> {
  const listener = new SocketDescriptor();
  listener.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
  listener.listen();
  const near = await connect(listener.getsockname());
  await readable(listener);
  const accepted = listener.tryAccept();
  if (accepted === WOULD_BLOCK) throw new Error('accept: nothing came');
  const far = accepted.socket;
  onTestFinished(() => [listener, near, far].forEach((socket) => socket.close()));
  return [listener, near, far];
}

test('child processes inherit no socket and no loop', async () => {
  const loop = new EventLoop();
  onTestFinished(() => loop.close());
  const sockets = await connection();
  const ours = sockets.map((socket) => readlinkSync(`/proc/self/fd/${socket.fileno()}`));
  const { stdout } = spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
  expect(stdout, 'ls works').toContain(' 1 -> ');
  expect(ours.every((name) => name.startsWith('socket:'))).toBe(true);
  for (const name of ours) expect(stdout).not.toContain(name);
  expect(stdout).not.toContain('eventpoll');
});

/** Closes when the test is over. */
function closing<S extends { close(): void }>(socket: S): S {
  onTestFinished(() => socket.close());
  return socket;
}

test.for([
  [
    'the blocking face',
    () => {
      const server = closing(createServer({ host: '127.0.0.1', port: 0 }));
      const near = closing(createConnection(server.getsockname()));
      const far = closing(server.accept().socket);
      const copies = [closing(near.dup()), closing(fromFd(far.fileno()))];
      return [server, near, far, ...copies, closing(new Socket({ type: 'dgram' }))];
    },
  ],
  [
    'the awaited face',
    async () => {
      const server = closing(await awaited.createServer({ host: '127.0.0.1', port: 0 }));
      const accepted = server.accept();
      const near = closing(await awaited.createConnection(server.getsockname()));
      const far = closing((await accepted).socket);
      const copies = [closing(near.dup()), closing(awaited.fromFd(far.fileno()))];
      return [server, near, far, ...copies, closing(new awaited.Socket({ type: 'dgram' }))];
    },
  ],
] as const)('child processes inherit no socket of %s', async ([, open]) => {
  const sockets = await open();
  for (const socket of sockets) expect(isInherited(socket.fileno()), String(socket)).toBe(false);
});

test('a descriptor that comes from elsewhere is not inherited any further', () => {
  const plain = inheritable();
  expect(isInherited(plain), 'that it can be inherited at all').toBe(true);
  closing(new Socket({ fd: plain }));
  expect(isInherited(plain)).toBe(false);
  const second = inheritable();
  closing(new awaited.Socket({ fd: second }));
  expect(isInherited(second)).toBe(false);
});

/** Whether a child process that is started now has the descriptor. */
function isInherited(fd: number): boolean {
  const name = readlinkSync(`/proc/self/fd/${fd}`);
  const { stdout } = spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
  expect(stdout, 'ls works').toContain(' 1 -> ');
  return stdout.includes(name);
}

/** A socket as a parent process hands it over: without close-on-exec. */
function inheritable(): number {
  const { fcntl } = openLibc();
  const fd = new SocketDescriptor().detach();
  if (fcntl(fd, F_SETFD, 0) !== 0) throw new Error('fcntl: F_SETFD failed');
  return fd;
}

test('a connection that a child process holds: no ghost events, and no busy loop', async () => {
  const report = await reportOf('duplicated');
  const { events, busy } = report as { events: number; busy: number };
  expect(events).toBe(0);
  expect(busy, 'the share of one processor').toBeLessThan(0.5);
});

describe('closing after the last answer', () => {
  /** Answers a question, closes, and tells what the asker sees after the answer. */
  async function lastWord(readFirst: boolean): Promise<unknown> {
    const [, near, far] = await connection();
    const buffer = new Uint8Array(64);
    near.trySend(new TextEncoder().encode('question'));
    await readable(far);
    if (readFirst) far.tryRecvInto(buffer);
    far.trySend(new TextEncoder().encode('answer'));
    far.close();
    for (;;) {
      await readable(near);
      try {
        if (near.tryRecvInto(buffer) === 0) return 'the end';
      } catch (error) {
        return error;
      }
    }
  }

  test('with nothing left to read, the peer sees the answer and the end', async () => {
    expect(await lastWord(true)).toBe('the end');
  });

  // A fact of TCP, not of this library; it is why a service reads on for a while before it closes.
  test('with input left unread, the peer sees a reset', async () => {
    expect(await lastWord(false)).toBeInstanceOf(ConnectionResetError);
  });
});
