/** Drops every reference to a selector, collects garbage, and reports what was warned of and what is left open. */
import { readdirSync, readlinkSync } from 'node:fs';
import { createServer } from '@wireline/socket';
import { currentEventLoop } from '@wireline/socket/event-loop';
import { EpollSelector } from '@wireline/socket/selectors';

/** What a collection frees may hold something else, which the next one frees. */
const COLLECTIONS = 6;

const server = createServer({ host: '127.0.0.1', port: 0 });
/** @type {unknown[]} */
const warnings = [];
process.on('warning', (/** @type {NodeJS.ErrnoException} */ { name, code, message }) => {
  warnings.push({ name, code, message });
});

/** How many descriptors of epoll are open: to warn, Node opens others. */
function countSets() {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[eventpoll]';
    } catch {
      return false; // the one that read the folder
    }
  }).length;
}

// In a function of its own: nothing of it stays on the stack.
async function openAndForget() {
  const selector = new EpollSelector();
  selector.register(server, 'read');
  await selector.ready({ timeoutMs: 1 });
  // What is closed is not spoken of.
  new EpollSelector().close();
}

currentEventLoop(); // has one of its own, which stays
const before = countSets();
await openAndForget();
const opened = countSets() - before;
for (let round = 0; round < COLLECTIONS; round++) {
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
}
const left = countSets() - before;
process.stdout.write(JSON.stringify({ opened, left, warnings }));
server.close();
