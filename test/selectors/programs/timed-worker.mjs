/** A worker that waits, in each way, for longer than it may sleep at once, and reports how long it did. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { EpollSelector, PollSelector, select } from '@wireline/socket/selectors';
import { listening } from './blocking-ways.mjs';

/** More than two slices of 50 ms. */
const TIME_OUT_MS = 120;

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', (/** @type {unknown} */ report) => {
    process.stdout.write(JSON.stringify(report));
  });
} else {
  const server = listening();
  const epoll = new EpollSelector();
  const poll = new PollSelector();
  epoll.register(server, 'read');
  poll.register(server, 'read');
  const report = [
    () => epoll.select(TIME_OUT_MS),
    () => poll.select(TIME_OUT_MS),
    () => select([server], [], [], TIME_OUT_MS)[0],
  ].map((wait) => {
    const before = performance.now();
    const found = wait().length;
    return { found, inTime: performance.now() - before >= TIME_OUT_MS };
  });
  for (const each of [epoll, poll, server]) each.close();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(report);
}
