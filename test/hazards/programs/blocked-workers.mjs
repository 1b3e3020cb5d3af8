/**
 * Workers that block, one in each call. With `handler` as argument Ctrl-C is handled: the program exits with
 * code 7.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BLOCKING_CALLS } from './blocking-calls.mjs';

if (process.argv[2] === 'handler') process.on('SIGINT', () => process.exit(7));

const url = new URL('open-sockets-worker.mjs', import.meta.url);
await Promise.all(
  Object.keys(BLOCKING_CALLS).map((manner) => {
    return once(new Worker(url, { workerData: { way: 'left behind', manner } }), 'message');
  }),
);
process.stdout.write('blocking');
