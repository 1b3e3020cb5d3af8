/**
 * Memory to receive into for calls that return what came: one piece for the whole thread.
 *
 * What comes is copied out at its own length, so that a waiting `recv(65536)` holds nothing, and a short
 * message keeps no long buffer.
 */

/** 64 KiB: more than one `recv` usually brings. */
const ROOM_LENGTH = 64 * 1024;

let room: Uint8Array | undefined;

/**
 * At least `size` bytes, to be used up before anything else runs.
 *
 * @throws RangeError when `size` is no length.
 */
export function receiveRoom(size: number): Uint8Array {
  if (!Number.isInteger(size) || size < 0) {
    throw new RangeError(`recv ${size} bytes: expected an integer of at least 0`);
  }
  return size > ROOM_LENGTH ? new Uint8Array(size) : (room ??= new Uint8Array(ROOM_LENGTH));
}
