/**
 * How far `multiconn-client` is, on one line of a terminal that is written over again and again. Elsewhere nothing.
 */
import type { MulticonnTotals } from './run.ts';

/** Ten times a second: it moves, and costs nothing. */
const PERIOD_MS = 100;

/** Back to the beginning of the line, and clear the rest of it: ECMA-48. */
const CLEAR_LINE = '\r\u001b[K';

/** Shows `totals` until the function that it returns is called, which clears the line. */
export function showProgress(out: NodeJS.WriteStream, totals: () => MulticonnTotals): () => void {
  if (!out.isTTY) return () => {};
  const timer = setInterval(() => {
    const { connections, connected, done, failed } = totals();
    const troubles = failed > 0 ? `, ${failed} failed` : '';
    out.write(`${CLEAR_LINE}${connected} of ${connections} connected, ${done} done${troubles}`);
  }, PERIOD_MS);
  return () => {
    clearInterval(timer);
    out.write(CLEAR_LINE);
  };
}
