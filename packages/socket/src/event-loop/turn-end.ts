/**
 * TurnEnd: what is to be done when a turn is over.
 *
 * Connections flush here: all answers that one turn gave to a connection leave in one `send`. A task runs as
 * often as it was asked for: whoever asks for each of many things remembers that he has asked. Outside of
 * a turn (an answer that came from a promise or a timer) the end is that of the JavaScript now running,
 * promises included: `process.nextTick` queued among their jobs runs after the last of them. Queued
 * elsewhere it would run before the first, hence the way through a promise.
 */
import { throwLater } from './throw-later.ts';

const SETTLED = Promise.resolve();

/** Something to run at the end of a turn. */
export interface TurnTask {
  run(): void;
}

/** The tasks of one event loop. */
export class TurnEnd {
  #tasks: TurnTask[] = [];
  /** The other list: asked for while the tasks of the first one run. */
  #spare: TurnTask[] = [];
  #inTurn = false;
  #scheduled = false;
  readonly #queueRun = (): void => process.nextTick(this.#runLater);
  readonly #runLater = (): void => {
    this.#scheduled = false;
    this.run();
  };

  /** Says that a turn begins: its tasks wait for {@link run}. */
  begin(): void {
    this.#inTurn = true;
  }

  /** Adds a task. */
  add(task: TurnTask): void {
    this.#tasks.push(task);
    if (this.#inTurn || this.#scheduled) return;
    this.#scheduled = true;
    void SETTLED.then(this.#queueRun);
  }

  /** Runs the tasks. One that throws does not keep the others from running; see {@link throwLater}. */
  run(): void {
    this.#inTurn = false;
    const tasks = this.#tasks;
    if (tasks.length === 0) return;
    this.#tasks = this.#spare;
    this.#spare = tasks;
    for (const task of tasks) {
      try {
        task.run();
      } catch (error) {
        throwLater(error);
      }
    }
    tasks.length = 0;
  }
}
