/** A connection that is over before anything was asked. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { PageConnection } from './page-connection.ts';

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
