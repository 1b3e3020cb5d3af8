/**
 * What becomes of a command when nobody takes its output any more.
 *
 * That the reader has left, as `head` does, is nothing to complain about; a full disk is. A command that
 * has a way to go down gently goes that way, without its output; any other ends at once.
 */
import { describeError, EXIT } from '../exit.ts';

/** How long the last lines may take to be read. */
const LAST_LINES_MS = 1000;

let goDown: () => void = () => process.exit();

let isLost = false;

/** Whether nobody takes the output any more. A stream that has failed need not say so: `errored` may still be null. */
export function isOutputLost(): boolean {
  return isLost;
}

/** Says how the running command ends when its output is lost. */
export function whenOutputIsLost(callback: () => void): void {
  goDown = callback;
}

/** Ends the process soon. Whoever reads our lines may have stalled: that must not keep a server alive that is done. */
export function exitSoon(): void {
  setTimeout(() => process.exit(), LAST_LINES_MS).unref();
}

/** Watches both streams. To be called before anything is written. */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onError);
}

function onError(error: NodeJS.ErrnoException): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.off('error', onError).on('error', () => {}); // said once is enough
  }
  if (error.code !== 'EPIPE') {
    process.exitCode = EXIT.failed;
    console.error(`wireline: write output: ${describeError(error)}`);
  }
  isLost = true;
  goDown();
}
