/**
 * Random: chance that can be repeated. The same seed gives the same numbers on every machine.
 *
 * It is mulberry32 by Tommy Ettinger (public domain,
 * https://gist.github.com/tommyettinger/46a874533244883189143505d203312c): 32 bits of state, one addition
 * and two multiplications a number. Good enough to choose between mishaps; not for secrets, nor statistics.
 */

/** Seeds are whole numbers below this. */
export const SEED_RANGE = 2 ** 32;

/**
 * A source of numbers.
 *
 * @example
 * ```ts
 * const random = new Random(42);
 * random.integer(1, 6); // a die
 * random.chance(0.1); // true once in ten times
 * ```
 */
export class Random {
  #state: number;

  /** @throws RangeError when the seed is no whole number from 0 to 2^32 - 1. */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= SEED_RANGE) {
      throw new RangeError(`seed with ${seed}: expected a whole number from 0 to 2^32 - 1`);
    }
    this.#state = seed;
  }

  /** A fraction: at least 0, less than 1. */
  fraction(): number {
    return this.#bits() / SEED_RANGE;
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** True with the given probability. Draws nothing for 0 and 1, so that what is off changes nothing else. */
  chance(probability: number): boolean {
    if (probability <= 0) return false;
    return probability >= 1 || this.fraction() < probability;
  }

  /**
   * One of `items`.
   *
   * @throws RangeError when there are none.
   */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('pick an item: the list is empty');
    // The index is within the list, which is not empty.
    return items[this.integer(0, items.length - 1)] as Item;
  }

  /** Puts `items` into another order, in place. */
  shuffle(items: unknown[]): void {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(0, last);
      [items[last], items[other]] = [items[other], items[last]];
    }
  }

  /** Another source that depends on this one's seed alone, not on how many numbers either gives later. */
  fork(): Random {
    return new Random(this.#bits());
  }

  #bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  }
}
