/** `http.Server` over native connections: what curl and raw sockets get from it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import {
  request,
  Agent,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { attach } from '@wireline/socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestOf, pattern } from '../conformance/sockets.ts';
import { folder, NETWORKS, UNIX } from './connection.ts';
import { curl } from './curl.ts';
import { dial, fedSite } from './feed.ts';
import { textOf, untilClosed } from './reading.ts';
import { KINDS } from './stream-kind.ts';

const MEGABYTE = pattern(1_000_000);

/** 200 MB, by the megabyte. */
const MEGABYTES = 200;

const BULK_DIGEST = ((): string => {
  const hash = createHash('sha256');
  for (let i = 0; i < MEGABYTES; i++) hash.update(MEGABYTE);
  return hash.digest('hex');
})();

function bulk(): Readable {
  return Readable.from(
    (function* () {
      for (let i = 0; i < MEGABYTES; i++) yield MEGABYTE;
    })(),
  );
}

/** Tells what was asked, and what came with it. */
const mirror: RequestListener = (request, response) => {
  const hash = createHash('sha256');
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    length += chunk.length;
  });
  request.on('end', () => {
    const told = { method: request.method, url: request.url, length, digest: hash.digest('hex') };
    response.end(`${JSON.stringify(told)}\n`);
  });
};

describe.each(KINDS)('$name', (kind) => {
  test.each(NETWORKS)('curl, over $name: several requests on one connection', async (network) => {
    if (network.missing) return;
    const { url, path, streams } = await fedSite(kind, mirror, { network });
    const base =
      network === UNIX
        ? 'http://localhost'
        : url.replace('127.0.0.1', network.name === 'IPv4' ? '127.0.0.1' : '[::1]');
    const way = network === UNIX ? ['--unix-socket', path] : [];
    const { stdout } = await curl(...way, `${base}/a`, `${base}/b`, '-d', 'some form', `${base}/c`);
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object); // what mirror tells
    expect(told).toMatchObject([
      { method: 'POST', url: '/a' },
      { method: 'POST', url: '/b' },
      { method: 'POST', url: '/c', length: 9, digest: digestOf(Buffer.from('some form')) },
    ]);
    expect(streams).toHaveLength(1);
  });

  test('HEAD, an answer in chunks, trailers, Expect: 100-continue', async () => {
    let continued = 0;
    const { url, site } = await fedSite(kind, (request, response) => {
      response.setHeader('x-from', request.socket.remoteAddress ?? '');
      if (request.url !== '/chunks') return mirror(request, response);
      response.setHeader('trailer', 'x-after');
      response.write('one ');
      setImmediate(() => {
        response.write('two');
        response.addTrailers({ 'x-after': 'all' });
        response.end();
      });
    });
    site.on('checkContinue', (request, response) => {
      continued++;
      response.writeContinue();
      mirror(request, response);
    });
    const head = await curl('--head', `${url}/`);
    expect(head.stdout).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*x-from: 127.0.0.1\r\n/);
    const chunks = await curl('--raw', `${url}/chunks`);
    expect(chunks.stdout).toBe('4\r\none \r\n3\r\ntwo\r\n0\r\nx-after: all\r\n\r\n');
    const posted = await curl('-H', 'Expect: 100-continue', '-d', 'abc', `${url}/`);
    expect(JSON.parse(posted.stdout)).toMatchObject({ length: 3 });
    expect(continued).toBe(1);
  });

  test('200 MB up and 200 MB down', async () => {
    const { url } = await fedSite(kind, (request, response) => {
      if (request.method === 'GET') void pipeline(bulk(), response);
      else mirror(request, response);
    });
    const file = join(folder(), 'bulk');
    await pipeline(bulk(), createWriteStream(file));
    const [down, up] = await Promise.all([
      curl(`${url}/`),
      curl('-T', file, '-H', 'Expect:', `${url}/up`),
    ]);
    expect([down.code, up.code, down.stderr, up.stderr]).toEqual([0, 0, '', '']);
    expect([down.length, down.digest]).toEqual([MEGABYTES * MEGABYTE.length, BULK_DIGEST]);
    expect(JSON.parse(up.stdout)).toMatchObject({ method: 'PUT', digest: BULK_DIGEST });
  });

  test('pipelined requests, cut anywhere: the answers in order', async () => {
    const { port } = await fedSite(kind, (request, response) => response.end(request.url));
    const socket = await dial(port);
    const requests = Array.from({ length: 50 }, (_, i) => {
      const close = i === 49 ? 'Connection: close\r\n' : '';
      return `GET /${i}. HTTP/1.1\r\nHost: a\r\n${close}\r\n`;
    }).join('');
    const answers = textOf(socket);
    for (let at = 0; at < requests.length; at += 37) socket.write(requests.slice(at, at + 37));
    const bodies = [...(await answers).matchAll(/\r\n\r\n\/(\d+)\./g)].map(([, number]) =>
      Number(number),
    );
    expect(bodies).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  test('bad input: 400, and the end', async () => {
    const { port } = await fedSite(kind, mirror);
    const socket = await dial(port);
    socket.write('nonsense\r\n\r\n');
    expect(await textOf(socket)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  });

  test('a client that ends its side behind the request gets its answer, with httpAllowHalfOpen', async () => {
    const { port, site } = await fedSite(kind, (_request, response) => {
      setImmediate(() => response.end('late answer'));
    });
    // @types/node does not have it, the documents of Node do not either, Node has had it since version 0.
    Object.assign(site, { httpAllowHalfOpen: true });
    const socket = await dial(port);
    socket.end('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await textOf(socket)).toMatch(/\r\n\r\nlate answer$/);
  });

  test('without it, and with an answer at once, too', async () => {
    const { port } = await fedSite(kind, (_request, response) => response.end('at once'));
    const socket = await dial(port);
    socket.end('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await textOf(socket)).toMatch(/\r\n\r\nat once$/);
  });

  test('a client that vanishes in mid-upload: the request hears ECONNRESET', async () => {
    let heard: (error: NodeJS.ErrnoException) => void = () => {};
    const aborted = new Promise<NodeJS.ErrnoException>((resolve) => (heard = resolve));
    const { port, streams } = await fedSite(kind, (request) => {
      request.on('error', heard).once('data', () => socket.resetAndDestroy());
    });
    const socket = await dial(port);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nbeginning');
    expect(await aborted).toMatchObject({ code: 'ECONNRESET' });
    const [stream] = streams;
    if (stream !== undefined) await untilClosed(stream);
  });

  test('a client that vanishes in mid-download: the answer is closed', async () => {
    let answer: ServerResponse | undefined;
    const { port } = await fedSite(kind, (_request, response) => {
      answer = response;
      bulk().pipe(response);
    });
    const socket = await dial(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    const closed = once(answer as NodeJS.EventEmitter, 'close'); // it has answered
    socket.destroy();
    await closed;
    expect(answer?.writableFinished).toBe(false);
  });

  test('500 connections at once', async () => {
    const { port, streams } = await fedSite(kind, (request, response) => {
      response.end(`${attach(request).tcpInfo().state} ${request.url}`);
    });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const ask = async (path: string): Promise<string> => {
      const asked = request({ port, host: '127.0.0.1', path, agent }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage]; // what the event carries
      return textOf(response);
    };
    const paths = Array.from({ length: 500 }, (_, i) => `/${i}`);
    const answers = await Promise.all(paths.map(ask));
    expect(answers).toEqual(paths.map((path) => `ESTABLISHED ${path}`));
    expect(streams).toHaveLength(500);
  });
});
