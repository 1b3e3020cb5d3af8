/**
 * What the kernel says of another process: its descriptors, its processor time, its memory. Read from
 * `/proc`, so that the process itself has no say in it.
 */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';

/** What each open descriptor leads to, such as `socket:[4711]`, sorted. */
export function descriptorsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder)
    .map((fd) => targetOf(`${folder}/${fd}`))
    .filter((target) => target !== undefined)
    .sort();
}

/** How many descriptors are open. */
export function countDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Milliseconds that all its threads together have spent on a processor. */
export function processorMs(pid: number): number {
  const folder = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const thread of readdirSync(folder)) {
    // "time on the processor, time waiting for one, time slices", in nanoseconds; see proc(5).
    const [spent] = readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ');
    nanoseconds += Number(spent);
  }
  return nanoseconds / 1e6;
}

/** How often its threads have gone to sleep, and so were woken before. */
export function countSleeps(pid: number): number {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder)
    .map((thread) => statusNumber(`${folder}/${thread}`, 'voluntary_ctxt_switches'))
    .reduce((sum, count) => sum + count, 0);
}

/** Bytes of memory that it holds now. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

/** The most bytes of memory that it has held since it began, or since {@link forgetPeak}. */
export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

/** Lets the peak begin anew at what is held now. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5'); // 5 is "reset the peak"; see proc(5)
}

function statusBytes(pid: number, field: string): number {
  return statusNumber(`/proc/${pid}`, field) * 1024;
}

/** A number out of `status`; memory is in KiB there. See proc(5). */
function statusNumber(folder: string, field: string): number {
  const status = readFileSync(`${folder}/status`, 'utf8');
  const found = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status);
  if (found === null) throw new Error(`read ${field} in ${folder}/status: there is no such line`);
  return Number(found[1]);
}

/** A descriptor may be closed between being listed and being read. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
