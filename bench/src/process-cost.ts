/**
 * What a process has cost, read from `/proc` (proc(5)): CPU time of all its threads, private memory,
 * descriptors.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, the unit of times in `/proc/PID/stat`: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Readings of a process's CPU time, to be subtracted from later ones. */
export interface CpuReading {
  /** All threads together. Exact where the kernel has schedstat, to 10 ms where not. */
  readonly totalUs: number;
  /** How long the first thread was ready to run and did not. 0 where the kernel does not say. */
  readonly waitedUs: number;
  /** In ticks: they only say how the total splits up. The kernel samples what it splits by. */
  readonly userTicks: number;
  readonly systemTicks: number;
}

/** CPU time in microseconds. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** Reads the CPU time of a process. */
export function readCpu(pid: number): CpuReading {
  const { userTicks, systemTicks } = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const inTicks = ((userTicks + systemTicks) / TICKS_PER_SECOND) * 1e6;
  const { totalUs = inTicks, waitedUs = 0 } = readSchedule(pid);
  return { totalUs, waitedUs, userTicks, systemTicks };
}

/** What was spent between two readings. */
export function cpuBetween(before: CpuReading, after: CpuReading): CpuTime {
  const total = after.totalUs - before.totalUs;
  const userTicks = after.userTicks - before.userTicks;
  const ticks = userTicks + after.systemTicks - before.systemTicks;
  const user = ticks === 0 ? 0 : (total * userTicks) / ticks;
  return { user, system: total - user };
}

/** The two times in `/proc/PID/stat`: fields 14 and 15, counted from 1; field 2 may hold spaces. */
export function parseStat(stat: string): { userTicks: number; systemTicks: number } {
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { userTicks: Number(fromThird[11]), systemTicks: Number(fromThird[12]) };
}

/** The scheduler's counters of nanoseconds; empty where the kernel keeps none. */
function readSchedule(pid: number): { totalUs?: number; waitedUs?: number } {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
      parseSchedstat(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')),
    );
    const totalUs = threads.reduce((sum, { ranUs }) => sum + ranUs, 0);
    return {
      totalUs,
      waitedUs: parseSchedstat(readFileSync(`/proc/${pid}/schedstat`, 'utf8')).waitedUs,
    };
  } catch {
    return {}; // built without CONFIG_SCHED_INFO
  }
}

/** What `schedstat` says of a thread: how long it ran, and how long it was ready and waited. */
export function parseSchedstat(schedstat: string): { ranUs: number; waitedUs: number } {
  const [ran, waited] = schedstat.split(' ').map(Number);
  return { ranUs: (ran ?? 0) / 1000, waitedUs: (waited ?? 0) / 1000 };
}

/** Memory that is the process's alone, in bytes: what would be free if it ended. */
export function readPrivateBytes(pid: number): number {
  return parsePrivateBytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
}

/** The sum of the private pages in `/proc/PID/smaps_rollup`, in bytes. */
export function parsePrivateBytes(rollup: string): number {
  let bytes = 0;
  for (const [, kilobytes] of rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)) {
    bytes += Number(kilobytes) * 1024;
  }
  return bytes;
}

/** How many descriptors a process has open. */
export function countDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
