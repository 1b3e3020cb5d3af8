/**
 * When a server is told to stop: the first Ctrl-C or termination, or nobody takes its output any more. A second signal
 * ends the process at once.
 */
import { EXIT } from '../exit.ts';
import { whenOutputIsLost } from '../terminal/output.ts';

/**
 * Two signals within 100 ms are one Ctrl-C: the terminal sends it to everybody, and npm, when it has started
 * us, passes it on. No hand is that quick.
 */
const SAME_SIGNAL_MS = 100;

/** Resolves when the server has to go down gently. To be called before anybody can know that it runs. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let stoppedAt = 0;
    const force = (): void => {
      if (performance.now() - stoppedAt < SAME_SIGNAL_MS) return;
      process.exit(EXIT.interrupted);
    };
    const stop = (): void => {
      stoppedAt = performance.now();
      // In this order: without any handler, even for a moment, a signal ends the process.
      process.on('SIGINT', force).on('SIGTERM', force);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    whenOutputIsLost(resolve);
  });
}
