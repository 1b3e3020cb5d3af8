/** One measurement of one contestant: a program that opens what it waits for, waits, and says what that cost. */
import { leastDisturbed } from '../disturbance.ts';
import { pinned, type Processors } from '../processors.ts';
import { Program } from '../program.ts';
import type { Entrant } from '../suite/contestant.ts';
import { ACTIVE, type Crowd } from './crowd.ts';

/** CPU time in nanoseconds per event. */
export interface Sample {
  readonly cpu: number;
  readonly user: number;
  readonly system: number;
  readonly eventsPerSecond: number;
  /** How much of the time the program could have run and had to wait for its processor, 0 to 1. */
  readonly disturbance: number;
}

/** How it is measured. */
export interface MeasureOptions {
  readonly crowd: Crowd;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** How often a measurement is made, at most, when other programs disturb it. */
  readonly tries: number;
  readonly processors: Processors | undefined;
}

/** A program that can be started here, and its own arguments. */
export interface SelectorEntrant extends Entrant {
  readonly args: readonly string[];
}

/** What a program prints. Times in microseconds, except where a name says otherwise. */
interface Cost {
  readonly events: number;
  readonly user: number;
  readonly system: number;
  readonly seconds: number;
  readonly waited: number;
}

/** Measures, and again when that was disturbed. */
export function measure(entrant: SelectorEntrant, options: MeasureOptions): Promise<Sample> {
  return leastDisturbed(options.tries, () => measureOnce(entrant, options));
}

async function measureOnce(entrant: SelectorEntrant, options: MeasureOptions): Promise<Sample> {
  const { crowd, seconds, warmUpSeconds, processors } = options;
  const numbers = [crowd.registered, ACTIVE, seconds, warmUpSeconds].map(String);
  const command = [...entrant.command, ...entrant.args, ...numbers];
  const program = await Program.start(entrant.contestant.name, pinned(command, processors?.server));
  const cost = JSON.parse(await program.line()) as Cost; // written by our own programs
  const perEvent = (us: number): number => (us * 1000) / cost.events;
  return {
    cpu: perEvent(cost.user + cost.system),
    user: perEvent(cost.user),
    system: perEvent(cost.system),
    eventsPerSecond: cost.events / cost.seconds,
    disturbance: cost.waited / (cost.seconds * 1e6),
  };
}
