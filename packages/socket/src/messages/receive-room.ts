/**
 * Memory for calls that return what came: one room to receive into for the whole thread, and slabs from which
 * the small copies are cut that callers get.
 *
 * What comes is copied out at its own length, so that a waiting `recv(65536)` holds nothing, and a short
 * message keeps no long buffer. Small copies share slabs of 8 KiB, as those of Node's `Buffer` do: memory of
 * its own for each small message is dear. So the bytes belong to whoever got them, and the
 * `buffer` beneath does not: it cannot be transferred, and holds other messages, too.
 */
import { markAsUntransferable } from 'node:worker_threads';

/** 64 KiB: more than one `recv` usually brings. */
const ROOM_LENGTH = 64 * 1024;

/** 8 KiB, as Node's pool: the most that one small message can keep in memory that was cut beside it. */
const SLAB_LENGTH = 8 * 1024;

/** Copies up to this length are cut from a slab: a quarter, so that little of it is lost at its end. */
const SMALL = SLAB_LENGTH / 4;

let room: Uint8Array | undefined;
let slab = new ArrayBuffer(0);
let slabUsed = 0;

/**
 * Checks a number of bytes to receive.
 *
 * @throws RangeError when it is none.
 */
export function checkSize(attempt: string, size: number): void {
  if (Number.isInteger(size) && size >= 0) return;
  throw new RangeError(`${attempt} ${size} bytes: expected an integer of at least 0`);
}

/**
 * At least `size` bytes, to be used up before anything else runs.
 *
 * @throws RangeError when `size` is no length.
 */
export function receiveRoom(size: number): Uint8Array {
  checkSize('recv', size);
  return size > ROOM_LENGTH ? new Uint8Array(size) : (room ??= new Uint8Array(ROOM_LENGTH));
}

/** A copy of the first `length` bytes, for whoever asked for them. */
export function copyOut(bytes: Uint8Array, length: number): Uint8Array {
  if (length > SMALL) return bytes.slice(0, length);
  if (slabUsed + length > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_LENGTH);
    markAsUntransferable(slab);
    slabUsed = 0;
  }
  const copy = new Uint8Array(slab, slabUsed, length);
  slabUsed += (length + 7) & ~7; // copies begin at words
  copy.set(bytes.subarray(0, length));
  return copy;
}
