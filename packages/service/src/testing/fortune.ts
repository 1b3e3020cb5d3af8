/**
 * Fortune: draws what befalls a network, as its luck allows.
 *
 * One stream of random numbers serves all, in the order of what happens, so that a seed stands for a run.
 */
import { DIRECTIONS, type Break, type BreakTime } from './break.ts';
import type { Line } from './line.ts';
import type { Luck } from './luck.ts';
import type { Random } from './random.ts';

/**
 * Breaks come after up to 64 KiB, as likely within the first 256 bytes as behind them: that is where headers
 * are cut.
 */
const BREAK_BYTES_LOG2 = 16;

/** Breaks come within 2 s, while most of a scenario's connections are in use. */
const BREAK_MS = 2_000;

/** Slow lines differ: the fastest of them carries this many times as much as the slowest. */
const SLOW_SPREAD = 16;

/** What is going to befall a connection. */
export interface Fate {
  readonly how: Break;
  readonly time: BreakTime;
}

/** Draws the lots. */
export class Fortune {
  /** May be changed at any time; connections that stand keep their speed and their fate. */
  luck: Luck;
  readonly #random: Random;

  constructor(luck: Luck, random: Random) {
    this.luck = luck;
    this.#random = random;
  }

  /** Puts those who are ready into an order. */
  arrange(ready: unknown[]): void {
    if (ready.length > 1 && this.#random.chance(this.luck.disorder)) this.#random.shuffle(ready);
  }

  /** The manners of one direction of a connection. */
  line(): Line {
    const { slowLines, slowBytesPerMs } = this.luck;
    const slow = this.#random.chance(slowLines);
    return {
      take: (count) => this.#part(count, this.luck.shortWrites),
      give: (count) => this.#part(count, this.luck.shortReads),
      delayMs: () => this.delayMs(),
      bytesPerMs: slow
        ? this.#random.integer(slowBytesPerMs, slowBytesPerMs * SLOW_SPREAD)
        : Infinity,
    };
  }

  /** How long something is under way, stalls included. */
  delayMs(): number {
    const { delays, delayMs, stalls, stallMs } = this.luck;
    const delay = this.#random.chance(delays) ? this.#random.integer(1, delayMs) : 0;
    return this.#random.chance(stalls) ? delay + this.#random.integer(1, stallMs) : delay;
  }

  /** What is going to befall a new connection, if anything. */
  fate(): Fate | undefined {
    const how = this.#break();
    if (how === undefined) return undefined;
    if (this.#random.chance(0.5)) return { how, time: { ms: this.#random.integer(0, BREAK_MS) } };
    const bytes = Math.floor(2 ** (this.#random.fraction() * BREAK_BYTES_LOG2)) - 1;
    return { how, time: { direction: this.#random.pick(DIRECTIONS), bytes } };
  }

  /** Whether a connect is refused, although somebody listens. */
  refuses(): boolean {
    return this.#random.chance(this.luck.refusals);
  }

  /** How long a connect is under way; Infinity when it is never answered. */
  connectMs(): number {
    return this.#random.chance(this.luck.silences) ? Infinity : this.delayMs();
  }

  /** What comes of an accept. */
  accept(): 'accepted' | 'starved' | 'failed' {
    if (this.#random.chance(this.luck.starvations)) return 'starved';
    return this.#random.chance(this.luck.acceptFailures) ? 'failed' : 'accepted';
  }

  /** How many of `count` bytes a call moves. */
  #part(count: number, shortness: number): number {
    if (this.#random.chance(this.luck.wouldBlocks)) return 0;
    return this.#random.chance(shortness) ? this.#random.integer(1, count) : count;
  }

  #break(): Break | undefined {
    if (this.#random.chance(this.luck.resets)) return 'reset';
    if (this.#random.chance(this.luck.cuts)) return 'end';
    return this.#random.chance(this.luck.silences) ? 'silence' : undefined;
  }
}
