/**
 * TurnEnd: what is to be done once when a turn is over, however often it was asked for.
 *
 * Connections flush here: all answers that one turn gave to a connection leave in one `send`. Outside of
 * a turn (an answer that came from a promise or a timer) the end is that of the JavaScript now running,
 * promises included: `process.nextTick` queued among them runs after the last.
 */

/** Something to run at the end of a turn. */
export interface TurnTask {
  run(): void;
}

/** The tasks of one event loop. */
export class TurnEnd {
  #tasks = new Set<TurnTask>();
  #spare = new Set<TurnTask>();
  #inTurn = false;
  #scheduled = false;
  readonly #runLater = (): void => {
    this.#scheduled = false;
    this.run();
  };

  /** Says that a turn begins: its tasks wait for {@link run}. */
  begin(): void {
    this.#inTurn = true;
  }

  /** Adds a task; adding it twice runs it once. */
  add(task: TurnTask): void {
    this.#tasks.add(task);
    if (this.#inTurn || this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#runLater);
  }

  /** Runs the tasks. One that throws does not keep the others from running; the first error is thrown on. */
  run(): void {
    this.#inTurn = false;
    const tasks = this.#tasks;
    if (tasks.size === 0) return;
    this.#tasks = this.#spare;
    this.#spare = tasks;
    const errors: unknown[] = [];
    for (const task of tasks) {
      try {
        task.run();
      } catch (error) {
        errors.push(error);
      }
    }
    tasks.clear();
    if (errors.length > 0) throw errors[0];
  }
}
