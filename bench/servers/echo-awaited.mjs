/**
 * wireline-awaited: the echo server on `@wireline/socket/promises`, as its manual has it: a loop per
 * connection over the chunks that come.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { formatAddress, SystemError } from '@wireline/socket';
import { createServer } from '@wireline/socket/promises';

/** @typedef {import('@wireline/socket/promises').Socket} Socket */

const server = await createServer({ host: '127.0.0.1', port: 0 });
server.setsockopt('TCP_NODELAY', true); // accepted connections inherit it
console.log(`listening on ${formatAddress(server.getsockname())}`);
for (;;) {
  const { socket } = await server.accept();
  void serve(socket);
}

/** @param {Socket} socket */
async function serve(socket) {
  try {
    for await (const chunk of socket) await socket.sendAll(chunk);
  } catch (error) {
    // The peer has reset the connection, or closed while something was on its way.
    if (!(error instanceof SystemError)) throw error;
  } finally {
    socket.close();
  }
}
