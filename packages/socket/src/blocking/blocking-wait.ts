/**
 * How a blocking call waits: in poll(2), never in the call itself.
 *
 * - A signal ends the wait. `recv` would be restarted by the kernel after a signal's handler ran, and the
 *   JavaScript handler, which runs when this thread returns to its loop, would never run: Ctrl-C would do
 *   nothing. poll is not restarted. When a handler is waiting to run, the call fails with
 *   `InterruptedError`; when there is none, the signal is not our business and the wait goes on.
 * - A worker that is terminated, and a process that exits, wait for a thread that sleeps in the kernel. A
 *   worker therefore never sleeps longer than {@link SLICE_MS}: between two sleeps, Node ends it.
 * - So does the main thread, behind a signal that was not our business. At a prompt, and wherever else Node ends
 *   JavaScript at Ctrl-C (`breakOnSigint`), a thread of Node's hears of the signal at the same time, and asks for the
 *   end: were we asleep again before it has, we would sleep on.
 *
 * A signal that came before, while JavaScript ran, ends the wait before it begins (`libc/signal-pipe.ts`).
 * Imperfect: one that comes in the few microseconds between that look and the sleep is heard by the next wait.
 */
import { isMainThread } from 'node:worker_threads';
import { drainErrorQueue } from '../messages/error-queue.ts';
import { systemError, type SystemError } from '../errors.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../libc/constants.ts';
import { ERRNO } from '../libc/errno.ts';
import type { Libc } from '../libc/libc.ts';

/** How long whoever is to end may still sleep: nobody sees 50 ms, and 20 short wake-ups a second cost nothing. */
const SLICE_MS = 50;

/** The largest number that poll takes: 24.8 days. */
const MAX_POLL_MS = 2 ** 31 - 1;

/** Signals that Node handles for itself, and that interrupt nobody: child processes, the terminal's size. */
const BACKGROUND_SIGNALS: ReadonlySet<string | symbol> = new Set(['SIGCHLD', 'SIGWINCH']);

const EVENTS = { read: POLLIN, write: POLLOUT } as const;

// Scratch of this thread: |fd i32|events u16|revents u16|
const pollfd = new Int32Array(2);

/** How long a blocking call waits, and what it is called. */
export interface BlockingTime {
  /** When to give up, on the clock of `performance.now()`; Infinity for never. */
  readonly deadline: number;
  /** The call that waits, as errors name it. */
  readonly attempt: string;
}

/** What a blocking call waits for. */
export interface BlockingWait extends BlockingTime {
  readonly fd: number;
  readonly readiness: 'read' | 'write';
  /** Whether it is a socket with an error queue, which nobody reads. */
  readonly hasErrorQueue: boolean;
}

/** What a blocking call waits for that has many descriptors. */
export interface BlockingPoll extends BlockingTime {
  /** A `pollfd` each: |fd i32|events u16|revents u16|. */
  readonly fds: Int32Array;
  /** How many of them there are. */
  readonly count: number;
}

/**
 * Blocks this thread until the descriptor is ready, or in error.
 *
 * @returns false when the deadline passed
 * @throws InterruptedError when a signal came that JavaScript handles.
 */
export function waitUntilReady(libc: Libc, wait: BlockingWait): boolean {
  pollfd[0] = wait.fd;
  pollfd[1] = EVENTS[wait.readiness];
  const { deadline, attempt } = wait;
  if (pollUntil(libc, { fds: pollfd, count: 1, deadline, attempt }) === 0) return false;
  // An error without a hang-up: of datagrams, whose reports nobody reads.
  if (wait.hasErrorQueue && ((pollfd[1] >> 16) & (POLLERR | POLLHUP)) === POLLERR)
    drainErrorQueue(libc, wait.fd);
  return true;
}

/**
 * Blocks this thread until one of the descriptors is ready, or in error, or none at all.
 *
 * @returns how many are; 0 when the deadline passed
 * @throws InterruptedError when a signal came that JavaScript handles.
 */
export function pollUntil(libc: Libc, wait: BlockingPoll): number {
  const { fds, count, deadline, attempt } = wait;
  let longest = isMainThread ? Infinity : SLICE_MS;
  for (;;) {
    // One that came while JavaScript ran would wait for us, as we would for the peer.
    throwIfInterrupted(libc, attempt);
    const left = Math.max(deadline - performance.now(), 0);
    const sleep = Math.min(left, longest, left === Infinity ? Infinity : MAX_POLL_MS);
    const ready = libc.poll(fds, count, pollTimeout(sleep));
    if (ready > 0) return ready;
    if (ready === 0) {
      if (sleep === left) return 0;
      continue;
    }
    const errno = libc.errno();
    if (errno !== ERRNO.EINTR) throw systemError('poll', errno);
    if (isSignalHandled()) throw interrupted(attempt);
    longest = SLICE_MS;
  }
}

/** @throws InterruptedError when a signal has come whose JavaScript handler waits for this thread. */
export function throwIfInterrupted(libc: Libc, attempt: string): void {
  if (isSignalHandled() && libc.signalWaits()) throw interrupted(attempt);
}

/** An `InterruptedError`, and rounds of Node's loop for the handler that it makes way for. */
function interrupted(attempt: string): SystemError {
  // The handler runs when Node's loop asks for events next: it has to, though nothing else may hold it.
  // Two rounds, because the first may be in the middle, behind that place.
  setImmediate(() => setImmediate(() => {}));
  return systemError(attempt, ERRNO.EINTR);
}

/** Whole milliseconds, rounded up so that a deadline has passed when poll says so; -1 for ever. */
function pollTimeout(ms: number): number {
  return ms === Infinity ? -1 : Math.ceil(ms);
}

/** Whether JavaScript has a handler for some signal. Workers never do: signals go to the main thread. */
function isSignalHandled(): boolean {
  if (!isMainThread) return false;
  return process
    .eventNames()
    .some((name) => String(name).startsWith('SIG') && !BACKGROUND_SIGNALS.has(name));
}
