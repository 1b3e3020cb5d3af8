/**
 * Signals that are none of a blocking call's business: Node's child processes, its profiler, and the terminal's
 * size. Numbers from `asm-generic/signal.h`.
 */

const SIGCHLD = 17;
const SIGPROF = 27;
const SIGWINCH = 28;

/** The numbers of signals that interrupt nobody. */
export const BACKGROUND_SIGNALS: readonly number[] = [SIGCHLD, SIGPROF, SIGWINCH];
