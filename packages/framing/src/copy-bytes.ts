/** A copy that is one whatever the bytes are in: `slice` of a `Buffer` is a view. */

const { slice } = Uint8Array.prototype;

/** A copy of `bytes[start..end)`, which is what it says. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return slice.call(bytes, start, end);
}
