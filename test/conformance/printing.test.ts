/** What a socket looks like when it is printed, in each state of its life. */
import { inspect } from 'node:util';
import { formatAddress } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES } from './face.ts';
import { connected, FAMILIES, kept, listening, pair } from './sockets.ts';

describe.each(FACES)('$title', (face) => {
  test('new', () => {
    const socket = kept(new face.Socket());
    expect(String(socket)).toMatch(/^\[Socket \d+ inet 0\.0\.0\.0:0 CLOSE\]$/);
    expect(inspect(socket)).toMatch(/^Socket \{\s+fd: \d+,\s+family: 'inet',\s+type: 'stream'/);
  });

  test.each(FAMILIES)('listening, $name', async ({ family, host, missing }) => {
    if (missing) return;
    const server = await listening(face, host);
    const where = formatAddress(server.getsockname());
    expect(String(server)).toBe(`[Socket ${server.fileno()} ${family} ${where} LISTEN]`);
    expect(inspect(server)).toContain("state: 'LISTEN'");
  });

  test('connected', async () => {
    const server = await listening(face);
    const near = await connected(face, server.getsockname());
    const [local, remote] = [near.getsockname(), near.getpeername()].map(formatAddress);
    const fd = near.fileno();
    expect(String(near)).toBe(`[Socket ${fd} inet ${local} -> ${remote} ESTABLISHED]`);
    const printed = inspect(near, { breakLength: Infinity });
    expect(printed).toBe(
      `Socket { fd: ${fd}, family: 'inet', type: 'stream', local: '${local}', remote: '${remote}', state: 'ESTABLISHED' }`,
    );
  });

  test('half-closed', async () => {
    const [near, far] = await pair(face);
    far.shutdown('write');
    expect(await near.recv(1)).toHaveLength(0);
    expect(String(near)).toMatch(/ CLOSE_WAIT\]$/);
    expect(String(far)).toMatch(/ FIN_WAIT[12]\]$/); // 2 once the end is acknowledged
  });

  test('a datagram socket', () => {
    const socket = kept(new face.Socket({ type: 'dgram' }));
    expect(String(socket)).toMatch(/^\[Socket \d+ inet 0\.0\.0\.0:0 open\]$/);
    expect(inspect(socket)).toContain("type: 'dgram'");
  });

  test('closed', async () => {
    const [near] = await pair(face);
    near.close();
    expect(String(near)).toMatch(/^\[Socket -1 inet .*closed\]$/);
    expect(inspect(near)).toContain("state: 'closed'");
  });

  test('within something else, and at any depth', () => {
    const socket = kept(new face.Socket());
    expect(inspect({ a: { b: { socket } } }, { depth: 3 })).toContain(`fd: ${socket.fileno()}`);
  });
});
