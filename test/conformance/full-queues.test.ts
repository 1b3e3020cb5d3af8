/** Unix datagrams for somebody whose queue is full: the kernel calls the sender writable all the same. */
import { BlockingIOError, SocketClosedError, TimeoutError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { openLibc } from '../../packages/socket/src/libc/library.ts';
import { AWAITED, FACES, type Face, type FaceSocket } from './face.ts';
import { kept } from './sockets.ts';
import { abstractName } from './unix.ts';

const BYTES = new Uint8Array(100);

/** Between two attempts the sender rests 5 ms: 40 times in 200 ms, and not many thousands. */
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
