/**
 * Starts workers that end with an open loop, in the way of the first argument, as many as the second says.
 * This thread does not load the package: each worker is the only one that has koffi's binary loaded.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const [way, count] = [process.argv[2], Number(process.argv[3])];
const AT_ONCE = 4;
const isLeftBehind = way?.startsWith('left behind');
const isEndedByMain = isLeftBehind || way?.startsWith('terminated');

async function runWorker() {
  const url = new URL('open-loop-worker.mjs', import.meta.url);
  const worker = new Worker(url, { workerData: { way } });
  /** @type {string | null} */
  let error = null;
  worker.on('error', (/** @type {Error} */ { message }) => (error = message));
  const exit = new Promise((resolve) => worker.on('exit', resolve)); // `once` would reject with the error
  if (isEndedByMain) {
    await once(worker, 'message');
    if (isLeftBehind) return;
    await worker.terminate(); // that it is prompt, the deadline of the test says
  }
  await exit;
  errors.add(error);
}

/** @type {Set<string | null>} */
const errors = new Set();
const countDescriptors = () => readdirSync('/proc/self/fd').length;

/** @param {number} total */
async function runWorkers(total) {
  for (let started = 0; started < total; started += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, runWorker));
  }
}

if (isLeftBehind) {
  await runWorkers(count);
  process.stdout.write('{"left":true}');
  process.exit(0);
}
await runWorkers(AT_ONCE); // whatever Node opens once is open now
const before = countDescriptors();
await runWorkers(count);
process.stdout.write(
  JSON.stringify({ errors: [...errors], descriptors: countDescriptors() - before }),
);
