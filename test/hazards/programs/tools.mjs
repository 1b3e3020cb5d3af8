/**
 * What the programs share: sockets on this machine, waiting for them, and the report that the test reads.
 */
import { readdirSync } from 'node:fs';
import { Socket, WOULD_BLOCK } from '@wireline/socket';
import { connect, currentEventLoop } from '@wireline/socket/event-loop';

/**
 * Tells the test, in JSON, and lets the program end.
 *
 * @param {unknown} value
 */
export function report(value) {
  process.stdout.write(JSON.stringify(value));
}

/** A socket that listens at a port of the kernel's choice. */
export function listening() {
  const socket = new Socket();
  socket.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
  socket.listen();
  return socket;
}

/**
 * Resolves when `socket` can be read.
 *
 * @param {Socket} socket
 * @returns {Promise<void>}
 */
export function readable(socket) {
  return new Promise((resolve) => {
    const registration = currentEventLoop().register(socket.fileno(), 'read', {
      onReady() {
        registration.unregister();
        resolve();
      },
    });
  });
}

/**
 * The two ends of a connection.
 *
 * @returns {Promise<[near: Socket, far: Socket]>}
 */
export async function connectedPair() {
  const listener = listening();
  const near = await connect(listener.getsockname());
  await readable(listener);
  const accepted = listener.tryAccept();
  listener.close();
  if (accepted === WOULD_BLOCK) throw new Error('accept: nothing came');
  return [near, accepted.socket];
}

/**
 * Lets what is due happen: `count` turns of Node's loop.
 *
 * @param {number} count
 */
export async function turns(count) {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** How many descriptors the process has open. The one that counts them is among them, each time. */
export function countDescriptors() {
  return readdirSync('/proc/self/fd').length;
}

/**
 * The error that `attempt` throws; nothing when it succeeds.
 *
 * @param {() => unknown} attempt
 */
export function failure(attempt) {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return undefined;
}
