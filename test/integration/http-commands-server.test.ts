/**
 * `wireline http-server` as a person runs it: what it answers and prints, whom it puts up with, and how it ends.
 * What a browser makes of its page is in `test/browser`.
 */
import { existsSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { descriptorsOf } from '../hostile/process-facts.ts';
import { Program } from '../support/program.ts';
import { ask, Folder, HAS_IPV6, hasProgram, mostMemory, RawClient, run } from './http-commands.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

const CONNECT = 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n';

/** What a server never takes for one client: some 100 MiB with the newest V8, and gigabytes where nothing stops it. */
const MUCH_MEMORY = 200 * 1024 * 1024;

/** More than all buffers between here and there hold. */
const LARGE = 64 * 1024 * 1024;

/** A client that has read the header of its answer, and reads no more. */
async function halfway(server: Program): Promise<RawClient> {
  const client = await RawClient.connect(await server.port());
  client.socket.write(GET);
  await client.receives(/\r\n\r\n/);
  client.socket.pause();
  return client;
}

/** A file that is so large, and takes no room on the disk. */
function largeFile(folder: Folder, size = LARGE): string {
  const file = folder.file('large.bin');
  writeFileSync(file, '');
  truncateSync(file, size);
  return file;
}

/** Starts a server on a port of its own. */
function serve(...args: readonly string[]): Program {
  return Program.wireline('http-server', '127.0.0.1', '0', ...args);
}

/** The body of an answer. */
function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

describe('answers', () => {
  test('the page about the request, and a line for it', async () => {
    await using server = serve();
    const port = await server.port();
    const answer = await ask(port, 'GET /?q HTTP/1.1\r\nHost: me\r\nX-A: <b>\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: text\/html; charset=utf-8\r\n/);
    expect(answer).toContain('GET /?q HTTP/1.1\n<b>Host:</b> me\n<b>X-A:</b> &#60;b&#62;</pre>');
    expect(answer).toMatch(/<dt>round trip<\/dt>\n<dd>\d+(\.\d+)? ms<\/dd>/);
    const bytes = Buffer.byteLength(bodyOf(answer));
    await server.says(
      new RegExp(`\n127\\.0\\.0\\.1:\\d+ GET /\\?q 200 ${bytes} bytes in [\\d.]+ ms\n`),
    );
    expect(server.output.stdout).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\/\n/);
  });

  test.each([
    ['GET / HTTP/1.1\r\nHost: x', 200, ''],
    ['GET / HTTP/1.0', 200, ''],
    ['GET http://x/ HTTP/1.1\r\nHost: x', 200, ''],
    ['GET http://x HTTP/1.1\r\nHost: x', 200, ''],
    ['GET /index.html HTTP/1.1\r\nHost: x', 301, 'Location: /\r\n'],
    ['GET /favicon.ico HTTP/1.1\r\nHost: x', 204, ''],
    ['GET /x HTTP/1.1\r\nHost: x', 404, ''],
    ['GET /%ff HTTP/1.1\r\nHost: x', 404, ''],
    ['GET //x/../ HTTP/1.1\r\nHost: x', 404, ''],
    ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0', 405, 'Allow: GET, HEAD\r\n'],
    ['DELETE /x HTTP/1.1\r\nHost: x', 405, 'Allow: GET, HEAD\r\n'],
    ['OPTIONS * HTTP/1.1\r\nHost: x', 405, 'Allow: GET, HEAD\r\n'],
    ['GET / HTTP/1.1', 400, ''],
  ])('%j is answered with %i', async (header, status, line) => {
    await using server = serve();
    const answer = await ask(await server.port(), `${header}\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(line);
    const length = /Content-Length: (\d+)/.exec(answer)?.[1] ?? '0';
    expect(bodyOf(answer)).toHaveLength(Number(length));
    await server.says(new RegExp(` ${status} ${length} bytes in `));
  });

  test('CONNECT is refused: this is no proxy', async () => {
    await using server = serve();
    const port = await server.port();
    expect(await ask(port, CONNECT)).toMatch(/^HTTP\/1\.1 501 .*This is no proxy/s);
    await server.says(/ bad request: CONNECT a:1: this is no proxy\n/);
  });

  test('HEAD has the header alone', async () => {
    await using server = serve();
    const answer = await ask(await server.port(), 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).toMatch(/Content-Length: [1-9]\d+\r\n/);
    expect(bodyOf(answer)).toBe('');
    await server.says(/HEAD \/ 200 0 bytes/);
  });

  test('one connection after the other request: a body that nobody wants is passed by', async () => {
    await using server = serve();
    using client = await RawClient.connect(await server.port());
    client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello');
    await client.receives(/ 405 /);
    client.socket.write(GET);
    await client.receives(/ 200 OK/);
    client.socket.end(GET);
    expect((await client.closed).match(/HTTP\/1\.1 /g)).toHaveLength(3);
  });

  test('requests in a row, and the end behind them: all are answered', async () => {
    await using server = serve();
    const answer = await ask(await server.port(), GET.repeat(20));
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(20);
  });

  test('more in a row than may wait: none is lost', async () => {
    await using server = serve('--quiet');
    const answer = await ask(await server.port(), GET.repeat(20_000));
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(20_000);
    expect(answer).toMatch(/<\/html>\n$/);
  });

  test.each([
    ['GET / HT', 'it ended before its header was complete'],
    ['GARBAGE\r\n\r\n', 'Parse Error: .*'],
  ])('what comes before %j is answered in full, and that behind it', async (rest, told) => {
    using folder = new Folder();
    const file = folder.file('page.txt');
    writeFileSync(file, 'x'.repeat(1_000_000));
    await using server = serve(file);
    const answer = await ask(await server.port(), GET.repeat(3) + rest);
    const [, ...answers] = answer.split('HTTP/1.1 ');
    expect(answers.map((text) => text.slice(0, 3))).toEqual(['200', '200', '200', '400']);
    expect(bodyOf(answers[2] ?? '')).toHaveLength(1_000_000);
    await server.says(new RegExp(` bad request: ${told}\n`));
    await server.says(/( GET \/ 200 1000000 bytes in \S+ ms\n[^]*){3}/);
  });

  test('an answer that had not begun has no status', async () => {
    using folder = new Folder();
    const file = folder.file('page.txt');
    writeFileSync(file, 'x');
    await using server = serve(file);
    // Node lets go of a connection at CONNECT: it is closed before the file is open.
    expect(await ask(await server.port(), GET + CONNECT)).toBe('');
    await server.says(/ GET \/ - 0 bytes in \S+ ms \(the connection was closed before\)\n/);
  });

  test.runIf(hasProgram('nc'))('nc -N, which closes its half at once, gets its page', async () => {
    using folder = new Folder();
    const file = folder.file('page.txt');
    writeFileSync(file, 'x'.repeat(1_000_000));
    await using server = serve(file);
    const port = await server.port();
    const command = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -N 127.0.0.1 ${port}`;
    await using shell = Program.run('sh', '-c', command);
    expect(bodyOf((await shell.exited()).stdout)).toHaveLength(1_000_000);
  });

  test.runIf(hasProgram('curl'))('curl, over TCP and over a Unix socket', async () => {
    using folder = new Folder();
    const path = folder.file('it.sock');
    await using server = Program.wireline('http-server', `unix:${path}`);
    await server.says(/listening on unix:.*it\.sock\n/);
    await using unix = Program.run('curl', '-si', '--unix-socket', path, 'http://localhost/');
    expect((await unix.exited()).stdout).toContain('<b>User-Agent:</b> curl');
    await server.says(/unix:\S* GET \/ 200 /);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path)).toBe(false);
    await using other = serve();
    const url = `http://127.0.0.1:${await other.port()}/index.html`;
    await using tcp = Program.run('curl', '-sL', '-w', '%{http_code} %{num_redirects}', url);
    expect((await tcp.exited()).stdout).toMatch(/<\/html>\n200 1$/);
  });
});

describe('a file', () => {
  test('is sent with its type and length, and has its name', async () => {
    using folder = new Folder();
    const file = folder.file('a page.html');
    writeFileSync(file, '<p>größer');
    await using server = serve(file);
    const port = await server.port();
    const answer = await ask(port, GET);
    expect(answer).toContain('Content-Type: text/html; charset=utf-8\r\n');
    expect(answer).toContain('Content-Length: 11\r\n');
    expect(Buffer.from(bodyOf(answer), 'latin1').toString()).toBe('<p>größer');
    const named = await ask(port, 'GET /a%20page.html HTTP/1.0\r\n\r\n');
    expect(named).toMatch(/^HTTP\/1\.1 301 /);
    expect(await ask(port, 'GET /index.html HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 404 /);
    const head = await ask(port, 'HEAD / HTTP/1.0\r\n\r\n');
    expect(head).toContain('Content-Length: 11\r\n');
    expect(bodyOf(head)).toBe('');
  });

  test('is read anew for each request; gone, or a folder, it is told and the server goes on', async () => {
    using folder = new Folder();
    const file = folder.file('page.txt');
    writeFileSync(file, '');
    await using server = serve(file);
    const port = await server.port();
    expect(bodyOf(await ask(port, GET))).toBe('');
    writeFileSync(file, 'new');
    expect(bodyOf(await ask(port, GET))).toBe('new');
    renameSync(file, folder.file('elsewhere'));
    expect(await ask(port, GET)).toMatch(/^HTTP\/1\.1 404 .*not there any more/s);
    await server.says(/GET \/ 404 \d+ bytes in \S+ ms \(read .*page\.txt: ENOENT.*\)\n/);
    mkdirSync(file);
    expect(await ask(port, GET)).toMatch(/^HTTP\/1\.1 500 .*cannot be read/s);
    await server.says(/GET \/ 500 \d+ bytes in \S+ ms \(read .*page\.txt: it is a folder\)\n/);
  });

  test('that shrinks while it is sent cuts the answer: the browser can see it', async () => {
    using folder = new Folder();
    const file = folder.file('shrinking.bin');
    writeFileSync(file, '');
    truncateSync(file, LARGE);
    await using server = serve(file);
    using client = await halfway(server);
    truncateSync(file, 1000);
    client.socket.resume();
    const answer = await client.closed;
    expect(answer.length).toBeLessThan(LARGE);
    await server.says(
      /200 \d+ of 67108864 bytes in \S+ ms \(read .*: it has shrunk from 67108864 to /,
    );
    expect(await ask(await server.port(), GET)).toContain('Content-Length: 1000\r\n');
  });

  test('of any size takes little memory', async () => {
    using folder = new Folder();
    await using server = serve(largeFile(folder, 4 * LARGE));
    const port = await server.port();
    const before = mostMemory(server.pid);
    const length = await new Promise<number>((resolve, reject) => {
      let bytes = 0;
      httpRequest({ port }, (response) => {
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('end', () => resolve(bytes));
      })
        .on('error', reject)
        .end();
    });
    expect(length).toBe(4 * LARGE);
    expect(mostMemory(server.pid) - before).toBeLessThan(100 * 1024 * 1024);
  });

  test.each([
    ['no-such-file.html', /^wireline: read no-such-file\.html: ENOENT: .*\n$/],
    ['packages', /^wireline: read packages: it is a folder\n$/],
    ['/dev/null', /^wireline: read \/dev\/null: it is no regular file\n$/],
  ])('%s is none: told before anybody comes', async (file, told) => {
    const { code, stdout, stderr } = await run('http-server', '127.0.0.1', '0', file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(told);
  });
});

describe('who does not behave costs nobody else anything', () => {
  test.each([
    ['hello\r\n\r\n', 400, /bad request: .*: hello\\x0d\\x0a/],
    ['\x16\x03\x01\x00\x05abcde', 400, /bad request: it speaks TLS; here the address begins with/],
    [`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, /its header is longer than 16384/],
    ['GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400, /bad request: /],
    ['GET / HTTP/1.1\r\nHost: x\r\nA\x1b[2J: b\r\n\r\n', 400, /A\\x1b\[2J/],
    ['GET / HT', 400, /bad request: it ended before its header was complete\n/],
  ])('what is no HTTP, %j, is answered with %i', async (bytes, status, line) => {
    await using server = serve('--quiet');
    const port = await server.port();
    expect(await ask(port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await server.says(line);
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    expect(server.output.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(await ask(port, GET)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('who says nothing is closed without a word', async () => {
    await using server = serve('--header-timeout', '0.2');
    using client = await RawClient.connect(await server.port());
    expect(await client.closed).toBe('');
    expect(server.output.stdout).toMatch(/^listening on .*\n$/);
  });

  test('who sends his header byte by byte is ended, and others are served meanwhile', async () => {
    await using server = serve('--header-timeout', '0.5');
    const port = await server.port();
    using slow = await RawClient.connect(port);
    const bytes = [...`GET / HTTP/1.1\r\nX: ${'x'.repeat(10_000)}`];
    const drip = setInterval(() => slow.socket.write(bytes.shift() ?? 'x'), 10);
    expect(await ask(port, GET)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
    await server.says(/bad request: it did not come within 0\.5 s \(--header-timeout\)\n/);
  });

  test('a connection that is kept for nothing is closed', async () => {
    await using server = serve('--idle-timeout', '0.2');
    using client = await RawClient.connect(await server.port());
    client.socket.write(GET);
    expect(await client.closed).toMatch(/^HTTP\/1\.1 200 OK.*<\/html>\n$/s);
  });

  test('who never reads a large file is ended, and others are served meanwhile', async () => {
    using folder = new Folder();
    const file = largeFile(folder);
    await using server = serve(file, '--write-timeout', '0.3');
    const port = await server.port();
    using idle = await RawClient.connect(port);
    idle.socket.pause();
    idle.socket.write(GET);
    const head = await ask(port, 'HEAD / HTTP/1.0\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    await server.says(
      /GET \/ 200 \d+ of 67108864 bytes in \S+ ms \(it took nothing for 0\.3 s \(--write-timeout\)\)\n/,
    );
  });

  test('who leaves in the middle is told', async () => {
    using folder = new Folder();
    const file = largeFile(folder);
    await using server = serve(file);
    const port = await server.port();
    using client = await RawClient.connect(port);
    client.socket.write(GET);
    await client.receives(/\r\n\r\n/);
    client.socket.resetAndDestroy();
    await server.says(/ of 67108864 bytes in \S+ ms \(the connection was closed before\)\n/);
    expect(await ask(port, 'HEAD / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a thousand requests at once, and nobody who reads: the file is open once, and closed in the end', async () => {
    using folder = new Folder();
    const file = largeFile(folder);
    await using server = serve(file);
    const port = await server.port();
    await ask(port, 'HEAD / HTTP/1.0\r\n\r\n');
    const open = (): number => descriptorsOf(server.pid).filter((name) => name === file).length;
    for (let count = 0; count < 3; count++) {
      using client = await RawClient.connect(port);
      client.socket.write(GET.repeat(1000));
      await client.receives(/\r\n\r\n/);
      client.socket.pause();
      expect(open()).toBe(1);
      client.socket.resetAndDestroy();
      await server.says(new RegExp(`( of 67108864 bytes[^]*){${count + 1}}`));
    }
    await ask(port, 'HEAD / HTTP/1.0\r\n\r\n');
    expect(open()).toBe(0);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('who asks without end and never reads: its requests wait where they are, and it is ended', async () => {
    await using server = serve('--quiet', '--write-timeout', '0.5');
    using client = await RawClient.connect(await server.port());
    const before = mostMemory(server.pid);
    client.socket.pause();
    client.sendAgainAndAgain(GET.repeat(2000));
    await server.says(/ GET \/ \S+ .* \(it took nothing for 0\.5 s \(--write-timeout\)\)\n/);
    expect(mostMemory(server.pid) - before).toBeLessThan(MUCH_MEMORY);
  });

  test.each([
    ['pages', 0, 20_000_000],
    ['a large file', LARGE, 4 * LARGE],
  ])('who asks without end and reads %s costs no more', async (_what, size, enough) => {
    using folder = new Folder();
    const file = largeFile(folder, size);
    await using server = serve('--quiet', ...(size > 0 ? [file] : []));
    using client = await RawClient.connect(await server.port());
    const before = mostMemory(server.pid);
    client.sendAgainAndAgain(GET.repeat(2000));
    await client.passesBy(enough);
    expect(mostMemory(server.pid) - before).toBeLessThan(MUCH_MEMORY);
  });

  test('half a request that we do not read yet is no fault of who asks', async () => {
    using folder = new Folder();
    await using server = serve(largeFile(folder, 300_000), '--quiet', '--header-timeout', '0.3');
    const port = await server.port();
    using client = await RawClient.connect(port);
    client.socket.pause();
    const padded = GET.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(170)}\r\n\r\n`);
    const last = padded.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    // More than is received at once, so that one is cut; and more waiting than are read ahead.
    client.socket.write(padded.repeat(399) + last);
    // Somebody else, who came later, has had his time: then so has that one.
    using slow = await RawClient.connect(port);
    slow.socket.write('GET / HT');
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /);
    client.socket.resume();
    const answers = await client.closed;
    expect(answers.match(/HTTP\/1\.1 200 /g)).toHaveLength(400);
    expect(answers).not.toContain('HTTP/1.1 408');
  });

  test('when as many are there as may be, others wait until one is gone', async () => {
    await using server = serve('--max-connections', '1');
    const port = await server.port();
    using first = await RawClient.connect(port);
    first.socket.write(GET);
    await first.receives(/<\/html>/);
    using second = await RawClient.connect(port);
    second.socket.end(GET);
    await server.says(/limit reached: 1 connection open \(--max-connections\): others wait\n/);
    expect(second.text).toBe('');
    first.socket.end();
    expect(await second.closed).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('many at once', async () => {
    await using server = serve('--quiet');
    const port = await server.port();
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(port, GET)));
    expect(answers.filter((answer) => answer.endsWith('</html>\n'))).toHaveLength(200);
    server.signal('SIGINT');
    const { stdout } = await server.exited();
    expect(stdout).toMatch(/\nstopped \(200 connections, 200 requests\)\n$/);
  });
});

describe('Ctrl-C', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s: exit code 0', async (signal) => {
    await using server = serve();
    using client = await RawClient.connect(await server.port());
    client.socket.write(GET);
    await client.receives(/<\/html>/);
    server.signal(signal);
    await client.closed;
    expect(await server.exited()).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/\nstopping\nstopped \(1 connection, 1 request\)\n$/),
    });
  });

  test('finishes the answer under way, and closes the connection', async () => {
    using folder = new Folder();
    const file = largeFile(folder);
    await using server = serve(file);
    using client = await halfway(server);
    server.signal('SIGINT');
    await server.says(/stopping: 1 answer under way, Ctrl-C again ends at once\n/);
    client.socket.resume();
    expect(bodyOf(await client.closed)).toHaveLength(LARGE);
    const { code, stdout } = await server.exited();
    expect(code).toBe(0);
    expect(stdout).toMatch(/GET \/ 200 67108864 bytes in \S+ ms\nstopped/);
  });

  test('cuts it when the grace time is over', async () => {
    using folder = new Folder();
    const file = largeFile(folder);
    await using server = serve(file, '--grace-time', '0.2');
    using _client = await halfway(server);
    server.signal('SIGINT');
    const { code, stdout } = await server.exited();
    expect(code).toBe(0);
    expect(stdout).toMatch(/ of 67108864 bytes in .*\nstopped \(1 connection, 1 request\)\n$/);
  });

  test('a second one ends at once', async () => {
    using folder = new Folder();
    const file = largeFile(folder);
    await using server = serve(file);
    using _client = await halfway(server);
    server.signal('SIGINT');
    await server.says(/stopping/);
    // Again and again, as people do: what comes right behind the first one is taken for the same.
    const again = setInterval(() => server.signal('SIGINT'), 20);
    expect(await server.exited()).toMatchObject({ code: 130 });
    clearInterval(again);
  });
});

describe('the command', () => {
  test('--quiet says nothing of requests that went well', async () => {
    await using server = serve('-q');
    await ask(await server.port(), GET);
    server.signal('SIGINT');
    expect((await server.exited()).stdout).toMatch(/^listening on .*\nstopping\nstopped \(.*\)\n$/);
  });

  test('--json prints one object per line', async () => {
    await using server = serve('--json');
    const [, port = ''] = await server.says(/"address":"127\.0\.0\.1:(\d+)"/);
    await ask(Number(port), 'GET /x HTTP/1.0\r\n\r\n');
    await ask(Number(port), 'rubbish\r\n\r\n');
    server.signal('SIGINT');
    const { stdout } = await server.exited();
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'listening', url: `http://127.0.0.1:${port}/` },
      {
        event: 'answered',
        method: 'GET',
        status: 404,
        bytes: expect.any(Number),
        ms: expect.any(Number),
      },
      {
        event: 'bad-request',
        remote: expect.stringMatching(/^127\.0\.0\.1:/),
        message: expect.any(String),
      },
      { event: 'stopping', answers: 0 },
      { event: 'stopped', counters: { connections: 2, requests: 1 } },
    ]);
  });

  test("'' is all interfaces, with a warning", async () => {
    await using server = Program.wireline('http-server', '', '0');
    await server.says(/listening on http:\/\/0\.0\.0\.0:\d+\/\n/);
    server.signal('SIGINT');
    const { stderr } = await server.exited();
    expect(stderr).toMatch(/^warning: 0\.0\.0\.0:\d+ can be reached from other machines\n$/);
  });

  test.runIf(HAS_IPV6)('IPv6, and --ipv6 for both', async () => {
    await using server = Program.wireline('http-server', '::1', '0');
    const [, port = ''] = await server.says(/listening on http:\/\/\[::1\]:(\d+)\/\n/);
    using client = await RawClient.connect(Number(port), { host: '::1' });
    client.socket.end(GET);
    expect(await client.closed).toContain('<dd>[::1]:');
    await using both = Program.wireline('http-server', '', '0', '--ipv6');
    expect(await ask(await both.port(), GET)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a port that is taken', async () => {
    await using server = serve();
    const port = await server.port();
    const { code, stdout, stderr } = await run('http-server', '127.0.0.1', String(port));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^wireline: bind 127\.0\.0\.1:\d+: the address is in use: .*\n$/);
    expect(stderr).toContain(`or take another port, such as ${port + 1}`);
  });

  test.each([
    [[], "missing required argument 'host'"],
    [['127.0.0.1'], "missing required argument 'port'"],
    [['8000'], 'it looks like a port, which comes second: 127.0.0.1 8000'],
    [['127.0.0.1', 'http'], "value 'http' is invalid for argument 'port'"],
    [['127.0.0.1', '0', 'a', 'b'], 'Expected 3 arguments but got 4'],
    [['unix:/x', 'a', 'b'], 'Expected 2 arguments but got 3'],
    [['127.0.0.1', '0', '--header-timeout', '0'], 'expected seconds'],
    [['127.0.0.1', '0', '--idle-timeout', 'x'], 'expected seconds'],
    [['127.0.0.1', '0', '--max-connections', '0'], 'expected a whole number from 1'],
    [['127.0.0.1', '0', '--follow'], "unknown option '--follow'"],
  ])('%j is wrong usage', async (args, told) => {
    const { code, stdout, stderr } = await run('http-server', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(told);
  });

  test('whoever reads its lines goes away: it ends without a complaint', async () => {
    const command = `"${process.execPath}" packages/cli/bin/wireline.js http-server 127.0.0.1 0 | head -n 1`;
    await using shell = Program.run('sh', '-c', command);
    await ask(await shell.port(), GET);
    expect(await shell.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('a disk that is full ends it gently, and is named', async () => {
    const command = `"${process.execPath}" packages/cli/bin/wireline.js http-server 127.0.0.1 0 > /dev/full`;
    await using shell = Program.run('sh', '-c', command);
    const { code, stderr } = await shell.exited();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: write output: ENOSPC.*\n$/);
  });
});
