/**
 * What the programs share: sockets on this machine, waiting for them, and the report that the test reads.
 */
import { readdirSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import {
  createConnection,
  createServer,
  SocketDescriptor,
  SystemError,
  WOULD_BLOCK,
} from '@wireline/socket';
import { connect, currentEventLoop } from '@wireline/socket/event-loop';
import * as awaited from '@wireline/socket/promises';

/** How long a program looks at what it uses. Long enough for a loop that spins to show. */
const LOOK_MS = 200;

/** What a collection frees may hold something else, which the next one frees. Three are enough; twice that. */
const COLLECTIONS = 6;

/** A port of the kernel's choice. */
export const ANY_PORT = { host: '127.0.0.1', port: 0 };

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
  const socket = new SocketDescriptor();
  socket.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
  socket.listen();
  return socket;
}

/**
 * Resolves when `socket` can be read.
 *
 * @param {SocketDescriptor} socket
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
 * @returns {Promise<[near: SocketDescriptor, far: SocketDescriptor]>}
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

/** The two ends of a connection, and who accepted it, of the face that blocks. */
export function blockingConnection() {
  const server = createServer(ANY_PORT);
  const near = createConnection(server.getsockname());
  return { server, near, far: server.accept().socket };
}

/** The two ends of a connection, and who accepted it, of the awaited face. */
export async function awaitedConnection() {
  const server = await awaited.createServer(ANY_PORT);
  const accepted = server.accept();
  const near = await awaited.createConnection(server.getsockname());
  return { server, near, far: (await accepted).socket };
}

/**
 * Lets what is due happen: `count` turns of Node's loop.
 *
 * @param {number} count
 */
export async function turns(count) {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Collects garbage, and lets run what that brings about. Needs `--expose-gc`. */
export async function collectGarbage() {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.();
    await turns(2);
  }
}

/** The share of one processor that the process uses, doing nothing. A real wait: nothing is to happen in it. */
export async function busyShare() {
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / LOOK_MS;
}

/** How many descriptors the process has open. The one that counts them is among them, each time. */
export function countDescriptors() {
  return readdirSync('/proc/self/fd').length;
}

/**
 * Speaks to the thread that started this one.
 *
 * @param {unknown} message
 */
export function tellMain(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
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

/**
 * What a test wants to know of an error of the operating system's; of another one, its text.
 *
 * @param {unknown} error
 */
export function facts(error) {
  if (error === undefined) return 'none';
  if (!(error instanceof SystemError)) return `not of the system: ${/** @type {Error} */ (error)}`;
  const { name, code, syscall } = error;
  return { name, code, syscall };
}
