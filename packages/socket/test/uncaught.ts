/**
 * Watching what would end the process: errors that nobody catches.
 */

/** Runs `during` and returns the uncaught exceptions of that time, which the test runner does not get to see. */
export async function uncaughtDuring(during: () => Promise<void>): Promise<unknown[]> {
  const runners = process.listeners('uncaughtException');
  const errors: unknown[] = [];
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error: unknown) => errors.push(error));
  try {
    await during();
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const runner of runners) process.on('uncaughtException', runner);
  }
  return errors;
}

/** Lets everything that is already due happen: promise jobs, ticks, and `count` turns of Node's loop. */
export async function turns(count = 1): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
