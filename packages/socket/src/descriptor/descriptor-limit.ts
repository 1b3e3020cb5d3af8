/**
 * How many descriptors this process may have open.
 */
import { RLIMIT_NOFILE } from '../libc/constants.ts';
import { decodeRlimit, RLIMIT } from '../libc/layouts.ts';
import type { Libc } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import { mustCall } from '../libc/syscall.ts';

/** Kept back from connections: Node opens some 25 for itself, and a program has files to read and names to look up. */
const RESERVE = 64;

/**
 * The soft limit of open descriptors: what `ulimit -n` prints, or what Node has raised it to when it
 * started. Infinity where there is none. See getrlimit(2).
 *
 * @throws UnsupportedPlatformError where there are no native sockets.
 *
 * @example
 * ```ts
 * console.log(`up to ${descriptorLimit()} descriptors`);
 * ```
 */
export function descriptorLimit(libc: Libc = openLibc()): number {
  const limits = new Uint8Array(RLIMIT);
  mustCall(libc, 'getrlimit', () => libc.getrlimit(RLIMIT_NOFILE, limits));
  return decodeRlimit(limits);
}

/**
 * The most connections that a program should have open at once: what {@link descriptorLimit} allows, less a reserve
 * of 64; of a very small limit half, and at least one.
 */
export function mostConnections(libc: Libc = openLibc()): number {
  const limit = descriptorLimit(libc);
  return Math.max(limit - Math.min(RESERVE, Math.floor(limit / 2)), 1);
}
