/** What the chapters of the contract need now and then. */
import { Socket } from '@wireline/socket';
import { connection, duplicateOf, kept } from '../scene.ts';
import { A_WHILE_MS } from './subject.ts';

/** A number that was a descriptor, and is none. */
export function closedNumber(): number {
  const end = duplicateOf(connection().near);
  end.close();
  return end.fd;
}

/** A socket of ours that has the number `fd`: the kernel gives the lowest free one. */
export function takerOf(fd: number): Socket {
  for (;;) {
    const socket = kept(new Socket({ type: 'dgram' }));
    if (socket.fileno() === fd) return socket;
  }
}

/** A socket whose calls do not wait. */
export function nonBlocking(): Socket {
  const socket = kept(new Socket());
  socket.setBlocking(false);
  return socket;
}

/** Sends until nothing more is taken, not even later. */
export function fill(socket: Socket): void {
  const bytes = new Uint8Array(1024 * 1024);
  socket.setTimeout(A_WHILE_MS);
  try {
    for (;;) socket.send(bytes);
  } catch {
    // The peer receives nothing, so that is the end.
  }
}

/** Lets what waits come to wait: promise jobs, and two rounds of the loop. */
export async function turn(): Promise<void> {
  for (let rounds = 0; rounds < 2; rounds++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
