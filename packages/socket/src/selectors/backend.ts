/**
 * Backend: what a way of waiting has to supply to be a selector. All else is the same for all and stands in
 * `backed-selector.ts`.
 *
 * | call | supplies |
 * |---|---|
 * | `add`, `change`, `remove` | the kernel's idea of the keys |
 * | `wait` | what is ready, after blocking this thread if it may |
 * | `beginAwaiting`, `endAwaiting` | a descriptor for Node's loop that is readable when something may be ready |
 * | `close` | the end |
 *
 * The keys themselves belong to the selector. A backend sees them by descriptor, as they are at the time of the
 * call; `add` comes before its key is among them, and `remove` after it has gone.
 */
import type { Libc } from '../libc/libc.ts';
import type { SelectorInterest, Trigger } from './selector.ts';

/** A key, as a backend sees it. */
export interface Watched {
  readonly fd: number;
  readonly interest: SelectorInterest;
  readonly trigger: Trigger;
  readonly oneShot: boolean;
  /** Tells it from all others that had the descriptor before. */
  readonly generation: number;
  /** Whether its object was closed, or has another descriptor now: nothing is its business any more. */
  readonly stale: boolean;
  /** Takes note that it is reported. Returns whether it is to be: a one-shot key is not, once it was. */
  fire(): boolean;
}

/** A key that is ready. */
export interface Ready<Key> {
  readonly key: Key;
  readonly events: number;
}

/** A way of waiting. */
export interface Backend<Key extends Watched> {
  /** Watches a key. Throws what the kernel answers; nothing has changed then. */
  add(key: Key): void;
  /** Watches a key otherwise, and looks anew: the same descriptor, another interest, trigger or generation. */
  change(key: Key): void;
  /** Ends it. The descriptor may be closed already. */
  remove(key: Key): void;
  /**
   * What is ready. If nothing is, blocks until something is or the deadline has passed; with the deadline
   * `AT_ONCE` it does not.
   *
   * @throws InterruptedError when it may block and a signal came that JavaScript handles; nothing is lost.
   */
  wait(deadline: number): Ready<Key>[];
  /** A descriptor that becomes readable when `wait` may find something. Calls of the other methods may end that. */
  beginAwaiting(): number;
  /** Nobody watches that descriptor any more. */
  endAwaiting(): void;
  close(): void;
}

/** Makes a backend for a selector with these keys; the C library is the machine's own unless told. */
export type MakeBackend = <Key extends Watched>(
  keys: ReadonlyMap<number, Key>,
  libc?: Libc,
) => Backend<Key>;

/** The call, as errors of `wait` name it. */
export const ATTEMPT = 'select';
