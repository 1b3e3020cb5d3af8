/**
 * BoundFile: the file that a Unix socket of ours made when it was bound.
 *
 * The kernel leaves it there when the socket is closed, and nobody can connect to it any more. Whoever closes the
 * socket removes it before, unless somebody else has put another file in its place: device and inode tell. They are
 * those of no other file for as long as the socket is open, since it holds its inode.
 *
 * Imperfect: who puts another file there between the look and the removal loses it.
 */
import { lstatSync, unlinkSync, type BigIntStats } from 'node:fs';
import { resolve } from 'node:path';
import type { Address } from '../address/address.ts';

/** A file to be removed in the end. */
export class BoundFile {
  /** Absolute: the process may have gone to another folder by then. */
  readonly #path: string;
  /** `undefined` when it was gone at once, or is removed. */
  #identity: BigIntStats | undefined;

  private constructor(path: string) {
    this.#path = resolve(path);
    this.#identity = look(this.#path);
  }

  /** The file that binding to `address` has made; `undefined` where that makes none. */
  static of(address: Address): BoundFile | undefined {
    if (address.family !== 'unix' || address.path === '' || address.path.startsWith('\0')) {
      return undefined;
    }
    return new BoundFile(address.path);
  }

  /** Removes it, once, if it is still ours. To be called while the socket is open. */
  remove(): void {
    const ours = this.#identity;
    this.#identity = undefined;
    const there = look(this.#path);
    if (ours === undefined || there?.ino !== ours.ino || there.dev !== ours.dev) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // No longer allowed: it stays, and the next server there removes it.
    }
  }
}

function look(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined; // gone, or hidden
  }
}
