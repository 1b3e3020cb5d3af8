/**
 * The calls of Python's `struct` module: those of {@link Struct}, with the format in front.
 *
 * What they throw is what the methods of the same names throw, and a StructError for a format that is none.
 */
import { compiled } from './compiled.ts';
import type { PackedValues, UnpackedValues } from './format-values.ts';

/**
 * The bytes of `values`.
 *
 * @throws StructError when they are too few or too many, or one of them does not fit its place.
 *
 * @example
 * ```ts
 * pack('>H4s', 80, Uint8Array.of(127, 0, 0, 1)); // 00 50 7f 00 00 01
 * ```
 */
export function pack<const Format extends string>(
  format: Format,
  ...values: PackedValues<Format>
): Uint8Array {
  return compiled(format).pack(...values);
}

/**
 * Writes the bytes of `values` into `buffer`, from `offset` on; a negative one counts from the end.
 *
 * @throws StructError as {@link pack} does, and when the buffer has no room there.
 */
export function packInto<const Format extends string>(
  format: Format,
  buffer: Uint8Array,
  offset: number,
  ...values: PackedValues<Format>
): void {
  compiled(format).packInto(buffer, offset, ...values);
}

/**
 * The values in `bytes`, which are exactly as many as the format stands for.
 *
 * @throws StructError when they are more or fewer.
 *
 * @example
 * ```ts
 * const [port, host] = unpack('>H4s', bytes); // number and Uint8Array
 * ```
 */
export function unpack<const Format extends string>(
  format: Format,
  bytes: Uint8Array,
): UnpackedValues<Format> {
  return compiled(format).unpack(bytes);
}

/**
 * The values at `offset` in `bytes`, whatever is around them; a negative one counts from the end.
 *
 * @throws StructError when there are too few bytes.
 */
export function unpackFrom<const Format extends string>(
  format: Format,
  bytes: Uint8Array,
  offset = 0,
): UnpackedValues<Format> {
  return compiled(format).unpackFrom(bytes, offset);
}

/**
 * The values of one record after the other; `bytes` holds any number of whole ones.
 *
 * @throws StructError at once, when there is a rest, or the format stands for no bytes.
 *
 * @example
 * ```ts
 * for (const [id, size] of iterUnpack('<HI', bytes)) console.log(id, size);
 * ```
 */
export function iterUnpack<const Format extends string>(
  format: Format,
  bytes: Uint8Array,
): IterableIterator<UnpackedValues<Format>> {
  return compiled(format).iterUnpack(bytes);
}

/**
 * How many bytes a format stands for.
 *
 * @throws StructError when `format` is none, or stands for more than 2 ** 31 - 1 bytes.
 *
 * @example
 * ```ts
 * calcsize('>bI'); // 5
 * calcsize('bI'); // 8: native mode aligns
 * ```
 */
export function calcsize(format: string): number {
  return compiled(format).size;
}
