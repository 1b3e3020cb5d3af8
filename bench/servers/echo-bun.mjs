/**
 * bun: the echo server on Bun's own sockets. What a write did not take is kept for `drain`, and the socket is
 * paused until it has gone. A peer that ends its half gets everything back first.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */

/** What a connection still owes. One object for all that owe nothing. */
const IDLE = { unsent: new Uint8Array(0), hasEnded: false };

const server = Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  allowHalfOpen: true,
  data: IDLE,
  socket: {
    open(socket) {
      socket.data = IDLE;
      socket.setNoDelay(true);
    },
    data(socket, chunk) {
      const taken = socket.write(chunk);
      if (taken >= chunk.length) return;
      socket.data = { unsent: chunk.slice(Math.max(taken, 0)), hasEnded: false };
      socket.pause();
    },
    drain(socket) {
      const state = socket.data;
      if (state === IDLE) return;
      const taken = socket.write(state.unsent);
      state.unsent = state.unsent.subarray(Math.max(taken, 0));
      if (state.unsent.length > 0) return;
      socket.data = IDLE;
      if (state.hasEnded) socket.end();
      else socket.resume();
    },
    end(socket) {
      if (socket.data === IDLE) socket.end();
      else socket.data.hasEnded = true;
    },
    error(socket) {
      socket.terminate();
    },
  },
});

console.log(`listening on 127.0.0.1:${server.port}`);
