/** TLS over native connections, both sides, with curl, `openssl s_client` and `openssl s_server` as peers. */
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { RequestListener } from 'node:http';
import {
  connect,
  createSecureContext,
  createServer,
  TLSSocket,
  type ConnectionOptions,
  type TlsOptions,
} from 'node:tls';
import { attach } from '@wireline/socket';
import { createConnection } from '@wireline/socket/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { digestOf } from '../conformance/sockets.ts';
import { bulk } from './bulk.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import { kept } from './connection.ts';
import { curl, run } from './curl.ts';
import { feed } from './feed.ts';
import { textOf, untilClosed, WAYS_TO_READ } from './reading.ts';
import { DUPLEX, KINDS, NET_SOCKET, type NativeStream, type StreamKind } from './stream-kind.ts';

let certificates: Certificates;

beforeAll(() => {
  certificates = makeCertificates();
});

afterAll(() => certificates.close());

/** A server of TLS over native connections, which serves `handler` what it has decrypted. */
async function secured(
  kind: StreamKind,
  handler: (socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<number> {
  const server = createServer({ ...certificates.server, ...options }, (socket) => {
    handler(socket.on('error', () => {}));
  });
  server.on('tlsClientError', () => {}); // what some clients are refused with
  return (await feed(server, kind)).port;
}

/** A client of TLS over a native connection. */
async function dialled(
  kind: StreamKind,
  port: number,
  options: ConnectionOptions = {},
): Promise<{ readonly secure: TLSSocket; readonly stream: NativeStream }> {
  const stream = kept(kind.make(await createConnection({ host: '127.0.0.1', port })));
  const { ca } = certificates;
  const secure = kept(connect({ socket: stream, servername: 'localhost', ca, ...options }));
  return { secure, stream };
}

/** An `https.Server` over native connections, and its address for curl. */
async function securedSite(
  kind: StreamKind,
  handler: RequestListener,
  options: ServerOptions = {},
): Promise<string> {
  const site = createHttpsServer({ ...certificates.server, ...options }, handler);
  site.emit('listening');
  site.on('tlsClientError', () => {});
  onTestFinished(() => {
    site.closeAllConnections();
    site.close(() => {});
  });
  return `https://localhost:${(await feed(site, kind)).port}/`;
}

/** Sends back what comes. */
function echo(socket: TLSSocket): void {
  socket.pipe(socket);
}

describe.each(KINDS)('server over $name', (kind) => {
  test('curl: https, with its facts of the connection', async () => {
    const site = await securedSite(kind, (request, response) => {
      const { state } = attach(request).tcpInfo();
      attach(request).setsockopt('TCP_USER_TIMEOUT', 4321);
      const timeout = attach(response).getsockopt('TCP_USER_TIMEOUT');
      response.end(`${request.method} ${state} ${timeout} ${request.socket.remoteAddress}\n`);
    });
    const ran = await curl('--cacert', certificates.caFile, site, site);
    expect(ran.stderr).toBe('');
    // A TLS socket asks the handle of Node's below it, which a stream of ours has not.
    const address = kind === NET_SOCKET ? '127.0.0.1' : 'undefined';
    expect(ran.stdout).toBe(`GET ESTABLISHED 4321 ${address}\n`.repeat(2));
  });

  test('curl refuses a certificate that nobody has signed', async () => {
    const site = await securedSite(
      kind,
      (_request, response) => response.end(),
      certificates.stranger,
    );
    const ran = await curl('--cacert', certificates.caFile, site);
    expect(ran.code).toBe(60); // CURLE_PEER_FAILED_VERIFICATION
  });

  test('100 MB to curl', async () => {
    const body = bulk(100_000_000);
    const site = await securedSite(kind, (_request, response) => response.end(body));
    const ran = await curl('--cacert', certificates.caFile, site);
    expect(ran).toMatchObject({ code: 0, length: body.length, digest: digestOf(body) });
  });

  test('a certificate of the client: asked for, and told', async () => {
    const options = { requestCert: true, rejectUnauthorized: true, ca: certificates.ca };
    const site = await securedSite(
      kind,
      (request, response) => {
        const { socket } = request;
        if (!(socket instanceof TLSSocket)) throw new Error('no TLS');
        const { CN } = socket.getPeerCertificate().subject;
        response.end([socket.authorized, CN].join(' '));
      },
      options,
    );
    const { keyFile, certFile } = certificates.client;
    const ran = await curl(
      '--cacert',
      certificates.caFile,
      '--key',
      keyFile,
      '--cert',
      certFile,
      site,
    );
    expect(ran.stdout).toBe('true a client');
    const without = await curl('--cacert', certificates.caFile, site);
    expect(without.code).not.toBe(0);
  });

  test('openssl s_client: SNI, ALPN, one exchange, and the end by close_notify', async () => {
    const { other, ca } = certificates;
    const names: unknown[] = [];
    const port = await secured(
      kind,
      (socket) => {
        names.push(socket.alpnProtocol);
        socket.once('data', (line: Buffer) => socket.end(`you said ${line.toString()}`));
      },
      {
        ALPNProtocols: ['wireline/1'],
        SNICallback: (name, done) => {
          names.push(name);
          done(null, createSecureContext({ ...other, ca }));
        },
      },
    );
    const { stdout, code } = await run(
      'openssl',
      // prettier-ignore
      [
        's_client', '-connect', `127.0.0.1:${port}`, '-CAfile', certificates.caFile,
        '-servername', 'other.example', '-verify_hostname', 'other.example',
        '-verify_return_error', '-alpn', 'wireline/1', '-ign_eof',
      ],
      { input: 'hello\n' },
    );
    expect(stdout).toMatch(/ALPN protocol: wireline\/1/);
    expect(stdout).toMatch(/you said hello\n/);
    expect(stdout).toMatch(/\nclosed\n|closed\r?\n/);
    expect(code).toBe(0);
    expect(names).toEqual(['other.example', 'wireline/1']);
  });

  test('openssl s_client ends first, by close_notify: the server hears the end, not an error', async () => {
    let ended: (text: string) => void = () => {};
    const heard = new Promise<string>((resolve) => (ended = resolve));
    const port = await secured(kind, (socket) => void textOf(socket).then(ended));
    const args = ['s_client', '-quiet', '-no_ign_eof', '-connect', `127.0.0.1:${port}`];
    await run('openssl', [...args, '-CAfile', certificates.caFile], { input: 'all of it' });
    expect(await heard).toBe('all of it');
  });

  test('no TLS at all: an error of that client, and the others are served', async () => {
    const port = await secured(kind, echo);
    const stranger = kept(kind.make(await createConnection({ host: '127.0.0.1', port })));
    stranger.on('error', () => {}).resume();
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    await untilClosed(stranger);
    const { secure } = await dialled(kind, port);
    secure.end('served');
    expect(await textOf(secure)).toBe('served');
  });
});

describe.each([
  [DUPLEX, DUPLEX],
  [DUPLEX, NET_SOCKET],
  [NET_SOCKET, DUPLEX],
  [NET_SOCKET, NET_SOCKET],
])('client over %o, server over %o', (near, far) => {
  test('10 MB both ways at once, and both ends are closed', async () => {
    const port = await secured(far, echo, { allowHalfOpen: true });
    const body = bulk(10_000_000);
    const { secure, stream } = await dialled(near, port);
    const digest = WAYS_TO_READ['data']?.(secure, () => false);
    await once(secure, 'secureConnect');
    expect(secure.authorized).toBe(true);
    expect(attach(secure).fileno()).toBe(attach(stream).fileno());
    secure.end(body);
    expect(await digest).toBe(digestOf(body));
    await untilClosed(stream);
  });
});

describe.each(KINDS)('client over $name', (kind) => {
  test('TCP_INFO and options through the TLS socket', async () => {
    const port = await secured(kind, echo);
    const { secure, stream } = await dialled(kind, port);
    await once(secure, 'secureConnect');
    const before = attach(secure).tcpInfo().bytesReceived;
    secure.write('x');
    await once(secure, 'data');
    expect(attach(secure).tcpInfo().bytesReceived - before).toBeGreaterThan(1);
    attach(secure).setsockopt('TCP_USER_TIMEOUT', 1234);
    expect(attach(stream).getsockopt('TCP_USER_TIMEOUT')).toBe(1234);
  });

  test.each([
    ['of another name', 'other', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that nobody has signed', 'stranger', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)('a certificate %s is refused, and the connection closed', async (_, whose, code) => {
    const port = await secured(kind, echo, certificates[whose]);
    const { secure, stream } = await dialled(kind, port);
    const [error] = (await once(secure, 'error')) as [Error]; // what the event carries
    expect(error).toMatchObject({ code });
    await untilClosed(stream);
  });

  test('the peer resets: an error, and both are closed', async () => {
    const server = createServer(certificates.server, (socket) => socket.on('error', () => {}));
    // A stream of Node's below TLS has given its handle away, and cannot reset any more.
    const { port, streams } = await feed(server, DUPLEX);
    const { secure, stream } = await dialled(kind, port);
    const errors: unknown[] = [];
    secure.on('error', (error) => errors.push(error));
    await once(secure, 'secureConnect');
    for (const theirs of streams) theirs.resetAndDestroy();
    await untilClosed(secure);
    await untilClosed(stream);
    // Over a stream of Node's, its TLS takes a reset for the end.
    expect(errors).toMatchObject(kind === DUPLEX ? [{ code: 'ECONNRESET' }] : []);
  });

  test('openssl s_server -rev: an exchange, and the end', async () => {
    const { keyFile, certFile } = certificates.server;
    const server = spawn(
      'openssl',
      [
        's_server',
        '-rev',
        '-accept',
        '127.0.0.1:0',
        '-key',
        keyFile,
        '-cert',
        certFile,
        '-naccept',
        '1',
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    onTestFinished(() => void server.kill('SIGKILL'));
    let said = '';
    const port = await new Promise<number>((resolve) => {
      server.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said);
        if (found !== null) resolve(Number(found[1]));
      });
    });
    const { secure, stream } = await dialled(kind, port);
    await once(secure, 'secureConnect');
    secure.write('hello\n');
    const [answer] = (await once(secure, 'data')) as [Buffer]; // what the event carries
    expect(answer.toString()).toBe('olleh\n');
    secure.end();
    await untilClosed(stream);
  });
});
