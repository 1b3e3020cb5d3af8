/**
 * Hazards of descriptors that others have too, and of closing too early.
 *
 * A number that is used again within one batch of events is tested beside the event loop.
 */
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { ConnectionResetError, Socket, WOULD_BLOCK } from '@wireline/socket';
import { connect, currentEventLoop, EventLoop } from '@wireline/socket/event-loop';
import { describe, expect, onTestFinished, test } from 'vitest';
import { reportOf } from './run-program.ts';

function readable(socket: Socket): Promise<void> {
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
async function connection(): Promise<[listener: Socket, near: Socket, far: Socket]> {
  const listener = new Socket();
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
