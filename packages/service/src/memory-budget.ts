/**
 * MemoryBudget: what all connections together may hold, whatever each of them is allowed.
 *
 * Counted are bytes that came and are no whole message yet, requests whose answers are owed, and what waits
 * to be sent. A message that is answered in the turn in which it came is never counted. Connections report
 * at the end of a turn, so the budget may be exceeded by what one turn brings.
 *
 * Over the budget, the connection that holds most is given up, and the next, until it fits. Whoever wants
 * to starve others has to hold more than they do, and is the first to go. Requests that fit into one
 * segment go on being answered meanwhile: they hold nothing.
 */

/** 256 MiB: eight of the largest messages on their way at once, on a machine of 1 GiB. */
const MAX_MEMORY = 256 * 1024 * 1024;

/** Something that holds memory and can be given up. */
export interface MemoryHolder {
  /** Gives everything back, at once. */
  shed(budget: MemoryBudget): void;
}

/**
 * A shared bound on memory.
 *
 * @example
 * ```ts
 * const budget = new MemoryBudget(64 * 1024 * 1024);
 * const servers = [new Server(handler, { budget }), new Server(other, { budget })];
 * ```
 */
export class MemoryBudget {
  /** Bytes; Infinity is no bound. */
  readonly maxMemory: number;
  readonly #held = new Map<MemoryHolder, number>();
  #used = 0;

  /** @throws RangeError when `maxMemory` is not a number of more than 0. */
  constructor(maxMemory: number = MAX_MEMORY) {
    if (!(maxMemory > 0)) {
      throw new RangeError(`set maxMemory to ${maxMemory}: expected bytes, more than 0`);
    }
    this.maxMemory = maxMemory;
  }

  /** How many bytes are held. */
  get used(): number {
    return this.#used;
  }

  /** Says that `holder` holds `bytes` now. May give it up, or others. */
  account(holder: MemoryHolder, bytes: number): void {
    this.#used += bytes - (this.#held.get(holder) ?? 0);
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
    while (this.#used > this.maxMemory) this.#shedLargest();
  }

  #shedLargest(): void {
    let largest: MemoryHolder | undefined;
    let most = 0;
    for (const [holder, bytes] of this.#held) {
      if (bytes <= most) continue;
      largest = holder;
      most = bytes;
    }
    if (largest === undefined) return;
    // Taken off the books first, so that each round has one holder less whatever happens next.
    this.#held.delete(largest);
    this.#used -= most;
    largest.shed(this);
  }
}

/** The budget of this thread, which all servers and clients share unless told. */
export const processBudget = new MemoryBudget();
