/**
 * AddressCount: how many connections each address has. Without a bound it keeps nothing.
 */
import type { Address } from '@wireline/socket';

/** Counts connections by address, up to a bound for each. */
export class AddressCount {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one more; false, and nothing is counted, if there are as many as there may be. */
  add({ host }: Address): boolean {
    if (this.#most === Infinity) return true;
    const count = this.#counts.get(host) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(host, count + 1);
    return true;
  }

  /** Counts one less. */
  remove({ host }: Address): void {
    const count = this.#counts.get(host);
    if (count === undefined) return;
    if (count === 1) this.#counts.delete(host);
    else this.#counts.set(host, count - 1);
  }
}
