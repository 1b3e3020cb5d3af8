/** The search for one byte, within bounds: `indexOf` has none at its end, and looks through all the memory behind. */

/** So many bytes are looked at one by one first: short frames are over sooner than a call of the platform begins. */
const NEAR = 64;

/** Where `byte` is first in `bytes[from..end)`, or -1. */
export function findByte(bytes: Uint8Array, byte: number, from: number, end: number): number {
  const near = Math.min(from + NEAR, end);
  for (let index = from; index < near; index++) {
    if (bytes[index] === byte) return index;
  }
  if (near === end) return -1;
  const found = bytes.subarray(near, end).indexOf(byte);
  return found === -1 ? -1 : near + found;
}
