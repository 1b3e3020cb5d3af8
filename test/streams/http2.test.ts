/** HTTP/2 over native connections, both sides, with and without TLS. */
import { once } from 'node:events';
import { connect, createSecureServer, createServer, type ClientHttp2Session } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { createConnection } from '@wireline/socket/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { digestOf, pattern } from '../conformance/sockets.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import { kept } from './connection.ts';
import { curl } from './curl.ts';
import { feed } from './feed.ts';
import { untilClosed, WAYS_TO_READ } from './reading.ts';
import { KINDS } from './stream-kind.ts';

let certificates: Certificates;

beforeAll(() => {
  certificates = makeCertificates();
});

afterAll(() => certificates.close());

/** Posts `body`, which comes back; resolves to its digest. */
async function echoed(session: ClientHttp2Session, body: Uint8Array): Promise<string | undefined> {
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':method': 'POST', ':path': '/' });
  const digest = WAYS_TO_READ['data']?.(stream, () => false);
  stream.end(body);
  return digest;
}

describe.each(KINDS)('$name', (kind) => {
  test('in the clear: several streams at once, and an orderly end', async () => {
    const server = createServer();
    server.on('stream', (stream) => {
      stream.respond();
      stream.pipe(stream);
    });
    const { port, streams } = await feed(server, kind);
    const native = kept(kind.make(await createConnection({ host: '127.0.0.1', port })));
    const session = connect(`http://127.0.0.1:${port}`, { createConnection: () => native });
    const bodies = [pattern(1), pattern(2_000_000), pattern(300_000)];
    const digests = await Promise.all(bodies.map((body) => echoed(session, body)));
    expect(digests).toEqual(bodies.map((body) => digestOf(body)));
    session.close();
    await untilClosed(native);
    for (const stream of streams) await untilClosed(stream);
  });

  test('over TLS, chosen by ALPN: our client, and curl', async () => {
    const server = createSecureServer({ ...certificates.server, allowHTTP1: true });
    server.on('stream', (stream) => {
      stream.respond();
      stream.pipe(stream);
    });
    const { port } = await feed(server, kind);
    const native = kept(kind.make(await createConnection({ host: '127.0.0.1', port })));
    const session = connect(`https://localhost:${port}`, {
      createConnection: () =>
        connectTls({
          socket: native,
          servername: 'localhost',
          ca: certificates.ca,
          ALPNProtocols: ['h2'],
        }),
    });
    const body = pattern(1_000_000);
    expect(await echoed(session, body)).toBe(digestOf(body));
    const closed = once(session, 'close');
    session.close();
    await closed;
    const url = `https://localhost:${port}/`;
    const ran = await curl(
      '--http2',
      '-w',
      ' %{http_version}',
      '--cacert',
      certificates.caFile,
      '-d',
      'hello',
      url,
    );
    expect(ran.stdout).toBe('hello 2');
  });
});
