/**
 * A worker with open sockets and an open loop, which ends in the way that it is told, and in the middle of
 * what it is told.
 */
import { workerData } from 'node:worker_threads';
import { SocketDescriptor } from '@wireline/socket';
import { currentEventLoop, EventLoop } from '@wireline/socket/event-loop';
import { BLOCKING_CALLS } from './blocking-calls.mjs';
import { openSockets } from './open-sockets.mjs';
import { tellMain } from './tools.mjs';

const { way, manner } = /** @type {{ way: string, manner: string }} */ (workerData);
const { near, far } = await openSockets({ areWaiting: way !== 'returns' });
const loop = currentEventLoop();

/** What the worker is at when it ends. */
switch (manner) {
  case 'idle':
    break;
  case 'busy':
    // Ready all the time: whenever the end comes, the loop has something to do.
    loop.register(far.fileno(), 'write', { onReady: () => {} });
    break;
  case 'a second loop':
    new EventLoop().register(near.fileno(), 'read', { onReady: () => {} }).unregister();
    break;
  case 'a closed loop':
    loop.close();
    break;
  case 'two owners':
    new SocketDescriptor({ fd: near.fileno() }).fileno();
    break;
  case 'opening and closing':
    tellMain('running');
    for (;;) new SocketDescriptor().close();
  // It does not come here.
  // falls through
  case 'holding and letting go': {
    // As every awaited call does that waits, while no other one does.
    const registration = new EventLoop().register(near.fileno(), 'read', { onReady: () => {} });
    tellMain('running');
    for (;;) {
      registration.unref();
      registration.ref();
    }
  }
  // It does not come here.
  // falls through
  default: {
    const block = BLOCKING_CALLS[manner]?.();
    if (block === undefined) throw new Error(`no manner of ending: ${manner}`);
    tellMain('running');
    block();
  }
}

if (way === 'throws') throw new Error('as asked');
if (way === 'exits') process.exit(0);
if (way !== 'returns') tellMain('running');
