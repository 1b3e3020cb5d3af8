/**
 * `@wireline/socket/struct`: byte order and packing, as in C and in Python. No I/O, so it runs in a browser, too.
 *
 * - {@link pack} and {@link unpack}: numbers to bytes and back, by a format such as `'>HI'`. The formats, letter by
 *   letter, are those of Python: https://docs.python.org/3/library/struct.html
 * - {@link Struct}: a format compiled once.
 * - {@link htons} and its kin: https://man7.org/linux/man-pages/man3/htons.3.html
 *
 * What is on the wire begins with `'>'` (or `'!'`, the same): the network's order, sizes that are the same on every
 * machine, no padding. Without a prefix a format is native, as a C structure is in memory, with padding.
 *
 * Integers of 64 bits, `q Q n N P` and the native `l L`, come out as bigints; they go in as bigints, or as numbers up
 * to 2 ** 53 - 1. The types of values follow from a format that is written in the call.
 *
 * @example A message with its length in front
 * ```ts
 * import { pack, unpackFrom } from '@wireline/socket/struct';
 *
 * const content = new TextEncoder().encode('Hello, world');
 * const message = new Uint8Array([...pack('>H', content.length), ...content]); // 00 0c 48 65 ...
 *
 * const [length] = unpackFrom('>H', message); // 12, a number
 * const text = new TextDecoder().decode(message.subarray(2, 2 + length)); // 'Hello, world'
 * ```
 */
export { htonl, htons, ntohl, ntohs } from './byte-order.ts';
export type { StructValue } from './field-codec.ts';
export type { PackedValues, UnpackedValues } from './format-values.ts';
export { calcsize, iterUnpack, pack, packInto, unpack, unpackFrom } from './functions.ts';
export { MAX_STRUCT_SIZE } from './layout.ts';
export { StructError, type StructErrorFacts } from './struct-error.ts';
export { Struct } from './struct.ts';
