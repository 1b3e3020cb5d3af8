/**
 * The formats that were used lately, compiled.
 *
 * For programs that name their formats in each call. As in Python there are at most a hundred, and when one more
 * comes all of them go: a program that has more formats than that makes them up as it goes, and for those keeping
 * order would cost more than it saves. Who has one that must be fast keeps a `Struct`.
 */
import { Struct } from './struct.ts';

/** `_MAXCACHE` of Python's `_struct.c`. */
const MOST_KEPT = 100;

const kept = new Map<string, Struct>();

/**
 * The Struct of a format, a new one if need be.
 *
 * @throws StructError when `format` is none.
 */
export function compiled<Format extends string>(format: Format): Struct<Format> {
  let struct: Struct | undefined = kept.get(format);
  if (struct === undefined) {
    struct = new Struct<string>(format);
    if (kept.size === MOST_KEPT) kept.clear();
    kept.set(format, struct);
  }
  return struct as Struct<Format>; // they are kept by their formats
}
