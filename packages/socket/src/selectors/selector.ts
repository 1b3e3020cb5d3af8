/**
 * Selector: one thread that waits for many descriptors. After Python's `selectors`.
 */
import type { Interest } from '../event-loop/registration.ts';

/** What has a descriptor: a socket of either face, an `attach`ed one, or anything else with a `fileno`. */
export interface FileObject {
  /** The descriptor's number, or -1 where there is none (any more). */
  fileno(): number;
}

/** What can be registered: something with a descriptor, or the number of one. */
export type Selectable = FileObject | number;

/** What to be told of. */
export type SelectorInterest = Exclude<Interest, 'none'>;

/**
 * When to be told of it.
 *
 * - `level`: at each wait, as long as it is so.
 * - `edge`: once when it comes to be so, and when more comes.
 */
export type Trigger = 'level' | 'edge';

/** How something is watched. */
export interface RegisterOptions {
  /** `level` unless told. */
  readonly trigger?: Trigger;
  /** To be told once, and then not again until `modify`; false unless told. */
  readonly oneShot?: boolean;
}

/** The rest of what `register` takes: data can be left out where its type allows `undefined`. */
export type DataAndOptions<Data> = undefined extends Data
  ? [data?: Data, options?: RegisterOptions]
  : [data: Data, options?: RegisterOptions];

/** A registration. It does not change: `modify` makes another one. */
export interface SelectorKey<Data = undefined, What extends Selectable = Selectable> {
  /** What was given to `register`. */
  readonly fileObject: What;
  /** The descriptor that it had then. */
  readonly fd: number;
  readonly interest: SelectorInterest;
  /** Whatever you want to find again when it is ready. */
  readonly data: Data;
  readonly trigger: Trigger;
  readonly oneShot: boolean;
}

/** Something that is ready. */
export interface SelectorEvent<Data = undefined, What extends Selectable = Selectable> {
  readonly key: SelectorKey<Data, What>;
  /** `EVENT_READ`, `EVENT_WRITE` and `EVENT_HANGUP`, or-ed. */
  readonly events: number;
}

/** How long `ready` waits. */
export interface ReadyOptions {
  /** Milliseconds; for ever unless told, or when `null`. 0, or less: not at all. */
  readonly timeoutMs?: number | null;
  /** Gives the wait up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for many descriptors at the same time.
 *
 * What holds for every implementation, and what does not. A program that keeps to it runs on all of them.
 *
 * **Guaranteed**
 *
 * - What is readable or writable, and was asked for, is reported by the next wait, or by a later one if more are
 *   ready than one wait returns (1024 for epoll). Then each has its turn: what is ready all the time does not keep
 *   others from being reported.
 * - Level is the default: what a program leaves unread is reported again.
 * - An error, or a hang-up in both directions, is reported whatever the interest, as readiness for all that was
 *   asked for and with `EVENT_HANGUP` beside it: reading or writing then says what it is. So a program that does not
 *   look at `EVENT_HANGUP` learns of it all the same. An error is reported until a call has taken it, a hang-up until
 *   it is unregistered.
 * - The end of the peer's stream alone is something to read, `recv` returns nothing, and no hang-up.
 * - One-shot: a key that was reported stays registered and is not reported again, whatever happens, until `modify`.
 *   What is ready then is reported.
 * - An empty list means that the time is over, and no less than that time has passed.
 * - A key belongs to one descriptor: what was registered and closed is never reported for the one that has its
 *   number now, provided that an object was registered. Of a bare number nobody can tell.
 * - Registering a number or an object twice is an error. A call that throws changes nothing.
 *
 * **Hints**
 *
 * - Readiness is a hint. The call may still find that it would block: another process may have taken the
 *   connection, a datagram may turn out to be damaged. Be non-blocking.
 * - The order of events says nothing.
 *
 * **Not the same everywhere**
 *
 * - Edge is for those who empty what is ready: receive until it would block, or nothing more may be reported. Not
 *   with poll, which throws TypeError. `modify` looks anew: what is ready then is reported again.
 * - Regular files and directories are always ready to poll. epoll refuses to register them: PermissionError.
 * - epoll costs the same for each event, however many are registered. poll looks at all of them in each wait.
 *
 * **Rules for its user**
 *
 * - Unregister before closing. What was closed first is not reported any more, but keeps its place: `unregister`
 *   with the object still works, and until then nothing can be registered under the number. What was duplicated
 *   and then closed without being unregistered costs epoll a rebuild of its set.
 * - Closing a selector closes none of what is registered.
 * - A selector belongs to its thread.
 * - One wait at a time: while a `ready` waits, `select` and another `ready` throw. Registering, modifying and
 *   unregistering meanwhile are fine, and hold for the `ready` that waits.
 *
 * @typeParam Data what each key carries
 * @typeParam What the type of what is registered, so that `key.fileObject` has it
 */
export interface Selector<
  Data = undefined,
  What extends Selectable = Selectable,
> extends Disposable {
  /** How many keys there are. */
  readonly size: number;

  /**
   * Watches `what` from now on.
   *
   * @throws AlreadyRegisteredError
   * @throws BadDescriptorError when it is closed, or no descriptor; PermissionError for a file that epoll cannot
   * watch; ResourceExhaustedError at the limit of watches.
   * @throws TypeError for a trigger that the implementation does not have.
   */
  register(
    what: What,
    interest: SelectorInterest,
    ...dataAndOptions: DataAndOptions<Data>
  ): SelectorKey<Data, What>;

  /**
   * Changes what is watched for, and arms a one-shot key again. What is not given, or `undefined`, stays as it was:
   * data and options, too.
   *
   * @returns the new key
   * @throws NotRegisteredError, and what {@link register} throws.
   */
  modify(
    what: Selectable,
    interest: SelectorInterest,
    data?: Data,
    options?: RegisterOptions,
  ): SelectorKey<Data, What>;

  /**
   * Ends it; do so before closing. An object that is closed already is found all the same.
   *
   * @returns the key that there was
   * @throws NotRegisteredError
   */
  unregister(what: Selectable): SelectorKey<Data, What>;

  /**
   * Blocks this thread until something is ready. For ever unless told, or when `null`; 0, or less, does not wait:
   * what is left until a deadline may be negative. Nothing else happens in this thread meanwhile.
   *
   * @returns what is ready; nothing when the time is over
   * @throws InterruptedError when a signal came that JavaScript handles, and the call may wait: so the handler gets
   * its turn, also in a program that always finds something ready. Nothing is lost: select again.
   */
  select(timeoutMs?: number | null): SelectorEvent<Data, What>[];

  /**
   * Waits in Node's loop until something is ready: everything else in this thread goes on.
   *
   * @returns what is ready; nothing when the time is over
   * @throws the reason of the signal; SelectorClosedError when it is closed meanwhile.
   */
  ready(options?: ReadyOptions): Promise<SelectorEvent<Data, What>[]>;

  /**
   * The key of `what`.
   *
   * @throws NotRegisteredError; `getMap().get(fd)` does not throw.
   */
  getKey(what: Selectable): SelectorKey<Data, What>;

  /** The keys by descriptor: as they are, not as they were. Empty once the selector is closed. */
  getMap(): ReadonlyMap<number, SelectorKey<Data, What>>;

  /** Forgets all keys and gives the selector's own descriptor back. Calling it again does nothing. */
  close(): void;
}
