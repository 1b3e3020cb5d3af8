/**
 * How many connections `node:net` can hold, as far as can be known without a system call.
 */
import { readFileSync } from 'node:fs';

/**
 * The most connections that wait in this process while their listener is paused: as deep as backlogs used to be
 * (SOMAXCONN of BSD and of old Linux). Each of them costs a descriptor.
 */
export const MAX_HELD = 128;

/** Kept back from connections: as native sockets have it, and those that a listener holds. */
const RESERVE = 64 + MAX_HELD;

/**
 * What the limit of descriptors allows, less a reserve; of a very small limit half, and at least one. Infinity where
 * nothing says the limit: of what Linux calls `/proc`, other systems have nothing.
 */
export function mostNodeConnections(table: string = '/proc/self/limits'): number {
  const limit = descriptorLimit(table);
  return Math.max(limit - Math.min(RESERVE, Math.floor(limit / 2)), 1);
}

/** The soft limit. See proc_pid_limits(5). */
function descriptorLimit(table: string): number {
  let limits: string;
  try {
    limits = readFileSync(table, 'utf8');
  } catch {
    return Infinity;
  }
  const [, soft] = /^Max open files +(\d+) /m.exec(limits) ?? [];
  return soft === undefined ? Infinity : Number(soft); // 'unlimited' is no number
}
