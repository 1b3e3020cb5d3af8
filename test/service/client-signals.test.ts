/**
 * What becomes of signals, and of sources, that many requests of a client were given.
 */
import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { binaryMessage, jsonMessage } from '@wireline/message';
import {
  Client,
  ConnectError,
  defineContract,
  Server,
  type RequestOptions,
} from '@wireline/service';
import { FakeNetwork } from '@wireline/service/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { hello } from './client-answers.ts';

const ANYWHERE = { host: '127.0.0.1', port: 0 };

/** A server that answers all but what it is to hang on. */
function answering(network: FakeNetwork): Server {
  const { clock } = network;
  return new Server(
    (request) =>
      request.kind === 'json' && request.value['hang'] === true
        ? new Promise(() => {})
        : jsonMessage({}),
    { network, clock },
  );
}

test.each<[string, object, RequestOptions]>([
  ['answered', {}, {}],
  ['over in time', { hang: true }, { timeoutMs: 10 }],
  ['given up', { hang: true }, {}],
])(
  'a signal that many requests share has one listener, and none when they are %s',
  async (how, asked, options) => {
    const network = new FakeNetwork();
    const server = answering(network);
    const { clock } = network;
    const client = new Client(await server.listen(ANYWHERE), { network, clock });
    const controller = new AbortController();
    const { signal } = controller;
    const requests = Array.from({ length: 100 }, () =>
      client.request(jsonMessage({ ...asked }), { ...options, signal }),
    );
    const all = Promise.allSettled(requests);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await network.settle();
    if (how === 'given up') controller.abort(new Error('enough'));
    await network.until(all);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    client.close();
  },
);

test('so it has when requests fail', async () => {
  const network = new FakeNetwork();
  const client = new Client({ host: '127.0.0.1', port: 1 }, { network, clock: network.clock });
  const { signal } = new AbortController();
  await expect(network.until(client.request(hello, { signal }))).rejects.toThrow(ConnectError);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  client.close();
});

test.each(['cannot be sent', 'is given up', 'comes too late'])(
  'a stream of which nothing was read is let go of when its request %s',
  async (how) => {
    const network = new FakeNetwork();
    const contract = defineContract({
      put: { request: z.object({}), requestParts: 'bytes', response: z.object({}) },
    });
    const client = new Client(
      { host: '127.0.0.1', port: 1 },
      { network, clock: network.clock, contract },
    );
    const controller = new AbortController();
    const sources = [1, 2].map(() => Readable.from([new Uint8Array(1)]));
    if (how === 'comes too late') client.close();
    const [plain, called] = sources;
    const parts = { signal: controller.signal };
    const first = client.request(binaryMessage(new Uint8Array(), 'a/b'), {
      ...parts,
      parts: plain ?? [],
    });
    const second = client.request('put', {}, { ...parts, parts: called ?? [] });
    const both = Promise.allSettled([first, second]);
    if (how === 'is given up') controller.abort();
    for (const each of await network.until(both)) expect(each.status).toBe('rejected');
    expect(sources.map((source) => source.destroyed)).toEqual([true, true]);
    client.close();
  },
);

test('of any other source, return is called, once', async () => {
  const network = new FakeNetwork();
  const client = new Client({ host: '127.0.0.1', port: 1 }, { network, clock: network.clock });
  let returned = 0;
  const parts: AsyncIterable<never> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        returned += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  await expect(network.until(client.request(hello, { parts }))).rejects.toThrow(ConnectError);
  expect(returned).toBe(1);
  client.close();
});
