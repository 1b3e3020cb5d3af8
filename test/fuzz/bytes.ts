/**
 * Bytes joined, inserted, written over and shown. A position beyond the end is counted on from the beginning.
 */

/** The parts as one. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `more` between the bytes before `at` and those from there on. */
export function insertBytes(bytes: Uint8Array, at: number, more: ArrayLike<number>): Uint8Array {
  const index = at % (bytes.length + 1);
  const changed = new Uint8Array(bytes.length + more.length);
  changed.set(bytes.subarray(0, index));
  changed.set(more, index);
  changed.set(bytes.subarray(index), index + more.length);
  return changed;
}

/** Writes `more` over what is there; what reaches beyond the end is left out. */
export function overwriteBytes(bytes: Uint8Array, at: number, more: readonly number[]): Uint8Array {
  if (bytes.length === 0) return bytes;
  const changed = bytes.slice();
  const index = at % bytes.length;
  for (const [offset, byte] of more.entries()) changed[index + offset] = byte;
  return changed;
}

/** Bytes as hex pairs. */
export function hexPairs(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
