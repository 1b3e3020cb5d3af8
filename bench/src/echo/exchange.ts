/**
 * The exchange: 64 bytes there and back, and a check that a server sends back whatever comes.
 *
 * The check has what the load never has: a message in two pieces; a peer that sends more than all buffers on
 * the way hold before it reads any, so that the server's sends fall short; and a peer that ends its half of
 * the connection while most of that is still to come.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange } from '../suite/exchange.ts';

/** Of the message: a size that any peer sends and receives whole. */
const LENGTH = 64;

/** Of what is sent before any of it is read: several times what Linux lets send buffers grow to, 4 MiB. */
const BLOCK_LENGTH = 16 * 1024 * 1024;

/** The block is sent in pieces of this size, to see that no more is taken. */
const PIECE_LENGTH = 64 * 1024;

/** When nothing was taken for so long, all buffers on the way are full. */
const STALL_MS = 50;

/** A server that has not sent everything back by then never will. */
const DEADLINE_MS = 10_000;

/** The message's bytes: 0 to 63, so that one in the wrong place is noticed. */
export const MESSAGE = Buffer.from(Uint8Array.from({ length: LENGTH }, (_, index) => index));

/** The suite's exchange: a message is its own answer. */
export const ECHOED: Exchange = {
  request: MESSAGE,
  check: async (port) => ({ answer: await checkEcho(port) }),
};

/**
 * Sends a message in two pieces, then a block, and looks at what comes back until the end of the stream.
 *
 * @returns the message: it is its own answer
 * @throws if any of it is wrong, or anything comes behind it
 */
export async function checkEcho(port: number): Promise<Buffer> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, signal });
  try {
    socket.setNoDelay();
    const half = LENGTH >> 1;
    await exchange(socket, MESSAGE.subarray(0, half));
    await exchange(socket, MESSAGE.subarray(half));
    const block = createBlock();
    await sendUnread(socket, block);
    const returned = await readToEnd(socket);
    if (returned.equals(block)) return MESSAGE;
    throw new Error(
      `check the echo: of a block of ${block.length} bytes ${returned.length} came back` +
        (returned.length === block.length ? ', and they differ' : ''),
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`check the echo: not all came back in ${DEADLINE_MS / 1000} s`, {
      cause: error,
    });
  } finally {
    socket.destroy();
  }
}

/** Sends bytes and waits until they are back. Leaves the socket paused. */
async function exchange(socket: Socket, bytes: Buffer): Promise<void> {
  socket.write(bytes);
  let returned = Buffer.alloc(0);
  while (returned.length < bytes.length) {
    await once(socket, 'readable');
    // Without an encoding, what a socket reads is bytes; null when it was read already.
    const chunk = socket.read() as Buffer | null;
    if (chunk === null && socket.readableEnded) throw new Error('check the echo: it ended early');
    if (chunk !== null) returned = Buffer.concat([returned, chunk]);
  }
  if (!returned.equals(bytes)) throw new Error('check the echo: the bytes are others');
}

/** Sends without reading until nothing more is taken, and lets the rest, and the end, follow by itself. */
async function sendUnread(socket: Socket, block: Buffer): Promise<void> {
  for (let at = 0; at < block.length; at += PIECE_LENGTH) {
    const taken = new Promise<boolean>((resolve) => {
      socket.write(block.subarray(at, at + PIECE_LENGTH), () => resolve(true));
    });
    if (await Promise.race([taken, delay(STALL_MS, false)])) continue;
    socket.write(block.subarray(at + PIECE_LENGTH));
    break;
  }
  socket.end();
}

async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer); // without an encoding: bytes
  return Buffer.concat(chunks);
}

/** Numbers of 32 bits, counted up: no part is like another. */
function createBlock(): Buffer {
  const numbers = Uint32Array.from({ length: BLOCK_LENGTH / 4 }, (_, index) => index);
  return Buffer.from(numbers.buffer);
}
