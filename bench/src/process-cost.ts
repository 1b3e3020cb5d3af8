/**
 * What a process has cost, read from `/proc` (proc(5)): CPU time of all its threads, private memory,
 * descriptors.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** USER_HZ, the unit of times in `/proc/PID/stat`: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Readings of a process's CPU time, to be subtracted from later ones. */
export interface CpuReading {
  /** All threads together. Exact where the kernel has schedstat, to 10 ms where not. */
  readonly totalUs: number;
  /** Each thread's, by its number. Empty where the kernel does not say. */
  readonly threads: ReadonlyMap<string, ThreadTime>;
  /** In ticks: they only say how the total splits up. The kernel samples what it splits by. */
  readonly userTicks: number;
  readonly systemTicks: number;
}

/** What the scheduler has counted for a thread. */
export interface ThreadTime {
  readonly ranUs: number;
  /** How long it was ready to run and did not. */
  readonly waitedUs: number;
}

/** CPU time in microseconds. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
  /** How long the process was ready to run and another one had the processor, as far as that can be told. */
  readonly waited: number;
}

/** Reads the CPU time of a process. */
export function readCpu(pid: number): CpuReading {
  const { userTicks, systemTicks } = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const inTicks = ((userTicks + systemTicks) / TICKS_PER_SECOND) * 1e6;
  const threads = readThreads(pid);
  const totalUs =
    threads.size === 0 ? inTicks : sum([...threads.values()].map(({ ranUs }) => ranUs));
  return { totalUs, threads, userTicks, systemTicks };
}

/** What was spent between two readings. */
export function cpuBetween(before: CpuReading, after: CpuReading): CpuTime {
  const total = after.totalUs - before.totalUs;
  const userTicks = after.userTicks - before.userTicks;
  const ticks = userTicks + after.systemTicks - before.systemTicks;
  const user = ticks === 0 ? 0 : (total * userTicks) / ticks;
  return { user, system: total - user, waited: waitedBetween(before, after) };
}

/**
 * Threads of one process that share a processor wait for each other, too, and that is nobody else's doing. So of
 * what a thread waited, what the others ran is taken off, and the thread with the most left counts.
 */
function waitedBetween(before: CpuReading, after: CpuReading): number {
  const spent = [...after.threads].map(([thread, { ranUs, waitedUs }]) => {
    const earlier = before.threads.get(thread) ?? { ranUs: 0, waitedUs: 0 };
    return { ranUs: ranUs - earlier.ranUs, waitedUs: waitedUs - earlier.waitedUs };
  });
  const ran = sum(spent.map(({ ranUs }) => ranUs));
  return Math.max(0, ...spent.map(({ ranUs, waitedUs }) => waitedUs - (ran - ranUs)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The two times in `/proc/PID/stat`: fields 14 and 15, counted from 1; field 2 may hold spaces. */
export function parseStat(stat: string): { userTicks: number; systemTicks: number } {
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { userTicks: Number(fromThird[11]), systemTicks: Number(fromThird[12]) };
}

/** The scheduler's counters; empty where the kernel keeps none, that is, without CONFIG_SCHED_INFO. */
function readThreads(pid: number): Map<string, ThreadTime> {
  const threads = new Map<string, ThreadTime>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const schedstat = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
      threads.set(thread, parseSchedstat(schedstat));
    } catch {
      // It has just ended, or there is no such file.
    }
  }
  return threads;
}

/** What `schedstat` says of a thread: how long it ran, and how long it was ready and waited. */
export function parseSchedstat(schedstat: string): ThreadTime {
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

/** Memory of a process that is in use, in bytes. */
export interface ResidentMemory {
  /** Now. */
  readonly now: number;
  /** The most there ever was, or since {@link forgetPeak}. */
  readonly peak: number;
}

/** Reads how much memory a process has, shared pages included. */
export function readResidentMemory(pid: number): ResidentMemory {
  return parseResidentMemory(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** `VmRSS` and `VmHWM` of `/proc/PID/status`, in bytes. */
export function parseResidentMemory(status: string): ResidentMemory {
  const bytesOf = (name: string): number => {
    const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    return Number(kilobytes) * 1024;
  };
  return { now: bytesOf('VmRSS'), peak: bytesOf('VmHWM') };
}

/** Lets the peak of a process's memory begin again from what it has now (`/proc/PID/clear_refs`, 5). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** How many descriptors a process has open. */
export function countDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
