/**
 * Preloaded into servers that run on Node when their memory is measured:
 *
 *     node --expose-gc --import ./collect.mjs SERVER
 *
 * On SIGUSR2 it collects garbage and then prints one line on standard error:
 * `collected {"heapUsed":...,"external":...}`, in bytes.
 */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What one collection frees may let go of more in the next (finalizers, weak references), and V8 gives pages
 * back from a thread of its own, a while after. After three collections nothing changes any more.
 */
const COLLECTIONS = 5;
const PAUSE_MS = 50;

process.on('SIGUSR2', () => {
  void collect();
});

async function collect() {
  if (globalThis.gc === undefined) throw new Error('collect: no gc(); start node with --expose-gc');
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc();
    await delay(PAUSE_MS);
  }
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`collected ${JSON.stringify({ heapUsed, external })}\n`);
}
