/** What waits in the kernel, and when it stands still: the sign that back-pressure has arrived. */
import { attach, type Attachable } from '@wireline/socket';
import { turn } from './reading.ts';

/** How many turns nothing may change: a sender that can go on does so in each. */
const STILL_TURNS = 200;

/** Resolves when `measure` has stood still for a while. */
export async function untilStill(measure: () => string | number): Promise<void> {
  let before = measure();
  for (let still = 0; still < STILL_TURNS; still++) {
    await turn();
    const now = measure();
    if (now !== before) still = 0;
    before = now;
  }
}

/** Resolves when `isTrue`, which no event tells. A test that waits for ever has its time-out. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}

/** The queue depths of a socket as a text that can be compared. */
export function queuesOf(socket: Attachable): string {
  return JSON.stringify(attach(socket).queueDepths());
}
