/**
 * Calls that block until a signal, or the end of their thread: each opens what it needs and returns the call,
 * which holds that: nothing is collected meanwhile.
 */
import { createConnection, createServer, Socket } from '@wireline/socket';
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
  'recv with a time-out'() {
    const { near, ...held } = blockingConnection();
    near.setTimeout(LONG_MS);
    return () => [near.recv(1), held];
  },
};
