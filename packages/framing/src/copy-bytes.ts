/** Copies that are copies whatever the bytes are in: `slice` of a `Buffer` is a view. */

/** A copy of `bytes[start..end)`. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes.slice(start, end)
    : Uint8Array.prototype.slice.call(bytes, start, end);
}
