/**
 * The listener on real sockets: it serves, and it must not spin.
 */
import { expect, describe, onTestFinished, test } from 'vitest';
import { closing, FAMILIES, loopback } from '../../test/loopback.ts';
import { turns } from '../../test/uncaught.ts';
import { ACCEPT_PAUSE_MS } from '../listening/accept-policy.ts';
import type { IpFamily } from '../address/address.ts';
import { ERRNO } from '../libc/errno.ts';
import type { Libc } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import { SocketDescriptor, type Accepted } from '../descriptor/socket-descriptor.ts';
import { ManualClock } from '../testing/index.ts';
import { EventLoop } from './event-loop.ts';
import { Listener } from './listener.ts';

/** A listening socket that calls `libc`. */
function listeningThrough(libc: Libc, family: IpFamily): SocketDescriptor {
  const socket = new SocketDescriptor({ family, libc });
  socket.bind(loopback(family));
  socket.listen();
  return socket;
}

describe.for(FAMILIES)('$name', ({ family, missing }) => {
  test.skipIf(missing)('while out of descriptors: no call, then the connection', async () => {
    // The real kernel with one call replaced: out of descriptors until we say otherwise.
    const real = openLibc();
    let calls = 0;
    let isShort = true;
    let errno = 0;
    const libc: Libc = {
      ...real,
      errno: () => errno || real.errno(),
      accept4(fd, address, addressLength, flags) {
        calls++;
        errno = isShort ? ERRNO.EMFILE : 0;
        return isShort ? -1 : real.accept4(fd, address, addressLength, flags);
      },
    };
    const loop = new EventLoop();
    const clock = new ManualClock();
    const client = closing(new SocketDescriptor({ family }));
    let onStarved!: () => void;
    let onConnection!: (accepted: Accepted) => void;
    const pause = new Promise<void>((resolve) => (onStarved = resolve));
    const arrival = new Promise<Accepted>((resolve) => (onConnection = resolve));
    const owned = new Listener(
      listeningThrough(libc, family),
      { onStarved, onConnection, onError: (error) => expect.fail(error.message) },
      { loop, clock },
    );
    onTestFinished(() => {
      owned.close();
      loop.close();
    });
    client.tryConnectEx(owned.address);
    await pause;
    await turns(50); // had it a wish left, each of these turns would try again
    expect(calls).toBe(1);
    isShort = false;
    clock.advance(ACCEPT_PAUSE_MS);
    const { socket, address } = await arrival;
    closing(socket);
    expect(address).toEqual(client.getsockname());
  });
});
