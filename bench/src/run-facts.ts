/** What is to be known of any run, whatever it measured. */
import type { Machine } from './machine.ts';

/** A contestant that took part. */
export interface Participant {
  readonly name: string;
  readonly description: string;
}

/** A contestant that could not. */
export interface Absentee {
  readonly name: string;
  readonly reason: string;
}

/** What ran, where, and how long. */
export interface RunFacts {
  /** The name of the suite. */
  readonly suite: string;
  /** When it ended. */
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly contestants: readonly Participant[];
  readonly leftOut: readonly Absentee[];
}
