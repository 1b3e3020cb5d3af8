/**
 * wireline-awaited-into: the echo server on `@wireline/socket/promises` that receives into a buffer of the
 * connection's own, so that no chunk is made.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { formatAddress, SystemError } from '@wireline/socket';
import { createServer } from '@wireline/socket/promises';

/** @typedef {import('@wireline/socket/promises').Socket} Socket */

/** Enough for a turn's messages. A buffer of 64 KiB for each of 10,000 connections would be 640 MB. */
const BUFFER_LENGTH = 1024;

const server = await createServer({ host: '127.0.0.1', port: 0 });
server.setsockopt('TCP_NODELAY', true); // accepted connections inherit it
console.log(`listening on ${formatAddress(server.getsockname())}`);
for (;;) {
  const { socket } = await server.accept();
  void serve(socket);
}

/** @param {Socket} socket */
async function serve(socket) {
  const buffer = new Uint8Array(BUFFER_LENGTH);
  try {
    for (;;) {
      const count = await socket.recvInto(buffer);
      if (count === 0) return;
      await socket.sendAll(count === buffer.length ? buffer : buffer.subarray(0, count));
    }
  } catch (error) {
    // The peer has reset the connection, or closed while something was on its way.
    if (!(error instanceof SystemError)) throw error;
  } finally {
    socket.close();
  }
}
