/**
 * BackedSelector: all of a selector but the way of waiting, which is its backend's.
 *
 * It owns the keys. A change is made in the backend first, which may refuse it, and then noted here.
 *
 * An awaited wait looks first and sleeps then; a change meanwhile has it look again. It looks when the program is
 * about to go on, not in the turn of the loop that woke it: what other handlers of that turn have unregistered is
 * not reported.
 */
import { systemClock, type Clock } from '../event-loop/clock.ts';
import { currentEventLoop, type EventLoop } from '../event-loop/event-loop.ts';
import type { Libc } from '../libc/libc.ts';
import type { Backend, MakeBackend } from './backend.ts';
import { AT_ONCE, deadlineOf } from './deadline.ts';
import {
  AlreadyRegisteredError,
  NotRegisteredError,
  SelectorBusyError,
  SelectorClosedError,
} from './errors.ts';
import { KeyTable } from './key-table.ts';
import { LoopWait } from './loop-wait.ts';
import { knownWord } from '../known-word.ts';
import { INTEREST_BITS } from './readiness.ts';
import { RegisteredKey } from './registered-key.ts';
import { badDescriptor, CLOSED_MEANWHILE, descriptorOf, describe } from './selectable.ts';
import type {
  DataAndOptions,
  ReadyOptions,
  RegisterOptions,
  Selectable,
  Selector,
  SelectorEvent,
  SelectorInterest,
  SelectorKey,
  Trigger,
} from './selector.ts';

/** Options of a selector. */
export interface SelectorOptions {
  /** The event loop that `ready` waits in: this thread's unless told. */
  readonly loop?: EventLoop;
  /** What the time-outs of `ready` are measured with. */
  readonly clock?: Clock;
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/** Waits in a row that need not wait: after so many, Node's loop gets its turn. */
const STREAK_LIMIT = 16;

const TRIGGERS: Readonly<Record<Trigger, true>> = { level: true, edge: true };

/** A selector over a backend. */
export abstract class BackedSelector<
  Data = undefined,
  What extends Selectable = Selectable,
> implements Selector<Data, What> {
  readonly #table = new KeyTable<RegisteredKey<Data, What>>();
  readonly #backend: Backend<RegisteredKey<Data, What>>;
  readonly #loop: EventLoop | undefined;
  readonly #clock: Clock;
  #generation = 0;
  /** How many calls of `ready` in a row did not have to wait. */
  #streak = 0;
  #busy = false;
  #loopWait: LoopWait | undefined;
  #closed = false;

  protected constructor(makeBackend: MakeBackend, options: SelectorOptions) {
    this.#loop = options.loop;
    this.#clock = options.clock ?? systemClock;
    this.#backend = makeBackend(this.#table.byDescriptor, options.libc);
  }

  get size(): number {
    return this.#table.byDescriptor.size;
  }

  register(
    what: What,
    interest: SelectorInterest,
    ...dataAndOptions: DataAndOptions<Data>
  ): SelectorKey<Data, What> {
    this.#checkOpen('register');
    const [data, options = {}] = dataAndOptions;
    const fd = descriptorOf('register', what);
    this.#checkFree(what, fd);
    const key = this.#newKey({
      fileObject: what,
      fd,
      interest: knownWord('interest', interest, INTEREST_BITS),
      data: data as Data, // left out where its type allows undefined
      trigger: knownWord('trigger', options.trigger ?? 'level', TRIGGERS),
      oneShot: options.oneShot ?? false,
    });
    this.#backend.add(key);
    return this.#put(key);
  }

  modify(
    what: Selectable,
    interest: SelectorInterest,
    data?: Data,
    options: RegisterOptions = {},
  ): SelectorKey<Data, What> {
    const before = this.#find('modify', what);
    const { fileObject, fd } = before;
    if (before.stale) throw badDescriptor('modify', fileObject, { explanation: CLOSED_MEANWHILE });
    const facts = {
      fileObject,
      fd,
      interest: knownWord('interest', interest, INTEREST_BITS),
      data: data === undefined ? before.data : data,
      trigger: knownWord('trigger', options.trigger ?? before.trigger, TRIGGERS),
      oneShot: options.oneShot ?? before.oneShot,
    };
    if (isWatchedAlike(before, facts))
      return this.#put(new RegisteredKey(facts, before.generation));
    const key = this.#newKey(facts);
    this.#backend.change(key);
    return this.#put(key);
  }

  unregister(what: Selectable): SelectorKey<Data, What> {
    const key = this.#find('unregister', what);
    this.#table.delete(key);
    this.#backend.remove(key);
    return key;
  }

  select(timeoutMs?: number | null): SelectorEvent<Data, What>[] {
    this.#checkIdle('select');
    return this.#backend.wait(deadlineOf('select', timeoutMs, () => performance.now()));
  }

  async ready(options: ReadyOptions = {}): Promise<SelectorEvent<Data, What>[]> {
    this.#checkIdle('ready');
    const { signal } = options;
    const deadline = deadlineOf('ready', options.timeoutMs, () => this.#clock.now());
    this.#busy = true;
    try {
      if (++this.#streak >= STREAK_LIMIT) await this.#letOthersRun();
      for (;;) {
        this.#checkOpen('ready');
        signal?.throwIfAborted();
        const events = this.#backend.wait(AT_ONCE);
        if (events.length > 0 || deadline <= this.#clock.now()) return events;
        await this.#sleep(deadline, signal);
      }
    } finally {
      this.#busy = false;
    }
  }

  getKey(what: Selectable): SelectorKey<Data, What> {
    return this.#find('getKey', what);
  }

  getMap(): ReadonlyMap<number, SelectorKey<Data, What>> {
    return this.#table.byDescriptor;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#loopWait?.wake();
    this.#table.clear();
    this.#backend.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #newKey(facts: SelectorKey<Data, What>): RegisteredKey<Data, What> {
    this.#generation = (this.#generation + 1) >>> 0;
    return new RegisteredKey(facts, this.#generation);
  }

  #put(key: RegisteredKey<Data, What>): RegisteredKey<Data, What> {
    this.#table.put(key);
    this.#loopWait?.wake();
    return key;
  }

  #find(attempt: string, what: Selectable): RegisteredKey<Data, What> {
    this.#checkOpen(attempt);
    const key = this.#table.find(what);
    if (key === undefined) throw new NotRegisteredError(attempt, describe(what));
    return key;
  }

  /** Throws when the object or the descriptor has a key already. */
  #checkFree(what: What, fd: number): void {
    const key = this.#table.find(what) ?? this.#table.find(fd);
    if (key === undefined) return;
    throw new AlreadyRegisteredError(
      describe(what),
      key.stale
        ? `${describe(key.fileObject)} is registered with descriptor ${key.fd} and was closed: unregister it, and the next time before closing`
        : 'it is registered already; modify it, or unregister it first',
    );
  }

  #checkIdle(attempt: string): void {
    this.#checkOpen(attempt);
    if (this.#busy) throw new SelectorBusyError(attempt);
  }

  #checkOpen(attempt: string): void {
    if (this.#closed) throw new SelectorClosedError(attempt);
  }

  /** Resolves when something may be ready, or has changed, or the wait is over. */
  async #sleep(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    this.#streak = 0;
    const clock = this.#clock;
    const loop = this.#loop ?? currentEventLoop();
    const fd = this.#backend.beginAwaiting();
    try {
      const timeoutMs = Math.max(deadline - clock.now(), 0);
      this.#loopWait = new LoopWait(fd, { loop, clock, timeoutMs, signal });
      await this.#loopWait.over;
    } finally {
      this.#loopWait = undefined;
      this.#backend.endAwaiting();
    }
  }

  /** Resolves when Node's loop has come round. */
  #letOthersRun(): Promise<void> {
    this.#streak = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/** Whether the kernel need not be told: an edge and a single shot are armed anew, whatever was asked before. */
function isWatchedAlike(before: SelectorKey<unknown>, after: SelectorKey<unknown>): boolean {
  const isPlain = [before, after].every(({ trigger, oneShot }) => trigger === 'level' && !oneShot);
  return isPlain && before.interest === after.interest;
}
