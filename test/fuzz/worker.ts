/**
 * The thread that fuzzes: it says after each batch how far it is, and before each run where it is.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { runCampaign, SUBJECTS } from './campaign.ts';
import { Pulse } from './pulse.ts';
import type { WorkerInput } from './watch.ts';

// Only watch.ts starts this file, with this.
const { options, memory } = workerData as WorkerInput;

const pulse = new Pulse(memory);
const campaign = runCampaign({
  ...options,
  onRun: (subject, seed, run) => pulse.beat({ subject: SUBJECTS.indexOf(subject), seed, run }),
});
for (const progress of campaign) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(progress);
}
