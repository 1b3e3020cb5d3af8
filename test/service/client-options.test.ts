/**
 * What a client refuses to be made with, and what it can be told that no header can hold.
 */
import { jsonMessage } from '@wireline/message';
import { Client, Server, type ClientOptions, type RequestOptions } from '@wireline/service';
import { FakeNetwork } from '@wireline/service/testing';
import { expect, test } from 'vitest';
import { hello, valueOf } from './client-answers.ts';

const ANYWHERE = { host: '127.0.0.1', port: 0 };

test.each<[string, ClientOptions]>([
  ['maxWaiting', { maxWaiting: NaN }],
  ['maxWaiting', { maxWaiting: 0 }],
  ['maxStreamQueued', { maxStreamQueued: -5 }],
  ['maxInFlight', { maxInFlight: 1.5 }],
  ['maxConnections', { maxConnections: 0 }],
  ['requestTimeoutMs', { requestTimeoutMs: NaN }],
  ['connectTimeoutMs', { connectTimeoutMs: -1 }],
  ['reconnect.baseMs', { reconnect: { baseMs: NaN } }],
  ['reconnect.maxMs', { reconnect: { maxMs: -1 } }],
])('a client cannot be made with such a %s: %o', (name, options) => {
  expect(() => new Client(ANYWHERE, options)).toThrow(RangeError);
  expect(() => new Client(ANYWHERE, options)).toThrow(`set ${name} to`);
});

test.each<[string, object]>([
  ['ids', { ids: 'sometimes' }],
  ['pipelining', { pipelining: 'never' }],
  ['reconnect.random', { reconnect: { random: 0.5 } }],
])('nor with a word for %s that is none', (name, options) => {
  expect(() => new Client(ANYWHERE, options)).toThrow(TypeError);
  expect(() => new Client(ANYWHERE, options)).toThrow(`set ${name} to`);
});

test.each<[RequestOptions, number | undefined]>([
  [{ timeoutMs: Number.MAX_VALUE }, undefined],
  [{ timeoutMs: 1000, deadlineMs: 2 ** 53 }, undefined],
  [{ deadlineMs: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER],
])('with %o the server is told the deadline %s', async (options, told) => {
  const network = new FakeNetwork();
  const { clock } = network;
  const server = new Server(
    ({ header }) => jsonMessage({ told: header.extensions['deadline-ms'] ?? null }),
    { network, clock },
  );
  const client = new Client(await server.listen(ANYWHERE), { network, clock });
  const answer = await network.until(client.request(hello, options));
  expect(valueOf(answer)).toEqual({ told: told ?? null });
  client.close();
  await network.until(server.close());
});
