/**
 * Waiting until another process blocks: no event tells, so the kernel's table of processes is looked at.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as later } from 'node:timers/promises';

/** Between two looks. On its way into a blocking call a thread is woken more often than that. */
const LOOK_MS = 20;

/**
 * Resolves when the main thread of a process sleeps, and has not been woken between two looks; or when the
 * process is gone. Where it sleeps only the program knows: it says first that it is about to block.
 */
export async function untilAsleep(pid: number): Promise<void> {
  let before = '';
  for (;;) {
    const status = await statusOf(pid);
    if (status === undefined) return;
    const switches = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1] ?? '';
    const isAsleep = /^State:\s+S/m.test(status);
    if (isAsleep && switches === before) return;
    before = isAsleep ? switches : '';
    await later(LOOK_MS);
  }
}

/** Resolves when a process has ended, whether its parent has noticed or not. */
export async function untilEnded(pid: number): Promise<void> {
  for (;;) {
    const status = await statusOf(pid);
    if (status === undefined || /^State:\s+Z/m.test(status)) return;
    await later(LOOK_MS);
  }
}

/** What the kernel says about a process; nothing when there is none. */
function statusOf(pid: number): Promise<string | undefined> {
  return readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
}
