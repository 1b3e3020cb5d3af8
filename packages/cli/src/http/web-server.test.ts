/** What is awkward to bring about from outside; all else is tried on the command. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { ExchangeFacts } from './exchange.ts';
import { createSite, type Site } from './site.ts';
import { WebServer } from './web-server.ts';

/** Starts a server that waits for little, connects, and gathers what its log is told. */
async function visit(site: Site) {
  const troubles: string[] = [];
  const answered: ExchangeFacts[] = [];
  const server = new WebServer({
    site,
    log: {
      listening: () => {},
      answered: (facts) => answered.push(facts),
      trouble: (_kind, message) => troubles.push(message),
      stopping: () => {},
      stopped: () => {},
    },
    bounds: {
      headerMs: 100,
      idleMs: 10_000,
      writeStallMs: 10_000,
      graceMs: 0,
      maxConnections: 10,
    },
    requestMs: 200,
  });
  const { address } = await server.listen({ host: '127.0.0.1', port: 0 });
  const port = address.family === 'unix' ? 0 : address.port;
  const client: Socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  let text = '';
  client.on('error', () => {}).on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await once(client, 'connect');
  /** All statuses that came, when the server has ended the connection. */
  const statuses = async (): Promise<string[]> => {
    if (!client.readableEnded) await once(client, 'end');
    return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status);
  };
  return { server, client, troubles, answered, statuses };
}

const POST = 'POST / HTTP/1.1\r\nHost: x\r\n';

test('a body that does not come gets no second answer, and is what the log speaks of', async () => {
  const { client, troubles, statuses } = await visit(createSite(undefined));
  client.write(`${POST}Content-Length: 1000\r\n\r\n`);
  const drip = setInterval(() => client.write('x'), 20);
  onTestFinished(() => clearInterval(drip));
  expect(await statuses()).toEqual(['405']);
  expect(troubles).toEqual(['its body did not come within 0.2 s']);
});

test.each([
  ['Content-Length: 10\r\n\r\nabc', /^it ended before its body was complete$/],
  ['Transfer-Encoding: chunked\r\n\r\nZZ', /^Parse Error: .*ZZ$/s],
])('nor does a body that cannot be read, %j', async (rest, told) => {
  const { client, troubles, statuses } = await visit(createSite(undefined));
  client.end(POST + rest);
  expect(await statuses()).toEqual(['405']);
  expect(troubles).toEqual([expect.stringMatching(told)]);
});

test('a header that does not come behind it is another request', async () => {
  const { client, troubles, statuses } = await visit(createSite(undefined));
  client.write(`${POST}Content-Length: 1\r\n\r\nxGET / HT`);
  expect(await statuses()).toEqual(['405', '408']);
  expect(troubles).toEqual(['it did not come within 0.1 s (--header-timeout)']);
});

test('a header that does not come behind an answer under way does not cut it', async () => {
  const asked: (() => void)[] = [];
  const page = createSite(undefined);
  const { server, client, troubles, statuses } = await visit(async (exchange) => {
    await new Promise<void>((resolve) => asked.push(resolve));
    await page(exchange);
  });
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT');
  await expect.poll(() => troubles).toHaveLength(1);
  expect(server.exchangeCount).toBe(1);
  asked[0]?.();
  expect(await statuses()).toEqual(['200', '408']);
});

test('of an answer that had not begun there is no status', async () => {
  const { client, answered } = await visit(() => {
    client.resetAndDestroy();
  });
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await expect.poll(() => answered).toHaveLength(1);
  expect(answered).toMatchObject([
    { status: undefined, bytes: 0, of: undefined, problem: 'the connection was closed before' },
  ]);
});
