/**
 * Pulse: where the worker is, in memory that the main thread can read at any time.
 *
 * A decoder that goes round for ever lets its thread send no message, so the worker leaves word before each
 * run.
 */

/** Where in the memory what is. */
const AT = { beats: 0, subject: 1, seed: 2, run: 3 } as const; // indices, not any numbers

/** Which run of which subject. */
export interface Place {
  /** The number of the subject. */
  readonly subject: number;
  readonly seed: number;
  readonly run: number;
}

/** One thread beats, the other one feels it; both hold the same memory. */
export class Pulse {
  readonly memory: Int32Array;

  constructor(memory?: Int32Array) {
    this.memory = memory ?? new Int32Array(new SharedArrayBuffer(4 * Object.keys(AT).length));
  }

  /** How many runs have begun. */
  get beats(): number {
    return Atomics.load(this.memory, AT.beats);
  }

  /** The run that has begun last. */
  get place(): Place {
    const at = (index: number) => Atomics.load(this.memory, index);
    return { subject: at(AT.subject), seed: at(AT.seed), run: at(AT.run) };
  }

  /** Says that a run begins. */
  beat({ subject, seed, run }: Place): void {
    Atomics.store(this.memory, AT.subject, subject);
    Atomics.store(this.memory, AT.seed, seed);
    Atomics.store(this.memory, AT.run, run);
    Atomics.add(this.memory, AT.beats, 1);
  }
}
