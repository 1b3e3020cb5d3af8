/**
 * Health: what must hold of a server after every attack, whatever it was.
 *
 * - It serves: a bystander who was there before, and one who comes now.
 * - Its descriptors are the ones that it had before: the very same.
 * - Its memory is back, but for what is stated below.
 * - Its threads do nothing: no spin, no timer that goes round.
 * - It has said nothing on standard error: no crash, no warning.
 */
import { expect } from 'vitest';
import { eventually, RECOVERY_DEADLINE_MS } from './deadlines.ts';
import { countDescriptors, countSleeps, descriptorsOf, processorMs } from './process-facts.ts';
import type { Target } from './target.ts';

/** 1 MiB: code that is compiled later than the warm-up took some 0.6 MiB in 10,000 connections. */
const HEAP_TOLERANCE = 1024 * 1024;

/** 5 MiB: the 512 blocks of 8 KiB that a server keeps for its next answers, and 1 MiB for the rest. */
const EXTERNAL_TOLERANCE = 5 * 1024 * 1024;

/** How long a look at the processor time lasts: long enough to see the 100 ms that a starved listener rests. */
const REST_WINDOW_MS = 120;

/**
 * 2 ms of 120: at rest it is 0, and a look at ten thousand connections for one that takes too long is less
 * than 1. What spins takes all that it gets: 15 ms even where eight such processes share the processor.
 */
const REST_LIMIT_MS = 2;

/** 10 of 120 ms: a timer of 1 ms makes a hundred; one that looks for time-outs rings each 40 ms at most here. */
const REST_SLEEPS = 10;

/** Fails unless the server is as it was when it had started. */
export async function expectHealthy(target: Target): Promise<void> {
  await target.expectBystanderServed();
  await target.expectNewcomerServed();
  await expectDescriptorsBack(target);
  await expectMemoryBack(target);
  await expectAtRest(target);
  expect(
    target.program.output.stderr.replace(/^memory .*\n/gm, ''),
    'what the server says on standard error',
  ).toBe('');
}

/** Fails unless the server's descriptors become those that it had when it had started. */
export async function expectDescriptorsBack({ pid, atRest }: Target): Promise<void> {
  await eventually(() => countDescriptors(pid) === atRest.descriptors.length);
  expect(descriptorsOf(pid), "the server's descriptors").toEqual(atRest.descriptors);
}

/** Fails unless the server's memory is back. */
export async function expectMemoryBack(target: Target): Promise<void> {
  const { atRest } = target;
  const { heapUsed, external } = await target.memory();
  expect(heapUsed - atRest.heapUsed, 'bytes of objects more than before').toBeLessThan(
    HEAP_TOLERANCE,
  );
  expect(external - atRest.external, 'bytes of buffers more than before').toBeLessThan(
    EXTERNAL_TOLERANCE,
  );
}

/** Fails unless the server comes to rest. */
export async function expectAtRest({ pid }: Target): Promise<void> {
  const deadline = performance.now() + RECOVERY_DEADLINE_MS;
  let seen = await watch(pid);
  while (!isRest(seen) && performance.now() < deadline) seen = await watch(pid);
  expect(
    seen.processorMs,
    `ms of ${REST_WINDOW_MS} that the server works at rest`,
  ).toBeLessThanOrEqual(REST_LIMIT_MS);
  expect(seen.sleeps, `times in ${REST_WINDOW_MS} ms that it wakes at rest`).toBeLessThanOrEqual(
    REST_SLEEPS,
  );
}

/** What a process did in one window. */
interface Activity {
  readonly processorMs: number;
  readonly sleeps: number;
}

async function watch(pid: number): Promise<Activity> {
  const before = { processorMs: processorMs(pid), sleeps: countSleeps(pid) };
  await new Promise((resolve) => setTimeout(resolve, REST_WINDOW_MS));
  return {
    processorMs: processorMs(pid) - before.processorMs,
    sleeps: countSleeps(pid) - before.sleeps,
  };
}

function isRest({ processorMs, sleeps }: Activity): boolean {
  return processorMs <= REST_LIMIT_MS && sleeps <= REST_SLEEPS;
}
