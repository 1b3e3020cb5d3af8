/**
 * A `DataView` of the memory that messages are read from.
 *
 * It is dear to make, so the last one is kept. On a server that is the view of the receive buffer which
 * all connections of a thread share, message after message.
 */

/**
 * 256 KiB: shared receive buffers are smaller. A larger memory is the store of one long message, and must
 * not outlive its stream because of us.
 */
const MAX_KEPT_MEMORY = 256 * 1024;

let memory: Uint8Array = new Uint8Array(0);
let view: DataView = new DataView(memory.buffer);

/** A view of `bytes`, with the same indices. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes === memory) return view;
  const fresh = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length <= MAX_KEPT_MEMORY) {
    memory = bytes;
    view = fresh;
  }
  return fresh;
}
