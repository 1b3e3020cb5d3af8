/** A connection that is over before anything was asked. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { PageConnection } from './page-connection.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Some of so many are reset in the moment between connecting and asking for the address. */
const MANY = 500;

test('a server that resets every connection: each is told as that, and none stays open', async () => {
  const server = createServer((socket) => socket.resetAndDestroy());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  const where = { host: '127.0.0.1', port: address.port };
  const options = { timeoutMs: 10_000, isStalled: () => false, onAttempt: () => {} };
  const before = readdirSync('/proc/self/fd').length;
  for (let i = 0; i < MANY; i++) {
    try {
      const connection = await PageConnection.open(where, options);
      connection.close();
    } catch (error) {
      expect(String(error)).toMatch(/closed the connection at once|ECONNRESET/);
    }
  }
  await once(server.close(), 'close');
  expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
});

describe('a silence', () => {
  /** More than a stream reads ahead. */
  const MUCH = 'x'.repeat(1024 * 1024);

  /** A connection to a server that says `words` and nothing more. */
  async function connect(words: string) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined); // it is given up with what it has not read
      socket.write(words);
    });
    ends.push(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo; // it listens on a port
    const options = { timeoutMs: 100, isStalled: () => false, onAttempt: () => {} };
    const connection = await PageConnection.open({ host: '127.0.0.1', port }, options);
    const { socket } = connection;
    const silences: string[] = [];
    socket.on('timeout', () => silences.push(socket.destroyed ? 'given up' : 'goes on'));
    const closed = new Promise((resolve) => void socket.once('close', resolve));
    return { connection, socket, silences, closed };
  }

  test('of the server: given up', async () => {
    const { connection, silences, closed } = await connect('');
    await closed;
    expect(silences).toEqual(['given up']);
    expect(connection.failure?.message).toMatch(/^127\.0\.0\.1:\d+: nothing came for 0\.1 s/);
  });

  test('in which something has come that this process did not get to read: it goes on', async () => {
    const { socket, silences, closed } = await connect(MUCH);
    socket.once('timeout', () => socket.resume());
    await closed;
    expect([silences[0], silences.at(-1)]).toEqual(['goes on', 'given up']);
    expect(socket.bytesRead).toBe(MUCH.length);
  });

  test('in which it was not read again: given up', async () => {
    const { socket, silences, closed } = await connect(MUCH);
    await closed;
    expect([silences[0], silences.at(-1)]).toEqual(['goes on', 'given up']);
    expect(socket.bytesRead).toBeLessThan(MUCH.length);
  });
});
