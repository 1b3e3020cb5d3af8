/** A worker that waits in the way that it is told, after it has said so. */
import { parentPort, workerData } from 'node:worker_threads';
import { Socket } from '@wireline/socket';
import { currentEventLoop } from '@wireline/socket/event-loop';
import { EpollSelector, PollSelector } from '@wireline/socket/selectors';
import { BLOCKING_WAYS, listening } from './blocking-ways.mjs';

const { way } = /** @type {{ way: string }} */ (workerData);

function say() {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage('waiting');
}

/** Finds something at once, always, in a set that is made anew again and again. */
function beBusy() {
  const selector = new EpollSelector();
  say(); // now that the foreign-function library is loaded: to terminate that is another matter
  for (;;) {
    const socket = new Socket({ type: 'dgram' });
    const copy = socket.dup();
    selector.register(socket, 'write');
    socket.close(); // leaves a ghost
    selector.select(0);
    selector.unregister(socket);
    copy.close();
  }
}

switch (way) {
  case 'busy':
    beBusy();
    break;
  case 'ready':
  case 'ready with poll': {
    const selector = way === 'ready' ? new EpollSelector() : new PollSelector();
    selector.register(listening(), 'read');
    currentEventLoop(); // makes it: to terminate that is another matter
    say();
    await selector.ready();
    break;
  }
  default: {
    const wait = BLOCKING_WAYS[way]?.();
    say();
    wait?.();
  }
}
