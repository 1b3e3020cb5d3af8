/** Drops every reference to a loop, collects garbage many times, and counts the events that still come. */
import { EventLoop } from '@wireline/socket/event-loop';
import { connectedPair, report, turns } from './tools.mjs';

const EVENTS = 20;
const [near, far] = await connectedPair();
const buffer = new Uint8Array(1);
/** @type {() => void} */
let came = () => {};

// In a function of its own: nothing of it stays on the stack.
(() => {
  let left = EVENTS;
  const registration = new EventLoop().register(far.fileno(), 'read', {
    onReady() {
      far.tryRecvInto(buffer);
      if (--left === 0) registration.unregister();
      came();
    },
  });
})();

for (let i = 0; i < EVENTS; i++) {
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await turns(1);
  }
  const event = /** @type {Promise<void>} */ (new Promise((resolve) => (came = resolve)));
  near.trySend(buffer);
  await event;
}
report({ events: EVENTS });
