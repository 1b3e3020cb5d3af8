/** Echo between this thread and several workers at once: each has a loop of its own. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { WOULD_BLOCK } from '@wireline/socket';
import { connect, currentEventLoop, Listener } from '@wireline/socket/event-loop';
import { listening, readable, report } from './tools.mjs';

/** @typedef {import('@wireline/socket').IpAddress} Address */

const WORKERS = 4;
const ROUNDS = 200;

if (isMainThread) {
  const counts = await Promise.all(Array.from({ length: WORKERS }, talk));
  report({ counts });
} else {
  serve();
}

/**
 * @param {unknown} _
 * @param {number} number
 */
async function talk(_, number) {
  const worker = new Worker(new URL(import.meta.url));
  const [address] = /** @type {[Address]} */ (await once(worker, 'message'));
  const socket = await connect(address);
  const message = new Uint8Array(64).fill(number + 1);
  const answer = new Uint8Array(64);
  let echoed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    socket.trySend(message);
    for (let count = 0; count < message.length;) {
      await readable(socket);
      const came = socket.tryRecvInto(answer.subarray(count));
      if (came !== WOULD_BLOCK) count += came;
    }
    if (answer.every((byte) => byte === number + 1)) echoed++;
    answer.fill(0);
  }
  socket.close();
  await once(worker, 'exit'); // it ends by itself when nothing is registered any more
  return echoed;
}

function serve() {
  const loop = currentEventLoop();
  const listener = new Listener(listening(), {
    onConnection({ socket }) {
      listener.close();
      const registration = loop.register(socket.fileno(), 'read', {
        onReady() {
          const count = socket.tryRecvInto(loop.receiveBuffer);
          if (count === WOULD_BLOCK) return;
          if (count > 0) return void socket.trySend(loop.receiveBuffer, count);
          registration.unregister();
          socket.close();
        },
      });
    },
    onError(error) {
      throw error;
    },
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(listener.address);
}
