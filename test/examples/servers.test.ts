/** echo-server and reverse-server, with clients that are not ours. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { exchange, HAS_IPV6, listen, run, start } from './example.ts';

const SERVERS = [
  ['echo-server', (bytes: Uint8Array) => Uint8Array.from(bytes)],
  ['reverse-server', (bytes: Uint8Array) => Uint8Array.from(bytes).reverse()],
] as const;

const HOSTS = ['127.0.0.1', 'localhost', ...(HAS_IPV6 ? ['::1'] : [])];

/** More than the number at which Node warns of a leak of listeners. */
const MANY = 40;

const PYTHON_CLIENT = `
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
    s.sendall(bytes(range(256)))
    s.shutdown(socket.SHUT_WR)
    print(s.makefile("rb").read().hex())
`;

/** Connects with Node; `closed` settles when the connection is over, be it by a reset. */
async function connected(port: number): Promise<{ socket: Socket; closed: Promise<void> }> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  socket.resume();
  return { socket, closed };
}

describe.each(SERVERS)('%s', (name, answer) => {
  test.each(HOSTS)('listens on %s, and says so', async (host) => {
    await using server = start(name, host, '0');
    const port = await server.port();
    const bytes = Buffer.from('one chunk');
    expect(await exchange(host, port, bytes)).toEqual(Buffer.from(answer(bytes)));
    await server.says(/connected by (127\.0\.0\.1|\[::1\]):\d+\n/);
  });

  test('serves many clients at the same time, all of them by Ctrl-C', async () => {
    await using server = start(name, '127.0.0.1', '0');
    const port = await server.port();
    const clients = await Promise.all(Array.from({ length: MANY }, () => connected(port)));
    // In the order that is least convenient: the last one first.
    for (const [index, { socket }] of [...clients.entries()].reverse()) {
      const bytes = Buffer.from(`this is ${index}`);
      socket.write(bytes);
      const [got] = (await once(socket, 'data')) as [Buffer]; // what 'data' carries
      expect(got).toEqual(Buffer.from(answer(bytes)));
    }
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    await Promise.all(clients.map(({ closed }) => closed));
  });

  test('takes bytes, not text: every byte comes back to Python', async () => {
    await using server = start(name, '127.0.0.1', '0');
    const port = String(await server.port());
    await using client = Program.run('python3', '-c', PYTHON_CLIENT, '127.0.0.1', port);
    const bytes = answer(Uint8Array.from({ length: 256 }, (_, index) => index));
    expect((await client.exited()).stdout.trim()).toBe(Buffer.from(bytes).toString('hex'));
  });

  test('loses one client, and serves the others', async () => {
    await using server = start(name, '127.0.0.1', '0');
    const port = await server.port();
    const lost = await connected(port);
    await server.says(/connected by/);
    lost.socket.resetAndDestroy();
    await server.says(/lost 127\.0\.0\.1:\d+: ConnectionResetError/);
    expect(await exchange('127.0.0.1', port, Buffer.from('xx'))).toEqual(Buffer.from('xx'));
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('a client that never reads does not keep it from ending', async () => {
    await using server = start(name, '127.0.0.1', '0');
    const { socket } = await connected(await server.port());
    socket.pause();
    // More than all buffers between here and there hold, so that the server has to wait for room.
    socket.write(Buffer.alloc(64 * 1024 * 1024));
    await server.says(/connected by/);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    socket.destroy();
  });

  test('a port in use is told in a line', async () => {
    await using peer = await listen(() => {});
    const { code, stdout, stderr } = await run(name, '127.0.0.1', String(peer.port));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^bind 127\.0\.0\.1:\d+: the address is in use.*\(EADDRINUSE\)\n$/);
  });

  test('a host that is none is told in a line', async () => {
    const { code, stderr } = await run(name, 'no such host', '0');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^resolve no such host: .*\n$/);
  });
});

test('echo-server counts what it echoed', async () => {
  await using server = start('echo-server', '127.0.0.1', '0');
  const bytes = Buffer.alloc(1_000_000, 'abc');
  const echoed = await exchange('127.0.0.1', await server.port(), bytes);
  expect(echoed.equals(bytes)).toBe(true); // toEqual takes seconds for a megabyte
  await server.says(/echoed 1000000 bytes to 127\.0\.0\.1:\d+\n/);
});

test("'' is all interfaces", async () => {
  await using server = start('echo-server', '', '0');
  expect(await server.says(/listening on (\S+):\d+\n/)).toContain('0.0.0.0');
});
