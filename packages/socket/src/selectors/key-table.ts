/**
 * KeyTable: the keys of a selector, by descriptor and by object. An object is found by what it was registered as,
 * even when it is closed and its number another's.
 */
import type { RegisteredKey } from './registered-key.ts';
import type { Selectable } from './selector.ts';

/** Keys, found by either. */
export class KeyTable<Key extends RegisteredKey<unknown, Selectable>> {
  /** By descriptor. */
  readonly byDescriptor = new Map<number, Key>();
  readonly #byObject = new Map<object, Key>();

  /** The key of an object or a number. */
  find(what: Selectable): Key | undefined {
    if (typeof what === 'number') return this.byDescriptor.get(what);
    const own = this.#byObject.get(what);
    if (own !== undefined) return own;
    // Registered by its number, or by another object that has the descriptor, too.
    const key = this.byDescriptor.get(what.fileno());
    return key === undefined || key.stale ? undefined : key;
  }

  /** Adds a key, or puts it in the place of the one that has its descriptor. */
  put(key: Key): void {
    this.byDescriptor.set(key.fd, key);
    if (typeof key.fileObject === 'object') this.#byObject.set(key.fileObject, key);
  }

  delete(key: Key): void {
    this.byDescriptor.delete(key.fd);
    if (typeof key.fileObject === 'object') this.#byObject.delete(key.fileObject);
  }

  clear(): void {
    this.byDescriptor.clear();
    this.#byObject.clear();
  }
}
