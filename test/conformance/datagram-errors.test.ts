/** An error comes to a Unix datagram socket while it waits: it is told, and what has arrived stays. */
import { ConnectionResetError } from '@wireline/socket';
import { expect, test } from 'vitest';
import { Socket } from '@wireline/socket/promises';
import { kept } from './sockets.ts';
import { abstractName } from './unix.ts';

const BYTE = Uint8Array.of(1);

async function bound(): Promise<{ socket: Socket<'unix'>; path: string }> {
  const path = abstractName();
  const socket = kept(new Socket({ family: 'unix', type: 'dgram' }));
  await socket.bind({ path });
  return { socket, path };
}

/** Sends until the queue at `path` is full. */
async function fill(path: string): Promise<void> {
  const sender = kept(new Socket({ family: 'unix', type: 'dgram' }));
  sender.setBlocking(false);
  for (;;) {
    try {
      await sender.sendTo(BYTE, { path });
    } catch {
      return; // it is
    }
  }
}

test('a reader hears of the reset, and a writer that waits beside it takes nothing away', async () => {
  const [a, b, full, elsewhere] = [await bound(), await bound(), await bound(), await bound()];
  await a.socket.connect({ path: b.path });
  await b.socket.connect({ path: a.path });
  // The kernel resets a peer only if it has sent something that was not read.
  await a.socket.send(BYTE);
  await fill(full.path);
  const sent = a.socket.sendTo(BYTE, { path: full.path });
  sent.catch(() => {}); // it ends with the socket
  await new Promise((resolve) => setImmediate(resolve)); // it was tried, and waits
  const received = a.socket.recv(100);
  for (const value of [1, 2, 3]) expect(b.socket.trySend(Uint8Array.of(value))).toBe(1);
  expect(b.socket.tryConnectEx({ family: 'unix', path: elsewhere.path })).toBe(0);
  await expect(received).rejects.toThrow(ConnectionResetError);
  for (const value of [1, 2, 3]) expect(await a.socket.recv(100)).toEqual(Uint8Array.of(value));
});
