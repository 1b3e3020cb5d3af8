/**
 * AddressCount: how many connections each host has. Without a bound it keeps nothing.
 *
 * Peers on Unix sockets are not counted: usually they have no name at all, and one that wants to can take a new
 * one for each connection.
 */
import type { IpAddress } from '@wireline/socket';

/** Counts connections by address, up to a bound for each. */
export class AddressCount {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one more; false, and nothing is counted, if there are as many as there may be. */
  add({ host }: IpAddress): boolean {
    if (this.#most === Infinity) return true;
    const count = this.#counts.get(host) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(host, count + 1);
    return true;
  }

  /** Counts one less. */
  remove({ host }: IpAddress): void {
    const count = this.#counts.get(host);
    if (count === undefined) return;
    if (count === 1) this.#counts.delete(host);
    else this.#counts.set(host, count - 1);
  }
}
