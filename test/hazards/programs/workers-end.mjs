/**
 * Starts workers that end with open sockets: in the way of the first argument, in the manners of the second
 * (a list with commas, taken in turn), as many as the third says.
 * This thread does not load the package: each worker is the only one that has koffi's binary loaded.
 */
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const [way = '', manners = '', total = ''] = process.argv.slice(2);
const AT_ONCE = 4;

/** @type {Set<string | null>} */
const errors = new Set();
let slowestMs = 0;

/** @param {string | undefined} manner */
async function runWorker(manner) {
  const url = new URL('open-sockets-worker.mjs', import.meta.url);
  const worker = new Worker(url, { workerData: { way, manner } });
  /** @type {string | null} */
  let error = null;
  worker.on('error', (/** @type {Error} */ { message }) => (error = message));
  const exit = new Promise((resolve) => worker.on('exit', resolve)); // `once` would reject with the error
  if (way === 'left behind' || way === 'terminated') {
    await once(worker, 'message');
    if (way === 'left behind') return;
    const before = performance.now();
    await worker.terminate();
    slowestMs = Math.max(slowestMs, performance.now() - before);
  }
  await exit;
  errors.add(error);
}

/** Runs `count` of them, some at once; when one has ended the next one starts. */
async function runWorkers(count = 0, manner = manners.split(',')) {
  let started = 0;
  const run = async () => {
    while (started < count) await runWorker(manner[started++ % manner.length]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
}

/** What each open descriptor is. The one that lists them is gone by the time that it is asked. */
function openDescriptors() {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

if (way === 'left behind') {
  await runWorkers(Number(total));
  process.stdout.write('left');
  process.exit(0);
}
await runWorkers(AT_ONCE); // whatever Node opens once is open now
const before = openDescriptors();
await runWorkers(Number(total));
const after = openDescriptors();
process.stdout.write(
  JSON.stringify({
    errors: [...errors],
    descriptors: after.length - before.length,
    // Each socket has a name of its own: what the workers opened is not mistaken for the test's pipes.
    sockets: after.filter((name) => name.startsWith('socket:') && !before.includes(name)),
    slowestMs,
  }),
);
