/**
 * node-net: the echo server on `node:net`. A write per chunk, and a peer that does not read is not read from.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { createServer } from 'node:net';

const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  socket.on('data', (chunk) => {
    if (!socket.write(chunk)) socket.pause();
  });
  socket.on('drain', () => socket.resume());
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port was given');
  console.log(`listening on 127.0.0.1:${address.port}`);
});
