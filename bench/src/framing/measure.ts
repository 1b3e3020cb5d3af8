/** One measurement of one contestant: a process that takes frames out of a stream, and says what that cost. */
import { fileURLToPath } from 'node:url';
import { leastDisturbed } from '../disturbance.ts';
import { pinned, type Processors } from '../processors.ts';
import { Program } from '../program.ts';
import type { Condition } from './condition.ts';
import type { FramingContestant } from './contestants.ts';

/** What a measurement found. */
export interface Sample {
  /** CPU time per frame in nanoseconds, of all threads: collecting garbage and compiling included. */
  readonly cpuPerFrame: number;
  /** CPU time per byte on the wire, in nanoseconds. */
  readonly cpuPerByte: number;
  /** By the clock. */
  readonly bytesPerSecond: number;
  /** How long all of it took, by the clock. */
  readonly seconds: number;
  /** How much of the time another program had the processor, 0 to 1. */
  readonly disturbance: number;
}

/** How it is measured. */
export interface MeasureOptions {
  readonly condition: Condition;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** How often a measurement is made, at most, when other programs disturb it. */
  readonly tries: number;
  readonly processors: Processors | undefined;
}

/** What the program prints; CPU time in microseconds. */
export interface Cost {
  readonly passes: number;
  readonly frames: number;
  readonly bytes: number;
  readonly cpu: number;
  readonly seconds: number;
}

const PROGRAM = fileURLToPath(new URL('decode-program.js', import.meta.url));

/** Measures, and again when that was disturbed. */
export function measure(contestant: FramingContestant, options: MeasureOptions): Promise<Sample> {
  return leastDisturbed(options.tries, () => measureOnce(contestant, options));
}

async function measureOnce(
  { name }: FramingContestant,
  { condition, seconds, warmUpSeconds, processors }: MeasureOptions,
): Promise<Sample> {
  const args = [name, condition.name, String(seconds), String(warmUpSeconds)];
  const command = pinned([process.execPath, PROGRAM, ...args], processors?.server);
  const program = await Program.start(name, command);
  return sampleOf(JSON.parse(await program.line()) as Cost); // written by our own program
}

function sampleOf({ frames, bytes, cpu, seconds }: Cost): Sample {
  return {
    cpuPerFrame: (cpu * 1000) / frames,
    cpuPerByte: (cpu * 1000) / bytes,
    bytesPerSecond: bytes / seconds,
    seconds,
    // It never waits for anything but its processor, which its own threads may have, too.
    disturbance: Math.max(0, 1 - cpu / (seconds * 1e6)),
  };
}
