/**
 * Player: plays the turns of a memory loop and lets its clock run, for as long as somebody waits.
 *
 * Between two turns there is one hop through Node's own loop (`setImmediate`), so that promise jobs run
 * where they would. When some turns in a row bring nothing, only time can help, and the clock moves to its
 * next timer. So nothing here depends on how fast the machine is, and the same events happen in the same
 * order each time; except for what waits for something outside, such as a file.
 *
 * Several may wait at once: a test waits for a scenario, and the scenario lets some milliseconds pass. Time
 * then moves only as far as all of them allow.
 */
import type { ManualClock } from '@wireline/socket/testing';
import type { MemoryLoop } from './memory-loop.ts';

/**
 * Turns that bring nothing before time moves. A promise job that goes through `setImmediate` itself takes
 * one turn for each, and user code does so once or twice in a row.
 */
const QUIET_TURNS = 4;

/** 200,000 turns: hundreds of megabytes through 64 KiB of buffer. Whoever needs more is likely to spin. */
export const MAX_TURNS = 200_000;

/** One hour: beyond every time-out of this package. */
export const MAX_MS = 3_600_000;

/** A network has nothing left to do, or does not come to rest, and somebody still waits. Code `still-waiting`. */
export class StillWaitingError extends Error {
  override readonly name = 'StillWaitingError';
  readonly code = 'still-waiting';
}

/** What a player moves, and how far. */
export interface PlayerParts {
  readonly loop: MemoryLoop;
  readonly clock: ManualClock;
  /** How many turns one wait may take. */
  readonly maxTurns: number;
  /** How much of the clock's time one wait may take, in milliseconds. */
  readonly maxMs: number;
  /** What is still there, for the message of a wait that failed. */
  readonly describe: () => string;
}

/** Somebody who waits. */
interface Wait {
  readonly attempt: string;
  /** How far time may move for it. */
  readonly until: number;
  /** What to do when there is no timer to move to: to be done, or to have failed. */
  readonly atRest: 'done' | 'stuck';
  readonly since: number;
  turns: number;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/** Plays. */
export class Player {
  readonly #parts: PlayerParts;
  readonly #waits = new Set<Wait>();
  #playing = false;

  constructor(parts: PlayerParts) {
    this.#parts = parts;
  }

  /** Plays until nothing is left to do at this moment of the clock. */
  settle(): Promise<void> {
    return this.#rest('settle', this.#parts.clock.now());
  }

  /**
   * Lets `ms` milliseconds pass, and plays what they bring.
   *
   * @throws RangeError when that is no number, or negative.
   */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) {
      throw new RangeError(`advance ${ms} ms: expected a number of at least 0`);
    }
    return this.#rest(`advance ${ms} ms`, this.#parts.clock.now() + ms);
  }

  /** Plays until nothing is left to do and no timer runs. */
  run(): Promise<void> {
    return this.#rest('run', Infinity);
  }

  /** Plays until `promise` is settled, and settles as it does. */
  until<Value>(promise: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const wait = this.#add({
        attempt: 'wait for a promise',
        until: Infinity,
        atRest: 'stuck',
        done: () => {},
        fail: reject,
      });
      promise.then(resolve, reject).finally(() => this.#waits.delete(wait));
    });
  }

  /** Waits until there is nothing to do before the clock would pass `until`. */
  #rest(attempt: string, until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add({ attempt, until, atRest: 'done', done: resolve, fail: reject });
    });
  }

  #add(asked: Omit<Wait, 'since' | 'turns'>): Wait {
    const wait = { ...asked, since: this.#parts.clock.now(), turns: 0 };
    this.#waits.add(wait);
    if (!this.#playing) void this.#play();
    return wait;
  }

  /** Runs as long as somebody waits; never rejects. */
  async #play(): Promise<void> {
    this.#playing = true;
    let quiet = 0;
    while (this.#waits.size > 0) {
      try {
        quiet = this.#parts.loop.turn() ? 0 : quiet + 1;
        if (quiet > QUIET_TURNS) {
          quiet = 0;
          this.#letTimePass();
        }
      } catch (error) {
        // Whoever threw has spoiled the run for all.
        for (const wait of this.#waits) this.#fail(wait, error);
      }
      this.#countTurn();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#playing = false;
  }

  #letTimePass(): void {
    const { clock } = this.#parts;
    const next = clock.next ?? Infinity;
    let limit = Infinity;
    for (const { until } of this.#waits) limit = Math.min(limit, until);
    const target = Math.min(next, limit);
    if (target === Infinity) {
      this.#atRest();
      return;
    }
    clock.advance(Math.max(0, target - clock.now()));
    this.#endLongWaits();
    // What a timer of this very moment brings is played before anybody is told that it is over.
    if (next > limit) for (const wait of this.#waits) if (wait.until <= limit) this.#finish(wait);
  }

  /** No timer runs: nothing will ever happen by itself. */
  #atRest(): void {
    const waits = [...this.#waits];
    for (const wait of waits) if (wait.atRest === 'done') this.#finish(wait);
    // The newest first: it may be what the others wait for.
    const stuck = waits.at(-1);
    if (stuck?.atRest === 'stuck') {
      this.#fail(
        stuck,
        this.#stillWaiting(stuck, 'nothing is left to do, and it is still pending'),
      );
    }
  }

  #countTurn(): void {
    const { maxTurns } = this.#parts;
    for (const wait of this.#waits) {
      if (++wait.turns <= maxTurns) continue;
      const met = `still busy after ${maxTurns} turns; somebody who is ready does nothing about it, or raise maxTurns`;
      this.#fail(wait, this.#stillWaiting(wait, met));
    }
  }

  #endLongWaits(): void {
    const { clock, maxMs } = this.#parts;
    for (const wait of this.#waits) {
      if (clock.now() - wait.since <= maxMs) continue;
      const met = `still not over after ${maxMs} ms of the network's clock; something waits for ever, or raise maxMs`;
      this.#fail(wait, this.#stillWaiting(wait, met));
    }
  }

  #stillWaiting({ attempt }: Wait, met: string): StillWaitingError {
    return new StillWaitingError(`${attempt}: ${met}\n${this.#parts.describe()}`);
  }

  #finish(wait: Wait): void {
    this.#waits.delete(wait);
    wait.done();
  }

  #fail(wait: Wait, error: unknown): void {
    this.#waits.delete(wait);
    wait.fail(error);
  }
}
