/**
 * A worker that is given a descriptor, closes it by `node:fs`, and opens others, of which one gets the same number.
 * Tells which numbers those were, and what the worker ended with.
 */
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';
import { Socket, socketpair } from '@wireline/socket';
import { countDescriptors, report, tellMain } from './tools.mjs';

/** Receives one over a pair of its own, and closes all that it has. */
function receiveAndReopen() {
  const [one, other] = socketpair();
  one.sendFds(Uint8Array.of(1), [one.fileno()]);
  const [fd = -1] = other.recvFds(1, 1).fds;
  closeSync(fd);
  const [first, second] = socketpair();
  const numbers = [first.fileno(), second.fileno()];
  first.close();
  const third = new Socket();
  numbers.push(third.fileno());
  for (const socket of [one, other, second, third]) socket.close();
  return { fd, numbers };
}

if (isMainThread) {
  /** @returns {Promise<ReturnType<typeof receiveAndReopen>>} */
  const run = async () => {
    const worker = new Worker(new URL(import.meta.url));
    const exit = once(worker, 'exit');
    // What the worker tells.
    const [said] = /** @type {[ReturnType<typeof receiveAndReopen>]} */ (
      await once(worker, 'message')
    );
    await exit;
    return said;
  };
  await run(); // whatever Node opens once is open now
  const before = countDescriptors();
  const { fd, numbers } = await run();
  report({ isReused: numbers.includes(fd), descriptors: countDescriptors() - before });
} else {
  tellMain(receiveAndReopen());
}
