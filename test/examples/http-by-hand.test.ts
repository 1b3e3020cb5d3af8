/** http-by-hand and get-by-hand, with each other and with what is not ours. What a browser shows is in test/browser. */
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  get,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { exchange, freePort, HAS_IPV6, listen, run, start } from './example.ts';

/** An answer of `http-by-hand`, read by node:http. */
async function page(port: number, path: string): Promise<{ header: object; body: string }> {
  const [response] = (await once(get({ port, path }), 'response')) as [IncomingMessage]; // what it carries
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return { header: response.headers, body };
}

/** Runs `get-by-hand` against a web server of Node's. */
async function getFrom(listener: RequestListener, path = '/') {
  const server = createHttpServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const outcome = await run('get-by-hand', '127.0.0.1', String(port), path);
  server.close();
  return outcome;
}

describe('http-by-hand', () => {
  test('has a page that Node reads, and says who asked for what', async () => {
    await using server = start('http-by-hand', '127.0.0.1', '0');
    const { header, body } = await page(await server.port(), '/');
    expect(header).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    });
    expect(body).toMatch(/^<!doctype html>\n.*<h1>Written by hand<\/h1>.*<\/html>\n$/s);
    expect(body).not.toContain('\n\n'); // a browser would find it in place of the missing one
    await server.says(/\n127\.0\.0\.1:\d+ GET \/ HTTP\/1\.1\n/);
  });

  test('has a page that Python reads', async () => {
    await using server = start('http-by-hand', '127.0.0.1', '0');
    const url = `http://127.0.0.1:${await server.port()}/`;
    const code = 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())';
    await using python = Program.run('python3', '-c', code, url);
    expect((await python.exited()).stdout).toContain('Written by hand');
  });

  test('the same without the blank line is no answer', async () => {
    await using server = start('http-by-hand', '127.0.0.1', '0');
    const port = await server.port();
    const request = (path: string) => Buffer.from(`GET ${path} HTTP/1.0\r\n\r\n`);
    const whole = (await exchange('127.0.0.1', port, request('/'))).toString();
    const broken = (await exchange('127.0.0.1', port, request('/no-blank-line'))).toString();
    expect(broken).toBe(whole.replace('\r\n\r\n', '\r\n'));
    await expect(page(port, '/no-blank-line')).rejects.toThrow(/Parse Error|socket hang up/);
  });

  test('a request in pieces, one that is too long, one that ends too soon, a reset: the next one is served', async () => {
    await using server = start('http-by-hand', '127.0.0.1', '0');
    const port = await server.port();
    const socket = connect({ host: '127.0.0.1', port });
    for (const byte of 'GET /\u001b[2J HTTP/1.1\r\n\r\n') socket.write(byte);
    socket.resume();
    await once(socket, 'close');
    await server.says(/GET \/\?\[2J HTTP\/1\.1\n/);
    const long = Buffer.alloc(20_000, 'x');
    expect(await exchange('127.0.0.1', port, long)).toHaveLength(0);
    await server.says(/lost 127\.0\.0\.1:\d+: Error: no blank line in 16384 bytes\n/);
    expect(await exchange('127.0.0.1', port, Buffer.from('GET'))).toHaveLength(0);
    await server.says(
      /lost 127\.0\.0\.1:\d+: Error: the request ended after 3 bytes, without a blank line\n/,
    );
    const lost = connect({ host: '127.0.0.1', port });
    await once(lost, 'connect');
    lost.resetAndDestroy();
    await server.says(/lost 127\.0\.0\.1:\d+: ConnectionResetError/);
    expect((await page(port, '/')).body).toContain('Written by hand');
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('Ctrl-C does not wait for who says nothing', async () => {
    await using server = start('http-by-hand', '127.0.0.1', '0');
    const socket = connect({ host: '127.0.0.1', port: await server.port() });
    await once(socket, 'connect');
    await page(await server.port(), '/'); // the silent one was accepted before
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    socket.destroy();
  });

  test('a port in use is told in a line', async () => {
    await using peer = await listen(() => {});
    const { code, stdout, stderr } = await run('http-by-hand', '127.0.0.1', String(peer.port));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^bind 127\.0\.0\.1:\d+: the address is in use.*\(EADDRINUSE\)\n$/);
  });

  test.each([[['127.0.0.1', '65536']], [['127.0.0.1', 'http']], [['127.0.0.1', '0', 'more']]])(
    '%j is wrong usage',
    async (args) => {
      expect(await run('http-by-hand', ...args)).toEqual({
        code: 2,
        signal: null,
        stdout: '',
        stderr: 'usage: npm run example -- http-by-hand [HOST] [PORT]\n',
      });
    },
  );
});

describe('get-by-hand', () => {
  test('gets the page of http-by-hand', async () => {
    await using server = start('http-by-hand', '127.0.0.1', '0');
    const port = await server.port();
    const { body } = await page(port, '/');
    const { code, stdout, stderr } = await run('get-by-hand', '127.0.0.1', String(port));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const length = Buffer.byteLength(body);
    expect(stdout.split('\n')).toEqual([
      'HTTP/1.1 200 OK',
      'Content-Type: text/html; charset=utf-8',
      `Content-Length: ${length}`,
      'Connection: close',
      `a body of ${length} bytes`,
      '',
    ]);
  });

  test('sends what Node takes for a request, and reads a body of any length', async () => {
    const { code, stdout } = await getFrom((request, response) => {
      const { method, url, httpVersion, headers } = request;
      response.setHeader('X-Got', JSON.stringify([method, url, httpVersion, headers]));
      response.end(Buffer.alloc(1_000_000));
    }, '/a?b');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /X-Got: \["GET","\/a\?b","1\.0",\{"host":"127\.0\.0\.1:\d+","connection":"close"\}\]\n/,
    );
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\n(.*\n)+a body of 1000000 bytes\n$/);
  });

  test('a 301 is shown, with where the page is', async () => {
    const { code, stdout } = await getFrom((_request, response) => {
      response.writeHead(301, { Location: 'https://example.com/' }).end('moved');
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^HTTP\/1\.1 301 Moved Permanently\nLocation: https:\/\/example\.com\/\n\(the page is at https:\/\/example\.com\/\)\n(.*\n)+a body of 5 bytes\n$/,
    );
  });

  test('Python’s web server', async () => {
    await using server = Program.run('python3', '-u', '-m', 'http.server', '0', '-b', '127.0.0.1');
    const [, port = ''] = await server.says(/port (\d+)/);
    const found = await run('get-by-hand', '127.0.0.1', port, '/package.json');
    expect(found.stdout).toMatch(/^HTTP\/1\.0 200 OK\n(.*\n)*Content-type: application\/json\n/);
    const missing = await run('get-by-hand', '127.0.0.1', port, '/no-such-file');
    expect(missing).toMatchObject({ code: 0, stdout: expect.stringMatching(/^HTTP\/1\.0 404 /) });
  });

  test.each([
    ['SSH-2.0-x\r\n', /^127\.0\.0\.1:\d+ does not speak HTTP: it says "SSH-2\.0-x"\n$/],
    ['HTTP/1.1 200 OK\r\nA: b\r\n', /^the server closed before the header was complete\n$/],
    ['', /^the server closed before the header was complete\n$/],
    ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour', /^only 4 of 9 bytes came\n$/],
    [`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`, /^readLine: no line end/],
  ])('what is no answer is told in a line: %j', async (answer, told) => {
    await using peer = await listen((socket) => socket.once('data', () => socket.end(answer)));
    const { code, stderr } = await run('get-by-hand', '127.0.0.1', String(peer.port));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(told) });
  });

  test('control characters do not reach the terminal', async () => {
    const answer = 'HTTP/1.1 200 \u001b[2J\r\nA: \u009b2J\r\n\r\n';
    await using peer = await listen((socket) =>
      socket.once('data', () => socket.end(Buffer.from(answer, 'latin1'))),
    );
    const { stdout } = await run('get-by-hand', '127.0.0.1', String(peer.port));
    expect(stdout).toBe('HTTP/1.1 200 ?[2J\nA: ?2J\na body of 0 bytes\n');
  });

  test('nothing listens', async () => {
    const { code, stderr } = await run('get-by-hand', '127.0.0.1', String(await freePort()));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^connect 127\.0\.0\.1:\d+: refused: .*\(ECONNREFUSED\)\n$/);
  });

  test.runIf(HAS_IPV6)('over IPv6', async () => {
    await using server = start('http-by-hand', '::1', '0');
    const { stdout } = await run('get-by-hand', '::1', String(await server.port()));
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\n/);
  });

  test.each([
    [['127.0.0.1', '0']],
    [['127.0.0.1', 'http']],
    [['127.0.0.1', '80', 'page']],
    [['127.0.0.1', '80', '/a\r\nX: y']],
    [['127.0.0.1', '80', '/', 'more']],
  ])('%j is wrong usage', async (args) => {
    expect(await run('get-by-hand', ...args)).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: 'usage: npm run example -- get-by-hand [HOST] [PORT] [/PATH]\n',
    });
  });
});
