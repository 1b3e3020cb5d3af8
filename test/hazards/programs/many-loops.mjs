/** Opens and closes more loops than koffi has callbacks, and looks what is left of them. */
import { EventLoop } from '@wireline/socket/event-loop';
import { countDescriptors, listening, report, turns } from './tools.mjs';

const LOOPS = 10_000;
const listener = listening();
const fd = listener.fileno();

/** @param {number} count */
async function openAndClose(count) {
  for (let i = 0; i < count; i++) {
    const loop = new EventLoop();
    loop.register(fd, 'read', { onReady: () => {} });
    loop.close();
    if (i % 100 === 0) await turns(1); // handles are freed at the end of a turn
  }
  await turns(2);
  globalThis.gc?.();
  await turns(2);
  globalThis.gc?.();
  return { descriptors: countDescriptors(), bytes: process.memoryUsage().arrayBuffers };
}

const before = await openAndClose(100);
const after = await openAndClose(LOOPS);
report({
  descriptors: after.descriptors - before.descriptors,
  buffersKept: Math.round((after.bytes - before.bytes) / (64 * 1024)),
});
