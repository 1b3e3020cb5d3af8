/** `wireline http-get` as a person runs it, with servers of all kinds. */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  connect,
  createServer as createNetServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { Folder, HAS_IPV6, hasProgram, mostMemory, run, runForBytes } from './http-commands.ts';

/** A server that is closed in the end, with all of its connections. */
class Peer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly port: number;
  readonly url: string;

  private constructor(server: Server, { address, port }: AddressInfo) {
    this.#server = server;
    this.port = port;
    this.url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
    });
  }

  static async listen(server: Server, host = '127.0.0.1'): Promise<Peer> {
    await once(server.listen(0, host), 'listening');
    return new Peer(server, server.address() as AddressInfo); // it listens on TCP
  }

  /** A web server of Node's. */
  static http(listener: RequestListener, host?: string): Promise<Peer> {
    return Peer.listen(createHttpServer(listener), host);
  }

  /** A server that says `answer` to whoever asks. */
  static saying(answer: string, then: (socket: Socket) => void = (socket) => socket.end()) {
    const server = createNetServer((socket) => {
      socket.once('data', () => socket.write(Buffer.from(answer, 'latin1'), () => then(socket)));
    });
    return Peer.listen(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server.close(), 'close');
  }
}

/** More than the memory that a page may take. */
const LARGE = 512 * 1024 * 1024;

/** Answers with `status` and a redirect to `location`. */
function redirect(location: string, status = 301): RequestListener {
  return (_request, response) => response.writeHead(status, { Location: location }).end('moved\n');
}

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/; // oxlint-disable-line no-control-regex -- what is looked for

describe('a page', () => {
  test.each([
    ['with its length', { 'Content-Length': 1_000_000 }],
    ['in chunks', {}],
  ])('%s: the bytes as they are', async (_name, headers) => {
    const page = randomBytes(1_000_000);
    await using peer = await Peer.http((_request, response) => {
      response.writeHead(200, headers).write(page.subarray(0, 10));
      response.end(page.subarray(10));
    });
    expect((await runForBytes('http-get', peer.url)).equals(page)).toBe(true);
  });

  test('that ends with the connection, from a server of old', async () => {
    await using peer = await Peer.saying('HTTP/1.0 200 OK\r\n\r\nhello\n');
    expect(await run('http-get', peer.url)).toMatchObject({
      code: 0,
      stdout: 'hello\n',
      stderr: '',
    });
  });

  test.each([
    ['more than was announced', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokMORE'],
    [
      'more behind the last word',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nokMORE',
    ],
  ])('that is whole, and %s: the page', async (_name, answer) => {
    await using peer = await Peer.saying(answer);
    expect(await run('http-get', peer.url)).toMatchObject({ code: 0, stdout: 'ok', stderr: '' });
  });

  test.each([
    ['204', 'HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\nok', []],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', ['-I']],
  ] as const)(
    'with a body where there is none, %s: that is left out',
    async (_name, answer, args) => {
      await using peer = await Peer.saying(answer);
      const { code, stdout, stderr } = await run('http-get', peer.url, ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).not.toContain('ok\n');
      expect(stdout.endsWith('ok')).toBe(false);
    },
  );

  test('that is whole and then reset is whole', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    await using peer = await Peer.saying(answer, (socket) => socket.resetAndDestroy());
    expect(await run('http-get', peer.url)).toMatchObject({ stderr: '', stdout: 'ok', code: 0 });
  });

  test.each(['%ff@', '%@', 'a:%zz@'])(
    'of a URL with the credentials %s is asked for',
    async (who) => {
      await using peer = await Peer.http((request, response) => {
        response.end(String(request.headers.authorization?.startsWith('Basic ')));
      });
      const url = peer.url.replace('//', `//${who}`);
      expect(await run('http-get', url)).toMatchObject({ code: 0, stdout: 'true', stderr: '' });
    },
  );

  test('is asked for with these headers, in vain with others', async () => {
    await using peer = await Peer.http((request, response) => {
      response.end(JSON.stringify([request.method, request.url, request.rawHeaders]));
    });
    const { stdout } = await run('http-get', `127.0.0.1:${peer.port}/a b?c=ä#d`);
    const [method, url, headers] = JSON.parse(stdout) as [string, string, string[]];
    expect([method, url]).toEqual(['GET', '/a%20b?c=%C3%A4']);
    expect(headers.join('\n')).toMatch(
      /^Host\n127\.0\.0\.1:\d+\nUser-Agent\nwireline\/[\d.]+\nAccept\n\*\/\*\nAccept-Encoding\nidentity\nConnection\nclose$/,
    );
  });

  test('for a user with a password, which is not shown', async () => {
    await using peer = await Peer.http((request, response) => {
      response.end(request.headers.authorization);
    });
    const { stdout, stderr } = await run(
      'http-get',
      '--json',
      peer.url.replace('//', '//a:b%20c@'),
    );
    const told = JSON.parse(stdout) as { url: string; text: string };
    expect(told).toMatchObject({ url: peer.url, text: `Basic ${btoa('a:b c')}` });
    expect(stderr).toBe('');
  });

  test('-i has the header first, -I the header alone', async () => {
    await using peer = await Peer.http((request, response) => {
      response.setHeader('X-Method', request.method ?? '').end('body\n');
    });
    const included = await run('http-get', '-i', peer.url);
    expect(included.stdout).toMatch(/^HTTP\/1\.1 200 OK\nX-Method: GET\n(\S.*\n)+\nbody\n$/);
    const head = await run('http-get', '-I', peer.url);
    expect(head.stdout).toMatch(/^HTTP\/1\.1 200 OK\nX-Method: HEAD\n(\S.*\n)+\n$/);
    expect(head).toMatchObject({ code: 0, stderr: '' });
  });

  test('-v tells the exchange on standard error', async () => {
    await using peer = await Peer.http((_request, response) => response.end('body\n'));
    const { stdout, stderr } = await run('http-get', '-v', `localhost:${peer.port}`);
    expect(stdout).toBe('body\n');
    expect(stderr).toMatch(/^\* connected to 127\.0\.0\.1:\d+ after \d+\.\d ms$/m);
    expect(stderr).toMatch(
      /^> GET \/ HTTP\/1\.1\n> Host: localhost:\d+\n(> .+\n)+>\n< HTTP\/1\.1 200 OK\n/m,
    );
    expect(stderr).toMatch(
      /\n\* 5 bytes in \S+ ms; round trip [\d.]+ ms, 0 segments sent again\n$/,
    );
  });

  test('--json is one object: text where it is UTF-8, otherwise base64', async () => {
    await using peer = await Peer.http((request, response) => {
      if (request.url === '/text') response.end('größer\u009b');
      else response.writeHead(404, 'Not \u00c4').end(Buffer.of(0xff, 0));
    });
    const text = await run('http-get', '--json', `${peer.url}text`);
    expect(JSON.parse(text.stdout)).toMatchObject({
      status: 200,
      reason: 'OK',
      text: 'größer\u009b',
    });
    expect(text.stdout).not.toMatch(CONTROL);
    const bytes = await run('http-get', '--json', peer.url);
    expect(bytes).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(bytes.stdout)).toMatchObject({ status: 404, bytes: 2, base64: '/wA=' });
  });

  test('of any size takes little memory', async () => {
    const piece = Buffer.alloc(1024 * 1024);
    await using peer = await Peer.http((_request, response) => {
      let left = LARGE / piece.length;
      const go = (): void => {
        while (left-- > 0) if (!response.write(piece)) return void response.once('drain', go);
        response.end();
      };
      go();
    });
    const args = ['packages/cli/bin/wireline.js', 'http-get', peer.url];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let bytes = 0;
    let memory = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // While it lives: when all has come it may be gone.
      if (bytes < LARGE * 0.9) memory = mostMemory(child.pid);
    });
    await once(child, 'close');
    expect(bytes).toBe(LARGE);
    expect(memory).toBeGreaterThan(1024 * 1024);
    expect(memory).toBeLessThan(192 * 1024 * 1024); // Node alone takes a third of it
  });

  test('that nobody takes is not given up: the server cannot help it', async () => {
    const page = Buffer.alloc(8 * 1024 * 1024, 'x');
    await using peer = await Peer.http((_request, response) => response.end(page));
    await using silent = await Peer.listen(createNetServer(() => {}));
    const args = ['packages/cli/bin/wireline.js', 'http-get', peer.url, '--timeout', '0.3'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'readable'); // the first of it is here, and nobody reads it
    // A clock: this one waits for longer than the time of the other.
    await run('http-get', silent.url, '--timeout', '1');
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length));
    const [code] = (await once(child, 'close')) as [number]; // what it carries
    expect({ code, bytes }).toEqual({ code: 0, bytes: page.length });
  });

  test.runIf(HAS_IPV6)('over IPv6', async () => {
    await using peer = await Peer.http((request, response) => {
      response.end(request.headers.host);
    }, '::1');
    expect(await run('http-get', peer.url)).toMatchObject({ stdout: `[::1]:${peer.port}` });
  });

  test('of Python’s web server', async () => {
    using folder = new Folder();
    writeFileSync(folder.file('page.txt'), 'from Python\n');
    const args = [
      '-u',
      '-m',
      'http.server',
      '0',
      '--bind',
      '127.0.0.1',
      '--directory',
      folder.path,
    ];
    await using server = Program.run('python3', ...args);
    const [, port = ''] = await server.says(/port (\d+)/);
    const url = `127.0.0.1:${port}/page.txt`;
    expect(await run('http-get', url)).toMatchObject({ code: 0, stdout: 'from Python\n' });
    expect(await run('http-get', `${url}x`)).toMatchObject({
      code: 1,
      stderr: '404 File not found\n',
    });
  });

  test('of http-server', async () => {
    await using server = Program.wireline('http-server', '127.0.0.1', '0', 'package.json');
    const { stdout } = await run('http-get', '-L', `127.0.0.1:${await server.port()}/package.json`);
    expect(stdout).toBe(readFileSync('package.json', 'utf8'));
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('%i is shown, and not followed', async (status) => {
    await using peer = await Peer.http(redirect('/there?a', status));
    const { code, stdout, stderr } = await run('http-get', peer.url);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'moved\n' });
    expect(stderr).toMatch(new RegExp(`^${status} .+: see ${peer.url}there\\?a\n$`));
  });

  test('with -L it is followed, from server to server', async () => {
    await using last = await Peer.http((request, response) => response.end(request.url));
    await using second = await Peer.http(redirect(`${last.url}c`, 302));
    await using first = await Peer.http(redirect(`//127.0.0.1:${second.port}/b`));
    expect(await run('http-get', '-L', first.url)).toMatchObject({
      code: 0,
      stdout: '/c',
      stderr: `301 Moved Permanently: going on to ${second.url}b\n302 Found: going on to ${last.url}c\n`,
    });
  });

  test.each([
    ['/\xc3\xa9', '%C3%A9'],
    ['/\xe9', '%C3%A9'],
  ])('to %j, in UTF-8 or not, is the same letter', async (to, path) => {
    await using peer = await Peer.saying(`HTTP/1.1 301 Moved\r\nLocation: ${to}\r\n\r\n`);
    const { code, stderr } = await run('http-get', peer.url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `301 Moved: see ${peer.url}${path}\n` });
  });

  test('in a circle ends after ten', async () => {
    await using peer = await Peer.http(redirect('/'));
    const { code, stdout, stderr } = await run('http-get', '-L', peer.url);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')).toHaveLength(12);
    expect(stderr).toMatch(/wireline: get http:\S+: redirected 10 times, and again to http:\S+\n$/);
  });

  test.each(['ftp://127.0.0.1/x', 'http://[', 'file:///etc/passwd'])('to %s is not', async (to) => {
    await using peer = await Peer.http(redirect(to));
    const { code, stderr } = await run('http-get', '-L', peer.url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: 301 Moved Permanently: cannot go on to .*: it is no http:/);
    expect(await run('http-get', peer.url)).toMatchObject({ code: 0 });
  });

  test.each([
    [304, {}],
    [300, { Location: '/' }],
    [301, {}],
  ])('%i with %j points nowhere', async (status, headers) => {
    await using peer = await Peer.http((_request, response) => {
      response.writeHead(status, headers).end();
    });
    const { code, stderr } = await run('http-get', '-L', peer.url);
    expect(code).toBe(0);
    expect(stderr).toMatch(new RegExp(`^${status} .*\n$`));
  });
});

describe('what goes wrong is told in a line, with exit code 1', () => {
  test.each([404, 500])('status %i: the page is printed', async (status) => {
    await using peer = await Peer.http((_request, response) => {
      response.writeHead(status).end('sorry\n');
    });
    const { code, stdout, stderr } = await run('http-get', peer.url);
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'sorry\n' });
    expect(stderr).toMatch(new RegExp(`^${status} .*\n$`));
  });

  test.each([
    ['SSH-2.0-OpenSSH_9.2\r\n', /does not answer in HTTP: SSH-2\.0-OpenSSH_9\.2\\x0d\\x0a \(/],
    ['\x1b[2J\x1b[2J', /does not answer in HTTP: \\x1b\[2J/],
    ['\x15\x03\x01\x00\x02\x02\x46', /it speaks TLS; try https:\/\//],
    ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', /its answer is broken: HTTP\/1\.1 200 OK/],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, /the header of its answer is too long/],
    ['', /closed the connection without an answer/],
    ['HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', /nobody has asked for/],
    ['HTTP/1.1 101 Switching\r\n\r\n', /nobody has asked for/],
    ['HTTP/1.1 200 OK\r\nX: ', /closed the connection without an answer/],
  ])('what is no answer: %j', async (answer, told) => {
    await using peer = await Peer.saying(answer);
    const { code, stdout, stderr } = await run('http-get', peer.url);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^wireline: 127\.0\.0\.1:\d+: .*\n(.*\n)?$/);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(CONTROL);
  });

  test('a body without a length whose connection breaks is not whole', async () => {
    const answer = 'HTTP/1.1 200 OK\r\n\r\nfour';
    await using peer = await Peer.saying(answer, () => {});
    const silent = await run('http-get', peer.url, '--timeout', '0.3');
    expect(silent).toMatchObject({ code: 1, stdout: 'four' });
    expect(silent.stderr).toMatch(/the body was cut after 4 bytes.*nothing came for 0\.3 s/);
    await using breaking = await Peer.saying(answer, (socket) => {
      setImmediate(() => socket.resetAndDestroy());
    });
    const broken = await run('http-get', breaking.url);
    // The reset may throw away what it overtakes.
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('ECONNRESET');
  });

  test.each([
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n', '', 'after 0 bytes, more'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour', 'four', 'after 4 of 10 bytes'],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n',
      'four',
      'after 4 bytes, more',
    ],
  ])('a body that is cut: %j', async (answer, body, told) => {
    await using closing = await Peer.saying(answer);
    const closed = await run('http-get', closing.url);
    expect(closed).toMatchObject({ code: 1, stdout: body });
    expect(closed.stderr).toMatch(
      /^wireline: \S+: the body was cut after .*: the server closed\n$/,
    );
    expect(closed.stderr).toContain(told);
  });

  test('a reset in the middle of the body', async () => {
    await using peer = await Peer.saying(
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour',
      (socket) => socket.resetAndDestroy(),
    );
    const { code, stderr } = await run('http-get', peer.url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/(the body was cut after [04] of 10 bytes: |recv).*\(ECONNRESET\)\n$/);
  });

  test('a server that says nothing', async () => {
    await using peer = await Peer.listen(createNetServer(() => {}));
    const { code, stderr } = await run('http-get', peer.url, '--timeout', '0.2');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: \S+: nothing came for 0\.2 s; --timeout waits longer\n$/);
  });

  test('a server that falls silent in the middle', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour';
    await using peer = await Peer.saying(answer, () => {});
    const { code, stdout, stderr } = await run('http-get', peer.url, '--timeout', '0.2');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'four' });
    expect(stderr).toMatch(/cut after 4 of 10 bytes: .*nothing came for 0\.2 s; --timeout/);
  });

  test.each([
    ['http://127.0.0.1:1/', /^wireline: connect 127\.0\.0\.1:1: refused: .*\(ECONNREFUSED\)\n$/],
    ['no-such-host.invalid', /^wireline: resolve no-such-host\.invalid: .*\n$/],
  ])('%s', async (url, told) => {
    const { code, stdout, stderr } = await run('http-get', url);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(told);
  });

  test('control characters in the header do not reach the terminal', async () => {
    await using peer = await Peer.saying(
      'HTTP/1.1 301 \x9b2J\r\nLocation: /\x9b\r\nX: \x9b2J\r\n\r\n',
    );
    for (const option of ['-i', '-v', '-I', '--json']) {
      const { code, stdout, stderr } = await run('http-get', option, peer.url);
      expect([code, stdout + stderr]).toEqual([0, expect.stringMatching(/\\x9b|\\u009b/)]);
      expect(stdout + stderr).not.toMatch(CONTROL);
    }
  });
});

test('on a terminal, the page is text that it does not obey', async () => {
  await using peer = await Peer.http((_request, response) => response.end('a\u001b[2Jb größer\n'));
  const program = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
  const command = [process.execPath, 'packages/cli/bin/wireline.js', 'http-get', peer.url];
  await using terminal = Program.run('python3', '-c', program, ...command);
  expect((await terminal.exited()).stdout).toBe('a\\x1b[2Jb größer\r\n');
});

describe.runIf(hasProgram('openssl'))('https', () => {
  let folder: Folder;

  beforeAll(() => {
    folder = new Folder();
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const files = ['-nodes', '-keyout', folder.file('key.pem'), '-out', folder.file('cert.pem')];
    const names = [
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-days',
      '2',
    ];
    execFileSync('openssl', [...args, ...files, ...names], { stdio: 'ignore' });
  });

  afterAll(() => folder[Symbol.dispose]());

  /** A server with the certificate. */
  function listen(): Promise<Peer> {
    const key = readFileSync(folder.file('key.pem'));
    const cert = readFileSync(folder.file('cert.pem'));
    const server = createHttpsServer({ key, cert }, (_request, response) => {
      response.end('x'.repeat(200_000));
    });
    return Peer.listen(server);
  }

  test('with a certificate that is trusted', async () => {
    await using peer = await listen();
    const url = `https://localhost:${peer.port}/`;
    const { code, stdout, stderr } = await run(
      'http-get',
      url,
      '-v',
      '--cacert',
      folder.file('cert.pem'),
    );
    expect({ code, length: stdout.length }).toEqual({ code: 0, length: 200_000 });
    expect(stderr).toMatch(
      /\n\* TLSv1\.3 with TLS_\w+; certificate of localhost, signed by localhost\n/,
    );
    expect(stderr).toMatch(/\* 200000 bytes in \S+ ms; round trip /);
  });

  test('with one that nobody has signed', async () => {
    await using peer = await listen();
    const { code, stdout, stderr } = await run('http-get', `https://localhost:${peer.port}/`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^wireline: TLS with localhost:\d+: its certificate is not trusted: .*--cacert <file> .*\(DEPTH_ZERO_SELF_SIGNED_CERT\)\n$/,
    );
  });

  test('with one for another name', async () => {
    await using peer = await listen();
    const url = `https://127.0.0.1:${peer.port}/`;
    const { code, stderr } = await run('http-get', url, '--cacert', folder.file('cert.pem'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^wireline: TLS with 127\.0\.0\.1:\d+: its certificate is for another name: .*\n$/,
    );
  });

  test('where there is no TLS, and none where there is', async () => {
    await using plain = await Peer.http((_request, response) => response.end());
    const secure = await run('http-get', `https://127.0.0.1:${plain.port}/`);
    expect(secure.code).toBe(1);
    expect(secure.stderr).toMatch(
      /^wireline: TLS with \S+: it does not speak TLS; try http:\/\/\n$/,
    );
    await using peer = await listen();
    const open = await run('http-get', `http://127.0.0.1:${peer.port}/`);
    expect(open.code).toBe(1);
    expect(open.stderr).toMatch(
      /^wireline: 127\.0\.0\.1:\d+: (it speaks TLS|it closed the connection).*\n$/,
    );
  });

  test('a server that falls silent before it is secure', async () => {
    await using peer = await Peer.listen(createNetServer(() => {}));
    const url = `https://127.0.0.1:${peer.port}/`;
    const { code, stderr } = await run('http-get', url, '--timeout', '0.2');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: \S+: nothing came for 0\.2 s; --timeout waits longer\n$/);
  });

  test.each([
    ['what is no TLS', Buffer.from('garbage, and more of it than a record has in its header')],
    ['a record that cannot be decrypted', Buffer.from([23, 3, 3, 0, 20, ...Array(20).fill(7)])],
  ])('%s right behind the handshake', async (_what, rubbish) => {
    await using site = await listen();
    const proxy = createNetServer((client) => {
      const server = connect(site.port, '127.0.0.1').on('error', () => {});
      client.on('error', () => {}).pipe(server);
      // All that the server says to greet, and more than it has said.
      server.once('data', (greeting) => client.write(Buffer.concat([greeting, rubbish])));
      client.once('close', () => server.destroy());
    });
    await using peer = await Peer.listen(proxy);
    const target = `https://localhost:${peer.port}/`;
    const outcome = await run('http-get', target, '--cacert', folder.file('cert.pem'));
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^wireline: TLS with localhost:\d+: .*\n$/);
  });

  test('certificates that are not there, or none', async () => {
    const missing = await run('http-get', 'https://localhost:1/', '--cacert', 'no-such-file.pem');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^wireline: --cacert: read no-such-file\.pem: ENOENT.*\n$/);
    using folder = new Folder();
    const rubbish = folder.file('rubbish.pem');
    writeFileSync(rubbish, '-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n');
    const broken = await run('http-get', 'https://localhost:1/', '--cacert', rubbish);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toMatch(/rubbish\.pem has no certificate in PEM.*\n$/);
    const none = await run('http-get', 'https://localhost:1/', '--cacert', 'package.json');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toMatch(
      /^wireline: --cacert: package\.json has no certificate in PEM.*\n$/,
    );
  });
});

describe('the command', () => {
  test.each([
    [[], "missing required argument 'url'"],
    [['ftp://example.com/'], 'expected http:// or https://'],
    [['http://'], 'expected a URL'],
    [['http://a:99999/'], 'expected a URL'],
    [['a b'], 'expected a URL'],
    [['mailto:x@example.com'], 'expected http:// or https://'],
    [['example.com', 'more'], 'too many arguments'],
    [['example.com', '--timeout', '0'], 'expected seconds'],
    [['example.com', '--insecure'], "unknown option '--insecure'"],
  ])('%j is wrong usage', async (args, told) => {
    const { code, stdout, stderr } = await run('http-get', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(told);
  });

  test('Ctrl-C exits with 130', async () => {
    const server = createNetServer();
    await using peer = await Peer.listen(server);
    await using program = Program.wireline('http-get', peer.url);
    await once(server, 'connection');
    program.signal('SIGINT');
    expect(await program.exited()).toMatchObject({ code: 130, stdout: '', stderr: '' });
  });

  test('a reader that has enough ends it without a word', async () => {
    await using peer = await Peer.http((_request, response) => {
      const piece = Buffer.alloc(64 * 1024, 'line\n');
      const go = (): void => {
        while (response.writable && response.write(piece));
        response.once('drain', go);
      };
      go();
    });
    const command = `"${process.execPath}" packages/cli/bin/wireline.js http-get ${peer.url} | head -n 2`;
    await using shell = Program.run('sh', '-c', command);
    expect(await shell.exited()).toMatchObject({ code: 0, stdout: 'line\nline\n', stderr: '' });
  });
});
