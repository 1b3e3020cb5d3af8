/**
 * Watch: a campaign in a worker, and whoever looks after it.
 *
 * What neither comes back nor throws is found out here: a run that hangs, and memory that only grows. The
 * first thing that happens decides how the campaign ended; whatever it was, the worker is gone afterwards.
 */
import { Worker } from 'node:worker_threads';
import { SUBJECTS, type CampaignOptions, type Progress } from './campaign.ts';
import { Pulse } from './pulse.ts';
import { repeatCommand, showCounterexample } from './subject.ts';

/**
 * A run takes a millisecond; one that computes for 10 s will not come back. Counted is what the process
 * computes, not the time that goes by: on a busy machine a thread may wait for longer than that.
 */
const HANG_SECONDS = 10;
/** Five times what the worker needs: beyond it something is kept that should have been let go. */
const MAX_HEAP_MIB = 256;
/** How often somebody is told how far it is, and the pulse is felt. */
const TICK_MS = 250;

/** How a campaign ended. */
export interface Verdict {
  readonly ending: 'done' | 'found' | 'unknown path' | 'interrupted' | 'terminated';
  /** What was found, for people; empty where nothing was. */
  readonly report: string;
  readonly progress: Progress;
  readonly seconds: number;
}

/** What else a watch needs to know. */
export interface WatchOptions {
  /** In seconds; Infinity for no end. */
  readonly time: number;
  readonly onTick: (progress: Progress, seconds: number) => void;
}

/** What the worker is started with. */
export interface WorkerInput {
  readonly options: CampaignOptions;
  /** That of the pulse. */
  readonly memory: Int32Array;
}

/** Runs a campaign to its end, or to that of the time, or until a signal comes. */
export async function watchCampaign(
  options: CampaignOptions,
  { time, onTick }: WatchOptions,
): Promise<Verdict> {
  const pulse = new Pulse();
  const workerData: WorkerInput = { options, memory: pulse.memory };
  // As it is built: the compiler rewrites imports, not strings.
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const began = performance.now();
  const secondsGone = () => (performance.now() - began) / 1000;
  let progress: Progress = { inputs: 0, counts: {}, counterexample: undefined };
  let decide: (ending: Verdict['ending'], report?: string) => void = () => {};
  const decided = new Promise<Verdict>((resolve) => {
    decide = (ending, report = '') => resolve({ ending, report, progress, seconds: secondsGone() });
  });

  worker.on('message', (latest: Progress) => {
    progress = latest;
    const { counterexample } = latest;
    if (counterexample !== undefined) decide('found', showCounterexample(counterexample));
  });
  worker.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      decide('found', describePlace(pulse, `the heap outgrew ${MAX_HEAP_MIB} MiB, now or before`));
    } else if (error.message.startsWith('Unable to replay')) {
      decide('unknown path', error.message);
    } else {
      decide('found', error.stack ?? String(error));
    }
  });
  worker.on('exit', () => decide('done'));
  const onInterrupt = () => decide('interrupted');
  const onTerminate = () => decide('terminated');
  process.once('SIGINT', onInterrupt).once('SIGTERM', onTerminate);

  let beats = 0;
  let computedAtBeat = secondsComputed();
  const timer = setInterval(() => {
    // Until the first run, the worker is loading.
    if (pulse.beats !== beats || beats === 0) computedAtBeat = secondsComputed();
    beats = pulse.beats;
    onTick(progress, secondsGone());
    if (secondsComputed() - computedAtBeat >= HANG_SECONDS) {
      decide('found', describePlace(pulse, `no end after ${HANG_SECONDS} s of computing`));
    } else if (secondsGone() >= time) {
      decide('done');
    }
  }, TICK_MS);
  try {
    return await decided;
  } finally {
    clearInterval(timer);
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
    await worker.terminate();
  }
}

/** What all threads of this process have computed. The kernel's share is left out: decoders call nothing. */
function secondsComputed(): number {
  return process.cpuUsage().user / 1e6;
}

/** The run that the worker is in: as it was drawn, since nobody can make it smaller. */
function describePlace({ place }: Pulse, problem: string): string {
  const { seed, run } = place;
  const subject = SUBJECTS[place.subject];
  if (subject === undefined) return problem;
  const { name } = subject;
  return [
    `${name}: ${problem}`,
    '',
    subject.describeRun(seed, run),
    '',
    `repeat it:  ${repeatCommand({ property: name, seed, path: String(run) })}`,
  ].join('\n');
}
