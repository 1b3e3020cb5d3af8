/**
 * Sockets of the awaited face that nobody closes, in the state of the first argument: does the process live,
 * and does it rest?
 */
import { createConnection } from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { ANY_PORT, awaitedConnection, busyShare, report } from './tools.mjs';

/**
 * All sockets, until the very end: were they collected, they would be closed, and hold nobody.
 *
 * @type {unknown[]}
 */
const held = [];
process.on('exit', () => held.splice(0));

/** @type {Readonly<Record<string, () => Promise<unknown>>>} */
const STATES = {
  async 'accept waits'() {
    const server = await awaited.createServer(ANY_PORT);
    held.push(server);
    process.stdout.write(`${server.getsockname().port}\n`);
    await server.accept();
    return 'accepted';
  },
  async 'recv waits for its time-out'() {
    const { near } = await connection();
    near.setTimeout(50);
    return nameOf(near.recv(1));
  },
  async 'recv was aborted'() {
    const { near } = await connection();
    const abort = new AbortController();
    const comes = nameOf(near.recv(1, { signal: abort.signal }));
    setImmediate(() => abort.abort());
    return comes;
  },
  async 'open, after traffic'() {
    const { near, far } = await connection();
    const comes = far.recv(1);
    await near.send(new Uint8Array(1));
    return (await comes).length;
  },
  async 'its peer reset it'() {
    const { near, far } = await used();
    far.setsockopt('SO_LINGER', 0);
    far.close();
    const busy = await busyShare();
    return { busy, next: await nameOf(near.recv(1)) };
  },
  async 'its peer ended'() {
    const { near, far } = await used();
    far.close();
    return { busy: await busyShare(), next: (await near.recv(1)).length };
  },
  async 'both ended'() {
    const { near, far } = await used();
    near.shutdown('write');
    far.shutdown('write');
    return { busy: await busyShare(), next: (await near.recv(1)).length };
  },
  async 'input that nobody wants'() {
    const { near, far } = await used();
    await far.send(new Uint8Array(100));
    return { busy: await busyShare(), next: (await near.recv(1000)).length };
  },
  async 'a connection that nobody accepts'() {
    const { server } = await used();
    const client = createConnection(server.getsockname());
    const busy = await busyShare();
    (await server.accept()).socket.close();
    client.close();
    return { busy, next: 'accepted' };
  },
};

const result = await STATES[process.argv[2] ?? '']?.();
report(result);

/**
 * The name of the error that a call fails with.
 *
 * @param {Promise<unknown>} call
 */
async function nameOf(call) {
  try {
    await call;
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** A connection, and who accepted it. */
async function connection() {
  const all = await awaitedConnection();
  held.push(all);
  return all;
}

/** A connection both of whose ends, and whose listener, have waited in the loop and are registered there. */
async function used() {
  const { server, near, far } = await connection();
  const comes = near.recv(1);
  await far.send(new Uint8Array(1));
  await comes;
  const back = far.recv(1);
  await near.send(new Uint8Array(1));
  await back;
  return { server, near, far };
}
