/**
 * Turns: the event loop of `@wireline/socket/event-loop`, for connections that Node watches.
 *
 * ```
 *   Node's loop -- 'data', 'end', ... --> something may be ready -.
 *        '----------- setImmediate(turn) <------------------------'
 *                          '-> everybody who is due -> end-of-turn tasks
 * ```
 *
 * What came in one round of Node's loop is handled in one turn right behind it, and what the turn has written leaves
 * at its end, each connection's in one write. Outside of a turn the end is that of the JavaScript now running,
 * promises included. A handler that throws harms nobody else: its error becomes an uncaught exception.
 *
 * Node forgets of a socket that neither reads nor writes that it keeps the process alive. So a timer that never
 * rings does, as long as somebody holds the turns.
 */
import type { TurnTask } from '@wireline/socket/event-loop';

/** The longest interval of Node's, 24.8 days. */
const NEVER_MS = 2 ** 31 - 1;

const SETTLED = Promise.resolve();

/** Somebody who may have something to report. */
export interface Reporter {
  /** Called in the next turn, once for each {@link Turns.schedule}. */
  onTurn(): void;
}

/** The turns of one thread. */
export class Turns {
  #due: Reporter[] = [];
  #tasks: TurnTask[] = [];
  #inTurn = false;
  #endScheduled = false;
  #holds = 0;
  #alive: NodeJS.Timeout | undefined;
  readonly #runTurn = (): void => this.#turn();
  readonly #queueEnd = (): void => process.nextTick(this.#runEnd);
  readonly #runEnd = (): void => {
    this.#endScheduled = false;
    this.#end();
  };

  /** Calls `reporter` in the next turn. As often as it was asked for: who asks remembers that he has asked. */
  schedule(reporter: Reporter): void {
    if (this.#due.push(reporter) === 1) setImmediate(this.#runTurn);
  }

  /** Runs `task.run()` when this turn ends, after all reports. */
  atEndOfTurn(task: TurnTask): void {
    this.#tasks.push(task);
    if (this.#inTurn || this.#endScheduled) return;
    this.#endScheduled = true;
    // Queued by a promise, it runs behind all jobs of promises; queued at once it would run before them.
    void SETTLED.then(this.#queueEnd);
  }

  /** Keeps the process alive until {@link release}. */
  hold(): void {
    if (this.#holds++ === 0) this.#alive = setInterval(() => {}, NEVER_MS);
  }

  /** Takes one {@link hold} back. */
  release(): void {
    if (--this.#holds === 0) clearInterval(this.#alive);
  }

  #turn(): void {
    const due = this.#due;
    this.#due = [];
    this.#inTurn = true;
    for (const reporter of due) attempt(() => reporter.onTurn());
    this.#end();
  }

  #end(): void {
    this.#inTurn = false;
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) attempt(() => task.run());
  }
}

/** The turns of this thread. */
export const turns = new Turns();

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
