/**
 * poll(2), interrupted by the signals that a program may have a handler for, and by no other.
 *
 * Node's child processes, its profiler and the terminal's size come as signals, too. They are none of a blocking
 * call's business: they wait until it is over, or another thread takes them. ppoll(2) masks them for the wait.
 */
import { BACKGROUND_SIGNALS } from './background-signals.ts';
import type { Libc } from './libc.ts';

/** The size of glibc's `sigset_t`, and of musl's. */
const SIGSET = 128;

/** ppoll(2), as koffi calls it. */
export type Ppoll = (
  fds: Int32Array,
  count: number,
  timeout: BigInt64Array | null,
  mask: Uint8Array,
) => number;

/** The `poll` of {@link Libc}. */
export function interruptiblePoll(ppoll: Ppoll): Libc['poll'] {
  const masked = sigset(BACKGROUND_SIGNALS);
  const timespec = new BigInt64Array(2); // |seconds i64|nanoseconds i64|
  return (fds, count, timeoutMs) => {
    if (timeoutMs < 0) return ppoll(fds, count, null, masked);
    timespec[0] = BigInt(Math.trunc(timeoutMs / 1000));
    timespec[1] = BigInt((timeoutMs % 1000) * 1_000_000);
    return ppoll(fds, count, timespec, masked);
  };
}

/** A `sigset_t`: the bit of signal n is bit n - 1. */
function sigset(signals: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(SIGSET);
  for (const signal of signals) {
    const at = (signal - 1) >> 3;
    bytes[at] = (bytes[at] ?? 0) | (1 << ((signal - 1) & 7));
  }
  return bytes;
}
