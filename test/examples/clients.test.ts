/** echo-client, tcp-info and fetch-rtt, with servers that are not ours. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { freePort, HAS_IPV6, listen, run, start } from './example.ts';

const HOSTS = ['127.0.0.1', 'localhost', ...(HAS_IPV6 ? ['::1'] : [])];

const PYTHON_SERVER = `
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as listener:
    print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as file:
        connection.sendall(file.read().upper())
`;

const REFUSED = /^connect 127\.0\.0\.1:\d+: refused: .*\(ECONNREFUSED\)\n$/;

describe('echo-client', () => {
  test('says something to Python, and prints what comes back', async () => {
    await using server = Program.run('python3', '-c', PYTHON_SERVER);
    const port = String(await server.port());
    expect(await run('echo-client', '127.0.0.1', port, 'a', 'few words')).toMatchObject({
      code: 0,
      stdout: 'received A FEW WORDS\n',
      stderr: '',
    });
    expect(await server.exited()).toMatchObject({ code: 0 });
  });

  test.each(HOSTS)('%s', async (host) => {
    await using peer = await listen((socket) => socket.pipe(socket), host);
    expect(await run('echo-client', host, String(peer.port))).toMatchObject({
      code: 0,
      stdout: 'received Hello, world\n',
      stderr: '',
    });
  });

  test('a character that two receives share is whole', async () => {
    await using peer = await listen((socket) => socket.pipe(socket));
    const text = `${'x'.repeat(4095)}è`;
    const { stdout } = await run('echo-client', '127.0.0.1', String(peer.port), text);
    expect(stdout).toBe(`received ${text}\n`);
  });

  test('nobody there is told in a line', async () => {
    const { code, stdout, stderr } = await run('echo-client', '127.0.0.1', `${await freePort()}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(REFUSED);
  });

  test('Ctrl-C ends it while it blocks', async () => {
    let heardAll = (): void => {};
    const blocks = new Promise<void>((resolve) => (heardAll = resolve));
    await using peer = await listen((socket) => socket.resume().once('end', () => heardAll()));
    await using client = start('echo-client', '127.0.0.1', String(peer.port));
    await blocks;
    client.signal('SIGINT');
    expect(await client.exited()).toMatchObject({ signal: 'SIGINT', stdout: '', stderr: '' });
  });
});

describe('tcp-info', () => {
  const TABLE = [
    /^state +ESTABLISHED$/m,
    /^round-trip time +\d+\.\d{3} ms, varies by \d+\.\d{3} ms$/m,
    /^resends after +\d+\.\d{3} ms$/m,
    /^sent again +\d+ of \d+ segments$/m,
    /^largest segment +[\d,]+ bytes, path MTU [\d,]+ bytes$/m,
    /^receive window +([\d,]+ bytes|unknown) here, ([\d,]+ bytes|unknown) there$/m,
    /^congestion +\w+, window \d+ segments, state \w+$/m,
    /^delivery rate +[\d,]+ bytes\/s$/m,
  ];

  function expectTable(text: string): void {
    for (const row of TABLE) expect(text).toMatch(row);
    // On this machine a round trip takes some time, but not much.
    const [, rtt] = /^round-trip time +([\d.]+)/m.exec(text) ?? [];
    expect(Number(rtt)).toBeGreaterThan(0);
    expect(Number(rtt)).toBeLessThan(1000);
  }

  test('has a server of its own', async () => {
    const { code, stdout, stderr } = await run('tcp-info');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^connected to 127\.0\.0\.1:\d+\nsent a line, received 6 bytes\n/);
    expectTable(stdout);
  });

  test.each(HOSTS)('takes any other, on %s', async (host) => {
    await using peer = await listen((socket) => socket.end('welcome\n'), host);
    const { code, stdout, stderr } = await run('tcp-info', host, String(peer.port));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/received 8 bytes/);
  });

  test('a server that says nothing is no reason to fail', async () => {
    await using peer = await listen(() => {});
    const { code, stdout } = await run('tcp-info', '127.0.0.1', String(peer.port));
    expect({ code }).toEqual({ code: 0 });
    expect(stdout).toMatch(/received nothing for a second\n/);
    expectTable(stdout);
  });

  test('nobody there is told in a line', async () => {
    const { code, stderr } = await run('tcp-info', '127.0.0.1', `${await freePort()}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(REFUSED);
  });
});

describe('fetch-rtt', () => {
  const ROUND_TRIP = /^round trip (\d+(?:\.\d+)?) ms, 0 segments sent again\n/;

  test('has a server of its own', async () => {
    const { code, stdout, stderr } = await run('fetch-rtt');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(ROUND_TRIP);
    expect(stdout).toMatch(/\nhttp:\/\/127\.0\.0\.1:\d+\/ answered 200, 6 characters\n$/);
    expect(Number(ROUND_TRIP.exec(stdout)?.[1])).toBeGreaterThan(0);
  });

  test.each(['close', 'keep-alive'])('takes any other, with connection: %s', async (connection) => {
    const server = createServer((_request, response) => {
      response.writeHead(404, { connection }).end('nothing here');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo; // it listens at an address, not at a path
    const url = `http://127.0.0.1:${port}/`;
    const { code, stdout, stderr } = await run('fetch-rtt', url);
    server.closeAllConnections();
    await once(server.close(), 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(ROUND_TRIP);
    expect(stdout).toContain(`${url} answered 404, 12 characters\n`);
  });

  test('nobody there is told in a line', async () => {
    const { code, stderr } = await run('fetch-rtt', `http://127.0.0.1:${await freePort()}/`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^connect ECONNREFUSED 127\.0\.0\.1:\d+\n$/);
  });
});
