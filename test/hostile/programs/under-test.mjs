/**
 * Loaded into the server under test before its program (`--import`, with `--expose-gc`). It does two things:
 *
 * - On SIGUSR2 it collects what is garbage and says on standard error what is left.
 * - When its standard input ends, the server ends: it must not outlive a test that was killed.
 *
 * A collection from the stack of a signal may find what that very stack holds; the second one, from a turn
 * of its own, does not.
 */
let reports = 0;

process.on('SIGUSR2', () => {
  collect();
  setImmediate(() => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    reports += 1;
    process.stderr.write(`memory ${reports} ${JSON.stringify({ heapUsed, external })}\n`);
  });
});

process.stdin.once('close', () => process.exit()).resume();
process.stdin.unref();

function collect() {
  if (globalThis.gc === undefined) throw new Error('collect: start Node with --expose-gc');
  globalThis.gc();
}
