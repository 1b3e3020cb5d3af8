/**
 * MemoryLoop: the event loop of `@wireline/socket/event-loop`, for things in memory and turned by hand.
 *
 * A turn is what it is there: everybody who is ready when it begins is called, then the tasks of its end
 * run. Readiness is level-triggered: what is left is reported again in the next turn. A handler
 * that throws does not keep the others from their turn; `turn` throws its error afterwards.
 *
 * Two things differ. Tasks that are added outside of a turn wait for the end of the next one. And the
 * shared receive buffer is overwritten after each turn, so that whoever kept a view of it finds out.
 */
import {
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  type Interest,
  type ReadinessHandler,
  type TurnTask,
} from '@wireline/socket/event-loop';

/** As long as that of the native loop, so that one receive brings as much. */
const RECEIVE_BUFFER_LENGTH = 64 * 1024;

/** What overwrites received bytes: no digit, no letter, no valid UTF-8. */
const RUBBISH = 0xdb;

const WANTED: Readonly<Record<Interest, number>> = {
  none: EVENT_HANGUP,
  read: EVENT_READ | EVENT_HANGUP,
  write: EVENT_WRITE | EVENT_HANGUP,
  'read-write': EVENT_READ | EVENT_WRITE | EVENT_HANGUP,
};

/** Something that can be ready. */
export interface ReadinessSource {
  /** What it is ready for: EVENT_READ, EVENT_WRITE and EVENT_HANGUP, or-ed. */
  readiness(): number;
}

/** A source's place in a loop. */
export interface MemoryRegistration {
  /** Waits for something else from now on. */
  modify(interest: Interest): void;
  /** Ends it; the handler is not called again, not even in this turn. */
  unregister(): void;
}

/** Options of {@link MemoryLoop}. */
export interface MemoryLoopOptions {
  /** Puts those who are ready into the order in which they are called; that of registration unless told. */
  readonly arrange?: (ready: unknown[]) => void;
}

interface Entry {
  readonly source: ReadinessSource;
  readonly handler: ReadinessHandler;
  interest: Interest;
}

/** Calls handlers, turn by turn. */
export class MemoryLoop {
  /** Memory to receive into, shared by all: empty it before you return. */
  readonly receiveBuffer = new Uint8Array(RECEIVE_BUFFER_LENGTH);
  readonly #entries = new Set<Entry>();
  readonly #arrange: (ready: unknown[]) => void;
  #tasks: TurnTask[] = [];

  constructor(options: MemoryLoopOptions = {}) {
    this.#arrange = options.arrange ?? ((): void => {});
  }

  /** How many sources are registered. */
  get size(): number {
    return this.#entries.size;
  }

  /** Calls `handler` in each turn in which `source` is ready for what is waited for. */
  register(source: ReadinessSource, handler: ReadinessHandler): MemoryRegistration {
    const entry: Entry = { source, handler, interest: 'none' };
    this.#entries.add(entry);
    return {
      modify: (interest) => {
        entry.interest = interest;
      },
      unregister: () => void this.#entries.delete(entry),
    };
  }

  /** Runs `task.run()` at the end of this turn, or of the next one outside of a turn. */
  atEndOfTurn(task: TurnTask): void {
    this.#tasks.push(task);
  }

  /**
   * Plays one turn.
   *
   * @returns whether somebody was ready or a task waited
   * @throws what a handler or a task threw, after all have run; an AggregateError for several.
   */
  turn(): boolean {
    const errors: unknown[] = [];
    const ready = this.#ready();
    this.#arrange(ready);
    for (const { entry, events } of ready) {
      if (this.#entries.has(entry)) attempt(() => entry.handler.onReady(events), errors);
    }
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) attempt(() => task.run(), errors);
    if (ready.length > 0) this.receiveBuffer.fill(RUBBISH);
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} handlers threw`);
    if (errors.length === 1) throw errors[0];
    return ready.length > 0 || tasks.length > 0;
  }

  #ready(): { entry: Entry; events: number }[] {
    const ready: { entry: Entry; events: number }[] = [];
    for (const entry of this.#entries) {
      const events = entry.source.readiness() & WANTED[entry.interest];
      if ((events & EVENT_HANGUP) !== 0) {
        ready.push({ entry, events: EVENT_READ | EVENT_WRITE | EVENT_HANGUP });
      } else if (events !== 0) {
        ready.push({ entry, events });
      }
    }
    return ready;
  }
}

function attempt(work: () => void, errors: unknown[]): void {
  try {
    work();
  } catch (error) {
    errors.push(error);
  }
}
