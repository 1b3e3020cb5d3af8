/** unix-echo and udp-echo, with peers that are not ours. */
import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { HAS_IPV6, run, start } from './example.ts';
import { Talker } from './talker.ts';

const folder = mkdtempSync(join(tmpdir(), 'wireline-'));
afterAll(() => rmSync(folder, { recursive: true }));
let paths = 0;
const newPath = (): string => join(folder, `${++paths}.sock`);

const ME = `user ${process.getuid?.()}, group ${process.getgid?.()}`;

describe('unix-echo', () => {
  test('server and client, each of which knows the other', async () => {
    const path = newPath();
    await using server = start('unix-echo', path);
    await server.says(/listening on unix:.*\n/);
    await using client = start('unix-echo', path, 'Hi', 'you');
    const { code, stdout, stderr } = await client.exited();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`connected to process ${server.pid} of ${ME}\nreceived Hi you\n`);
    await server.says(new RegExp(`connected by process ${client.pid} of ${ME}\n`));
  });

  test('serves several at the same time, and Ctrl-C ends it and removes its file', async () => {
    const path = newPath();
    await using server = start('unix-echo', path);
    await server.says(/listening on/);
    expect(statSync(path).isSocket()).toBe(true);
    using one = await Talker.connect({ path });
    using other = await Talker.connect({ path });
    other.say('second first');
    await other.hears(/^second first$/);
    one.say('x'.repeat(1_000_000));
    await one.hears(/^x{1000000}$/);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    await Promise.all([one.closed, other.closed]);
    expect(existsSync(path)).toBe(false);
  });

  test('a name in the abstract namespace has no file', async () => {
    const name = `@wireline-test-${process.pid}`;
    await using server = start('unix-echo', name);
    await server.says(new RegExp(`listening on unix:${name}\n`));
    expect((await run('unix-echo', name, 'hello')).stdout).toContain('received hello\n');
    expect(existsSync(name)).toBe(false);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('the client talks to a server of Node', async () => {
    const path = newPath();
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await once(server.listen(path), 'listening');
    const { stdout } = await run('unix-echo', path, 'hello');
    await once(server.close(), 'close');
    expect(stdout).toBe(`connected to process ${process.pid} of ${ME}\nreceived hello\n`);
  });

  test('a file that a server left behind is no hindrance', async () => {
    const path = newPath();
    await using killed = start('unix-echo', path);
    await killed.says(/listening on/);
    killed.signal('SIGKILL');
    await killed.exited();
    expect(existsSync(path)).toBe(true);
    await using server = start('unix-echo', path);
    await server.says(/listening on/);
  });

  test('somebody else who listens there, and a file that is no socket, are left alone', async () => {
    const path = newPath();
    await using server = start('unix-echo', path);
    await server.says(/listening on/);
    const second = await run('unix-echo', path);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^bind unix:\S+: the path is in use: .*\(EADDRINUSE\)\n$/);
    expect((await run('unix-echo', path, 'still here')).stdout).toContain('received still here\n');

    const file = newPath();
    writeFileSync(file, 'precious');
    const third = await run('unix-echo', file);
    expect(third.code).toBe(1);
    expect(third.stderr).toMatch(/that is no socket.*\(EADDRINUSE\)\n$/);
    expect(existsSync(file)).toBe(true);
  });

  test('nobody there is told in a line', async () => {
    const { code, stderr } = await run('unix-echo', newPath(), 'hello');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^connect unix:\S+: .*\(ENOENT\)\n$/);
  });
});

/** A datagram socket of Node's, and its port. */
async function bound(
  host: string = '127.0.0.1',
): Promise<{ socket: DatagramSocket; port: number }> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  return { socket, port };
}

describe('udp-echo', () => {
  const HOSTS = ['127.0.0.1', 'localhost', ...(HAS_IPV6 ? ['::1'] : [])];

  test.each(HOSTS)('each word comes back by itself, on %s', async (host) => {
    await using server = start('udp-echo', host, '0');
    const port = String(await server.port());
    const { code, stdout, stderr } = await run('udp-echo', host, port, 'one', 'and', 'zwölf');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^(received (one|and|zwölf) from \S+:\d+\n){3}$/);
    expect(server.output.stdout.match(/^\d+ bytes from/gm)).toEqual([
      '3 bytes from',
      '3 bytes from',
      '6 bytes from',
    ]);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('echoes datagrams of Node as they are: an empty one, and the longest', async () => {
    await using server = start('udp-echo', '127.0.0.1', '0');
    const port = await server.port();
    const { socket } = await bound();
    for (const length of [0, 1, 65_507]) {
      const datagram = Buffer.alloc(length, 'abc');
      socket.send(datagram, port, '127.0.0.1');
      const [echo, from] = (await once(socket, 'message')) as [Buffer, RemoteInfo]; // what it carries
      expect(echo.equals(datagram)).toBe(true);
      expect(from.port).toBe(port);
    }
    socket.close();
  });

  test('a broadcast reaches who is bound to all interfaces', async () => {
    await using server = start('udp-echo', '', '0');
    const port = String(await server.port());
    // The broadcast address of the loopback network: nothing leaves this machine.
    const { code, stdout, stderr } = await run('udp-echo', '127.255.255.255', port, 'all');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`received all from 127.0.0.1:${port}\n`);
  });

  test('what does not come back is told in a line', async () => {
    const { socket, port } = await bound();
    socket.once('message', (bytes, { port, address }) => socket.send(bytes, port, address));
    const { code, stdout, stderr } = await run('udp-echo', '127.0.0.1', String(port), 'one', 'two');
    socket.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: `received one from 127.0.0.1:${port}\n` });
    expect(stderr).toBe(`receive from 127.0.0.1:${port}: 1 of 2 came back\n`);
  });

  test('a port in use is told in a line', async () => {
    const { socket, port } = await bound();
    const { code, stdout, stderr } = await run('udp-echo', '127.0.0.1', String(port));
    socket.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^bind 127\.0\.0\.1:\d+: the address is in use.*\(EADDRINUSE\)\n$/);
  });

  test('Ctrl-C ends a client that waits', async () => {
    const { socket, port } = await bound();
    await using client = start('udp-echo', '127.0.0.1', String(port), 'hello');
    await once(socket, 'message');
    client.signal('SIGINT');
    expect(await client.exited()).toMatchObject({ signal: 'SIGINT' });
    socket.close();
  });

  test('a client of Python', async () => {
    await using server = start('udp-echo', '127.0.0.1', '0');
    const script = `
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.connect(("127.0.0.1", int(sys.argv[1])))
    s.send(b"first"); s.send(b"second")
    print(s.recv(3), s.recv(100))
`;
    await using client = Program.run('python3', '-c', script, String(await server.port()));
    expect((await client.exited()).stdout).toBe("b'fir' b'second'\n");
  });
});
