/**
 * Calls that block until a signal, or the end of their thread: each opens what it needs and returns the call,
 * which holds that: nothing is collected meanwhile.
 */
import { createConnection, createServer, Socket, socketpair } from '@wireline/socket';
import { ANY_PORT, blockingConnection } from './tools.mjs';

/** Longer than any program runs. */
const LONG_MS = 60_000;

/** More than the kernel takes for a peer that does not receive. */
const MUCH = 64 * 1024 * 1024;

/**
 * By the name of the call.
 *
 * @type {Readonly<Record<string, () => () => unknown>>}
 */
export const BLOCKING_CALLS = {
  accept() {
    const server = createServer(ANY_PORT);
    return () => server.accept();
  },
  connect() {
    // A queue of one that is full: the kernel answers no second one.
    const server = createServer(ANY_PORT, { backlog: 0 });
    const first = createConnection(server.getsockname());
    const second = new Socket();
    return () => [second.connect(server.getsockname()), first];
  },
  recv() {
    const { near, ...held } = blockingConnection();
    return () => [near.recv(1), held];
  },
  sendAll() {
    const { near, ...held } = blockingConnection();
    return () => [near.sendAll(new Uint8Array(MUCH)), held];
  },
  recvFrom() {
    const socket = new Socket({ type: 'dgram' });
    socket.bind(ANY_PORT);
    return () => socket.recvFrom(1);
  },
  recvMsg() {
    const pair = socketpair({ type: 'seqpacket' });
    return () => [pair[0].recvMsg(1), pair];
  },
  sendMsg() {
    const pair = socketpair();
    const message = { parts: [new Uint8Array(MUCH)] };
    pair[0].sendMsg(message); // as much as there is room for
    return () => [pair[0].sendMsg(message), pair];
  },
  'recv with a time-out'() {
    const { near, ...held } = blockingConnection();
    near.setTimeout(LONG_MS);
    return () => [near.recv(1), held];
  },
};
