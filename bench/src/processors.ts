/**
 * Processors: one for the server, another for who makes the load, so that neither takes time from the other
 * and the kernel moves nothing about.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Where programs run. */
export interface Processors {
  readonly server: number;
  readonly client: number;
}

/**
 * Chooses two processors, and keeps this process off the server's. Returns undefined where there is but one,
 * or no `taskset` (package util-linux): programs then run where the kernel likes.
 */
export function chooseProcessors(): Processors | undefined {
  const [, list = ''] =
    /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const [server, client] = parseProcessorList(list);
  if (server === undefined || client === undefined) return undefined;
  const { status } = spawnSync('taskset', ['-a', '-c', '-p', String(client), String(process.pid)]);
  return status === 0 ? { server, client } : undefined;
}

/** `command`, on a processor. */
export function pinned(
  command: readonly string[],
  processor: number | undefined,
): readonly string[] {
  return processor === undefined ? command : ['taskset', '-c', String(processor), ...command];
}

/** The numbers in a list as the kernel writes it, `0-2,5`. */
export function parseProcessorList(list: string): number[] {
  if (list === '') return [];
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
