/**
 * The search for one byte within bounds. Node's buffers have the fastest there is, `memchr` of the C library, which
 * takes any bytes; elsewhere it is the platform's own.
 *
 * Neither can be told where to stop, so what lies behind the bounds is looked at as well: as little as can be.
 */
import { indexOf } from '../platform.ts';

// Of this module's own: what is imported is looked up at each call.
const search = indexOf;

/** Up to here a loop is over before a call has begun. */
const NEAR = 16;

/** So much behind the bounds is looked at rather than cut off, which takes as long. */
const BEHIND = 4 * 1024;

/** Where `byte` is first in `bytes[from..end)`, or -1. */
export function findByte(bytes: Uint8Array, byte: number, from: number, end: number): number {
  if (end - from < NEAR) {
    for (let index = from; index < end; index++) {
      if (bytes[index] === byte) return index;
    }
    return -1;
  }
  const within = bytes.length - end <= BEHIND ? bytes : bytes.subarray(0, end);
  // What only looks like bytes has a search of its own: memory that counts how it is read.
  const isMemory: boolean = ArrayBuffer.isView(within);
  const found = isMemory ? search.call(within, byte, from) : within.indexOf(byte, from);
  return found < end ? found : -1;
}
