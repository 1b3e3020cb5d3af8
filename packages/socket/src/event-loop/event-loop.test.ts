/**
 * The event loop on real sockets.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { closing, connectedPair, listening, sendAll } from '../../test/loopback.ts';
import { turns } from '../../test/uncaught.ts';
import { WOULD_BLOCK } from '../libc/syscall.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { currentEventLoop, EventLoop } from './event-loop.ts';
import { EVENT_HANGUP, EVENT_READ, EVENT_WRITE } from './registration.ts';

function newLoop(): EventLoop {
  const loop = new EventLoop();
  onTestFinished(() => loop.close());
  return loop;
}

const ONE = Uint8Array.of(1);

/** Two connections: the ends that are watched, and the ends that send. */
async function twoPairs(): Promise<
  [near: [SocketDescriptor, SocketDescriptor], far: [SocketDescriptor, SocketDescriptor]]
> {
  const [nearA, farA] = await connectedPair();
  const [nearB, farB] = await connectedPair();
  return [
    [nearA, nearB],
    [farA, farB],
  ];
}

test('there is one current loop per thread', () => {
  expect(currentEventLoop()).toBe(currentEventLoop());
});

test('readable, writable and hang-up are told as they come', async () => {
  const loop = newLoop();
  const [near, far] = await connectedPair();
  let tell!: (events: number) => void;
  const told = (): Promise<number> => new Promise((resolve) => (tell = resolve));
  const registration = loop.register(near.fileno(), 'write', {
    onReady: (events) => tell(events),
  });
  expect(await told()).toBe(EVENT_WRITE);
  far.trySend(ONE);
  registration.modify('read');
  expect(await told()).toBe(EVENT_READ);
  registration.modify('none');
  far.shutdown('write');
  near.shutdown('write');
  expect(await told(), 'whatever the interest').toBe(EVENT_READ | EVENT_WRITE | EVENT_HANGUP);
  registration.unregister();
});

test('what is left unread is told again, after the others had their turn', async () => {
  const loop = newLoop();
  const [watched, peers] = await twoPairs();
  for (const peer of peers) peer.trySend(new Uint8Array(3));
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    for (const [index, socket] of watched.entries()) {
      const registration = loop.register(socket.fileno(), 'read', {
        onReady() {
          order.push(index === 0 ? 'a' : 'b');
          socket.tryRecvInto(loop.receiveBuffer, 1);
          if (order.filter((name) => name === order.at(-1)).length === 3) {
            registration.unregister();
          }
          if (order.length === 6) resolve();
        },
      });
    }
  });
  expect(['ababab', 'bababa']).toContain(order.join(''));
});

test('a number used again within a turn: no foreign event reaches the new owner', async () => {
  const loop = newLoop();
  const [watched, peers] = await twoPairs();
  const told: string[] = [];
  let young: SocketDescriptor | undefined;
  await new Promise<void>((resolve) => {
    const registrations = watched.map((socket, index) =>
      loop.register(socket.fileno(), 'read', {
        onReady() {
          socket.tryRecvInto(loop.receiveBuffer);
          told.push('old');
          if (told.length > 1) return resolve(); // the second byte: a later turn
          // Whichever is called first closes the other, whose event is in this batch too.
          const other = watched[1 - index];
          const number = other?.fileno();
          registrations[1 - index]?.unregister();
          other?.close();
          young = listening();
          expect(young.fileno(), 'the kernel gives the lowest free number').toBe(number);
          loop.register(young.fileno(), 'read', { onReady: () => told.push('new') });
          peers[index]?.trySend(ONE);
        },
      }),
    );
    for (const peer of peers) peer.trySend(ONE);
  });
  expect(told).toEqual(['old', 'old']);
});

test('more than one batch holds: all are served', async () => {
  const loop = newLoop();
  const COUNT = 1500; // a batch is 1024
  const sockets = Array.from({ length: COUNT }, () => closing(new SocketDescriptor()));
  const served = new Set<number>();
  await new Promise<void>((resolve) => {
    for (const socket of sockets) {
      // A socket without a connection is ready at once: it hangs up.
      const registration = loop.register(socket.fileno(), 'write', {
        onReady() {
          registration.unregister();
          served.add(socket.fileno());
          if (served.size === COUNT) resolve();
        },
      });
    }
  });
  expect(loop.size).toBe(0);
});

test('what cannot be watched is refused', () => {
  const loop = newLoop();
  const ignore = { onReady: () => {} };
  const socket = new SocketDescriptor();
  const number = socket.fileno();
  socket.close();
  expect(() => loop.register(number, 'read', ignore)).toThrow(
    expect.objectContaining({ code: 'EBADF' }),
  );
  expect(loop.size).toBe(0);
});

describe('the end of a turn', () => {
  test('comes after all handlers, before anything else runs', async () => {
    const loop = newLoop();
    const [watched, peers] = await twoPairs();
    const order: string[] = [];
    const task = { run: () => order.push('task') };
    const turn = new Promise<void>((resolve) => {
      for (const socket of watched) {
        loop.register(socket.fileno(), 'read', {
          onReady() {
            socket.tryRecvInto(loop.receiveBuffer);
            order.push('handler');
            loop.atEndOfTurn(task);
            process.nextTick(() => order.push('tick'));
            void Promise.resolve().then(() => order.push('promise'));
            setImmediate(resolve);
          },
        });
      }
    });
    for (const peer of peers) peer.trySend(ONE);
    await turn;
    expect(order).toEqual([
      'handler',
      'handler',
      'task',
      'task',
      'tick',
      'tick',
      'promise',
      'promise',
    ]);
  });

  test('is there again in the next turn', async () => {
    const loop = newLoop();
    const [near, far] = await connectedPair();
    let runs = 0;
    const task = { run: () => runs++ };
    await new Promise<void>((resolve) => {
      loop.register(near.fileno(), 'read', {
        onReady() {
          near.tryRecvInto(loop.receiveBuffer, 1);
          loop.atEndOfTurn(task);
          if (runs === 2) resolve();
        },
      });
      far.trySend(new Uint8Array(3));
    });
    await turns(1);
    expect(runs).toBe(3);
  });
});

test('an echo of many bytes, with interest that follows what there is to do', async () => {
  const loop = newLoop();
  const [near, far] = await connectedPair();
  const pending: Buffer[] = [];
  const registration = loop.register(far.fileno(), 'read', {
    onReady() {
      const count = far.tryRecvInto(loop.receiveBuffer);
      if (typeof count === 'number')
        pending.push(Buffer.from(loop.receiveBuffer.subarray(0, count)));
      if (count === 0) registration.unregister();
    },
  });
  const sent = new Uint8Array(1_000_000).fill(7);
  await sendAll(near, sent);
  near.shutdown('write');
  while (loop.size > 0) await turns();
  expect(Buffer.concat(pending).equals(sent)).toBe(true);
  expect(far.tryRecvInto(ONE)).not.toBe(WOULD_BLOCK);
});
