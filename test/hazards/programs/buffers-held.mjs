/**
 * Sends and receives with buffers that nothing but the calls refers to, and collects garbage all the time.
 */
import { awaitedConnection, collectGarbage, report, turns } from './tools.mjs';

const LENGTH = 8 * 1024 * 1024;
const ROOM = 256 * 1024;

const { near, far } = await awaitedConnection();
void near.sendAll(pattern(0, LENGTH)).then(() => near.close());
await turns(2);
await collectGarbage();

let received = 0;
let wrong = 0;
for (;;) {
  /** @type {(came: { count: number, bytes: Uint8Array }) => void} */
  let tell = () => {};
  const comes = new Promise((resolve) => (tell = resolve));
  receive(tell);
  globalThis.gc?.();
  // Memory that was given back is used again, and written over.
  new Uint8Array(ROOM).fill(0xff);
  const { count, bytes } = /** @type {{ count: number, bytes: Uint8Array }} */ (await comes);
  if (count === 0) break;
  if (Buffer.compare(bytes.subarray(0, count), pattern(received, count)) !== 0) wrong++;
  received += count;
}
far.close();
report({ received, wrong });

/** @param {(came: { count: number, bytes: Uint8Array }) => void} tell */
function receive(tell) {
  const bytes = new Uint8Array(ROOM);
  void far.recvInto(bytes).then((count) => tell({ count, bytes }));
}

/**
 * Bytes that differ from their neighbours, and from block to block.
 *
 * @param {number} from
 * @param {number} length
 */
function pattern(from, length) {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = ((from + i) * 2654435761) >>> 24;
  return bytes;
}
