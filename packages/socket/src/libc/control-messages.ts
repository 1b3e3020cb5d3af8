/**
 * Control messages: what travels beside the bytes of a message. See cmsg(3) and unix(7).
 *
 * ```
 *   cmsghdr  |length u64|level i32|type i32|data, padded to 8 bytes|     one behind the other
 * ```
 *
 * The length counts the header and the data, not the padding. The same in glibc and musl (which splits the
 * length in two, the upper half zero), on x64 and arm64.
 */

/** A control message as the kernel has it. */
export interface RawControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

const HEADER = 16;

/** Room for one control message with `length` bytes of data: CMSG_SPACE. */
export function controlSpace(length: number): number {
  return HEADER + padded(length);
}

/**
 * Room for one control message with `length` bytes of data and nothing behind it: CMSG_LEN. With CMSG_SPACE, the
 * padding would be room for one descriptor more than was asked for.
 */
export function controlLength(length: number): number {
  return HEADER + length;
}

/** The bytes of `messages`, one behind the other. */
export function encodeControl(messages: readonly RawControlMessage[]): Uint8Array {
  const length = messages.reduce((sum, { data }) => sum + controlSpace(data.length), 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { level, type, data } of messages) {
    view.setUint32(at, HEADER + data.length, true);
    view.setInt32(at + 8, level, true);
    view.setInt32(at + 12, type, true);
    bytes.set(data, at + HEADER);
    at += controlSpace(data.length);
  }
  return bytes;
}

/** The messages in `bytes`, as far as they are whole; their data are views. */
export function decodeControl(bytes: Uint8Array): RawControlMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: RawControlMessage[] = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > bytes.length) break;
    messages.push({
      level: view.getInt32(at + 8, true),
      type: view.getInt32(at + 12, true),
      data: bytes.subarray(at + HEADER, at + length),
    });
    at += padded(length);
  }
  return messages;
}

function padded(length: number): number {
  return (length + 7) & ~7;
}
