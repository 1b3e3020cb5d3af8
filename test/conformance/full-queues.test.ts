/** Unix datagrams for somebody whose queue is full: the kernel calls the sender writable all the same. */
import {
  BlockingIOError,
  ERRNO,
  ResourceExhaustedError,
  SocketClosedError,
  TimeoutError,
} from '@wireline/socket';
import { EventLoop } from '@wireline/socket/event-loop';
import { Socket } from '@wireline/socket/promises';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLibc } from '../../packages/socket/src/libc/library.ts';
import { AWAITED, FACES, type Face, type FaceSocket } from './face.ts';
import { kept } from './sockets.ts';
import { abstractName } from './unix.ts';

const BYTES = new Uint8Array(100);

/** How long a sender rests between two attempts: 40 times in 200 ms, and not many thousands. */
const REST_MS = 5;
const TIMEOUT_MS = 200;
const MOST_ATTEMPTS = 60;

interface Scene {
  readonly sender: FaceSocket<'unix'>;
  readonly receiver: FaceSocket<'unix'>;
  readonly path: string;
  /** How many calls of sendto there were. */
  attempts(): number;
}

/** A sender without a peer of its own, and a receiver whose queue it has filled. */
async function full(face: Face): Promise<Scene> {
  const path = abstractName();
  const receiver = kept(new face.Socket({ family: 'unix', type: 'dgram' }));
  await receiver.bind({ path });
  const real = openLibc();
  let count = 0;
  const libc: typeof real = {
    ...real,
    sendto(...values) {
      count++;
      return real.sendto(...values);
    },
  };
  const sender = kept(new face.Socket({ family: 'unix', type: 'dgram', libc }));
  sender.setBlocking(false);
  await expect(
    (async () => {
      for (;;) await sender.sendTo(BYTES, { path });
    })(),
  ).rejects.toThrow(BlockingIOError);
  count = 0;
  return { sender, receiver, path, attempts: () => count };
}

describe.each(FACES)('$title', (face) => {
  test('whoever waits rests between his attempts', async () => {
    const { sender, path, attempts } = await full(face);
    sender.setTimeout(TIMEOUT_MS);
    await expect(async () => sender.sendTo(BYTES, { path })).rejects.toThrow(TimeoutError);
    expect(attempts()).toBeLessThan(MOST_ATTEMPTS);
    expect(attempts(), 'and does try').toBeGreaterThan(2);
  });
});

describe.each([AWAITED])('$title', (face) => {
  test('it is sent when there is room again', async () => {
    const { sender, receiver, path } = await full(face);
    sender.setBlocking(true);
    const sent = sender.sendTo(BYTES, { path });
    await receiver.recv(BYTES.length);
    expect(await sent).toBe(BYTES.length);
  });

  test('what comes meanwhile is received', async () => {
    const { sender, receiver, path } = await full(face);
    const own = abstractName();
    await sender.bind({ path: own });
    sender.setBlocking(true);
    const sent = sender.sendTo(BYTES, { path });
    const received = sender.recv(BYTES.length);
    await receiver.sendTo(Uint8Array.of(7), { path: own });
    expect(await received).toEqual(Uint8Array.of(7));
    sender.close();
    await expect(sent).rejects.toThrow(SocketClosedError);
  });
});

test('when the loop cannot be told to go on, the one who waits is', async () => {
  const { path } = await full(AWAITED);
  const real = openLibc();
  let isShort = false;
  const libc: typeof real = {
    ...real,
    errno: () => (isShort ? ERRNO.ENOMEM : real.errno()),
    epollCtl: (...values) => (isShort ? -1 : real.epollCtl(...values)),
  };
  const loop = new EventLoop({ libc });
  onTestFinished(() => loop.close());
  const clock = new ManualClock();
  const sender = kept(new Socket({ family: 'unix', type: 'dgram', loop, clock }));
  const sent = sender.sendTo(BYTES, { path });
  sent.catch(() => {}); // it is looked at below
  // Until it rests: its time-out is longer.
  while (clock.next !== REST_MS) await new Promise((resolve) => setImmediate(resolve));
  isShort = true;
  clock.advance(REST_MS);
  isShort = false;
  await expect(sent).rejects.toThrow(ResourceExhaustedError);
});
