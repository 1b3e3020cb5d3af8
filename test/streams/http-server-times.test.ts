/**
 * What `http.Server` does by the clock or by command: with `emit('listening')` as for a server that listens, and
 * without it not at all. The times are short and real: Node takes no clock.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dial, fedSite, feed } from './feed.ts';
import { textOf, turn, untilClosed } from './reading.ts';
import { KINDS } from './stream-kind.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Asks, and resolves when the answer has begun. */
async function ask(port: number): Promise<Socket> {
  const socket = await dial(port);
  socket.write(GET);
  await once(socket, 'data');
  return socket.resume();
}

describe.each(KINDS)('$name', (kind) => {
  test('server.timeout ends a request that nobody answers', async () => {
    const { port, site } = await fedSite(kind, () => {});
    site.setTimeout(5);
    const socket = await dial(port);
    socket.write(GET);
    await once(socket.resume(), 'end');
    expect(socket.bytesRead).toBe(0);
  });

  test.each(['headersTimeout', 'requestTimeout'])('%s: 408, and the end', async (option) => {
    const { port } = await fedSite(kind, () => {}, {
      headersTimeout: option === 'headersTimeout' ? 10 : 0,
      requestTimeout: option === 'requestTimeout' ? 10 : 0,
      connectionsCheckingInterval: 5,
    });
    const socket = await dial(port);
    socket.write(
      option === 'headersTimeout'
        ? 'GET / HTTP/1.1\r\nHo'
        : `POST${GET.slice(3, -2)}Content-Length: 9\r\n\r\nbody`,
    );
    expect(await textOf(socket)).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
  });

  test('closeIdleConnections: those that rest, and no other', async () => {
    let answer = (): void => {};
    const { port, site } = await fedSite(kind, (request, response) => {
      if (request.url === '/') response.end('hello');
      else answer = () => response.end('after all');
    });
    const idle = await ask(port);
    const busy = await dial(port);
    busy.write('GET /busy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await once(site, 'request');
    const ended = once(idle, 'end');
    site.closeIdleConnections();
    await ended;
    answer();
    expect(await textOf(busy)).toMatch(/after all$/);
  });

  test('closeAllConnections: all of them', async () => {
    const { port, site, streams } = await fedSite(kind, (_request, response) =>
      response.write('x'),
    );
    const sockets = await Promise.all([ask(port), ask(port)]);
    site.closeAllConnections();
    await Promise.all([...sockets, ...streams].map(untilClosedOrEnded));
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  test('without emit("listening") it can close none, and close() says that it does not run', async () => {
    const site = createServer((_request, response) => response.end('hello'));
    const { port, streams } = await feed(site, kind);
    await ask(port);
    await turn();
    site.closeAllConnections();
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([false]);
    const error = await new Promise((resolve) => site.close(resolve));
    expect(error).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  test('close() of a server that listens as well ends the resting connections, native ones too', async () => {
    const site = createServer((_request, response) => response.end('hello'));
    await once(site.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void site.close());
    const { port, streams } = await feed(site, kind);
    const socket = await ask(port);
    await turn();
    const ended = once(socket, 'end');
    site.close();
    await ended;
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
  });
});

async function untilClosedOrEnded(stream: Readable): Promise<void> {
  if (!stream.readableEnded) await Promise.race([once(stream, 'end'), untilClosed(stream)]);
}

test('keepAliveTimeout ends a connection that rests', async () => {
  // Node waits a second longer than it is told. So both kinds are waited for at once.
  const ends = KINDS.map(async (kind) => {
    const options = { keepAliveTimeout: 1 };
    const { port } = await fedSite(kind, (_request, response) => response.end('hello'), options);
    const socket = await ask(port);
    await once(socket, 'end');
    return kind;
  });
  expect(await Promise.all(ends)).toEqual(KINDS);
});
