/** A worker with an open loop and open sockets, which ends in the way that it is told. */
import { parentPort, workerData } from 'node:worker_threads';
import { Socket } from '@wireline/socket';
import { EventLoop } from '@wireline/socket/event-loop';
import { connectedPair, listening } from './tools.mjs';

const [near, far] = await connectedPair();
const listener = listening();
const loop = new EventLoop();
const registration = loop.register(listener.fileno(), 'read', { onReady: () => {} });
near.trySend(new Uint8Array(10));

const { way } = /** @type {{ way: string }} */ (workerData);
let second;

if (!way.endsWith('idle')) {
  // Ready all the time: whenever the end comes, the loop has something to do.
  loop.register(far.fileno(), 'write', { onReady: () => {} });
}

switch (way) {
  case 'returns':
    // Nothing registered, so the loop holds the thread no longer; all descriptors are open still.
    registration.unregister();
    loop.close();
    new EventLoop().register(near.fileno(), 'read', { onReady: () => {} }).unregister();
    break;
  case 'has two owners':
    second = new Socket({ fd: near.fileno() });
    loop.close();
    second.fileno();
    break;
  case 'throws':
    throw new Error('as asked');
  case 'exits':
    process.exit(0);
    break;
  default: // main ends it
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage('running');
}
