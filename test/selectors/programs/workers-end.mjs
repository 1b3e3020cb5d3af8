/**
 * Terminates workers while they wait, in the ways of the first argument (a list with commas, taken in turn), as
 * many as the second says, and reports how long the slowest took and which descriptors are left.
 */
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const [ways = '', total = ''] = process.argv.slice(2);
const AT_ONCE = 4;

let slowestMs = 0;
/** @type {string[]} */
const errors = [];

/** @param {string | undefined} way */
async function runWorker(way) {
  const url = new URL('waiting-worker.mjs', import.meta.url);
  const worker = new Worker(url, { workerData: { way } });
  worker.on('error', (/** @type {Error} */ { message }) => errors.push(message));
  await once(worker, 'message');
  const before = performance.now();
  await worker.terminate();
  slowestMs = Math.max(slowestMs, performance.now() - before);
}

/** @param {number} count */
async function runWorkers(count) {
  const names = ways.split(',');
  let started = 0;
  const run = async () => {
    while (started < count) await runWorker(names[started++ % names.length]);
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

await runWorkers(AT_ONCE); // whatever Node opens once is open now
const before = openDescriptors().length;
await runWorkers(Number(total));
process.stdout.write(
  JSON.stringify({ errors, descriptors: openDescriptors().length - before, slowestMs }),
);
