/** What a socket looks like when it is printed, in each state of its life. */
import { inspect } from 'node:util';
import { formatAddress } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES } from './face.ts';
import { failureOf, systemFailureOf } from './failures.ts';
import { connected, FAMILIES, kept, listening, pair } from './sockets.ts';
import { abstractName, scratchPath } from './unix.ts';

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

  test('a Unix socket: without a name, with one, connected', async () => {
    const socket = kept(new face.Socket({ family: 'unix' }));
    const fd = socket.fileno();
    expect(String(socket)).toBe(`[Socket ${fd} unix unix:(unnamed) open]`);
    const path = scratchPath();
    const server = kept(await face.createServer({ path }));
    expect(String(server)).toBe(`[Socket ${server.fileno()} unix unix:${path} open]`);
    await socket.connect({ path });
    expect(String(socket)).toBe(`[Socket ${fd} unix unix:(unnamed) -> unix:${path} open]`);
    expect(inspect(socket, { breakLength: Infinity })).toBe(
      `Socket { fd: ${fd}, family: 'unix', type: 'stream', local: 'unix:(unnamed)', remote: 'unix:${path}', state: 'open' }`,
    );
  });

  test('an abstract name as ss(8) shows it', async () => {
    const path = abstractName();
    const socket = kept(new face.Socket({ family: 'unix', type: 'seqpacket' }));
    await socket.bind({ path });
    expect(String(socket)).toBe(`[Socket ${socket.fileno()} unix unix:@${path.slice(1)} open]`);
    expect(inspect(socket)).toContain("type: 'seqpacket'");
  });

  test.each([
    ['colours and bells', '\u001b[31m\u0007'],
    ['a new line', 'a\r\nb'],
    ['zeros', '\0\0'],
    ['delete, and controls beyond ASCII', '\u007f\u009b31m\u0085'],
    ['the direction of writing', '\u202e\u2066\u200f'],
    ['ends of lines', '\u2028\u2029'],
    ['what nobody sees', '\u200b\ufeff\u{e0041}'],
  ])('a hostile name, %s: a terminal is told nothing', async (_which, hostile) => {
    const path = `${abstractName()}${hostile}`;
    const socket = kept(new face.Socket({ family: 'unix' }));
    await socket.bind({ path });
    const failure = await systemFailureOf(() => face.createServer({ path }));
    const refused = await failureOf(() => socket.bind({ path: `x\0${hostile}` }));
    for (const shown of [
      String(socket),
      inspect(socket, { breakLength: Infinity }),
      failure.message,
      failure.address,
      String(refused),
    ]) {
      expect(shown).toMatch(/\\\\?u/);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
    expect(socket.getsockname().path).toBe(path); // as it is, for whoever wants to connect
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
