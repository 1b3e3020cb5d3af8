/**
 * What a client does when its server goes and comes back.
 */
import { jsonMessage } from '@wireline/message';
import {
  Client,
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
  Server,
  type ClientOptions,
} from '@wireline/service';
import { FakeNetwork, withSeeds, type Network } from '@wireline/service/testing';
import type { Address } from '@wireline/socket';
import { expect, test } from 'vitest';
import { hello, valueOf } from './client-answers.ts';
import { RawServer } from './raw-server.ts';

const ANYWHERE = { host: '127.0.0.1', port: 0 };

/** A network that notes when somebody tries to connect. */
function noting(network: FakeNetwork): { readonly network: Network; readonly tries: number[] } {
  const tries: number[] = [];
  const noted: Network = {
    capacity: () => network.capacity(),
    listen: (...listening) => network.listen(...listening),
    connect: (...connecting) => {
      tries.push(network.clock.now());
      return network.connect(...connecting);
    },
  };
  return { network: noted, tries };
}

/** A client that was connected to a server that is gone, and when it tries to connect from now on. */
async function lost(
  network: FakeNetwork,
  options: ClientOptions = {},
): Promise<{ readonly client: Client; readonly address: Address; readonly tries: number[] }> {
  const { clock } = network;
  const noted = noting(network);
  const server = new Server(() => jsonMessage({}), { network, clock });
  const address = await server.listen(ANYWHERE);
  const client = new Client(address, {
    clock,
    network: noted.network,
    reconnect: { random: () => 1 },
    ...options,
  });
  await network.until(client.request(hello));
  await network.until(server.close());
  await network.advance(1_000);
  noted.tries.length = 0;
  return { client, address, tries: noted.tries };
}

test('a client tries again, less and less often, while a request waits', async () => {
  const network = new FakeNetwork();
  const { client, address, tries } = await lost(network);
  const started = network.clock.now();
  const request = client.request(hello);
  await network.advance(1_000);
  expect(tries.map((at) => at - started)).toEqual([0, 50, 150, 350, 750]);
  const { clock } = network;
  const server = new Server(() => jsonMessage({ back: true }), { network, clock });
  await server.listen(address);
  expect(valueOf(await network.until(request))).toEqual({ back: true });
  expect(clock.now() - started).toBe(1_550);
  client.close();
  await network.until(server.close());
  expect(network.leftovers()).toEqual([]);
});

test('the end of its time says why nothing came of it, and nothing is tried after that', async () => {
  const network = new FakeNetwork();
  const { client, tries } = await lost(network);
  const request = client.request(hello, { timeoutMs: 500 });
  const stream = client.stream(hello, { timeoutMs: 600 });
  await expect(network.until(request)).rejects.toThrow(RequestTimeoutError);
  await expect(request).rejects.toMatchObject({
    phase: 'connecting',
    cause: expect.any(ConnectError),
  });
  await expect(network.until(stream.answer)).rejects.toMatchObject({
    cause: expect.any(ConnectError),
  });
  const count = tries.length;
  expect(network.clock.pending).toBe(0);
  await network.advance(60_000);
  expect(tries).toHaveLength(count);
  client.close();
  expect(network.leftovers()).toEqual([]);
});

test('who comes later waits for what is left of the wait', async () => {
  const network = new FakeNetwork();
  const { client, tries } = await lost(network, {
    reconnect: { baseMs: 1_000, random: () => 1 },
  });
  const first = client.request(hello, { timeoutMs: 100 });
  await expect(network.until(first)).rejects.toThrow(RequestTimeoutError);
  const [started] = tries;
  const second = client.request(hello, { timeoutMs: 2_000 });
  await expect(network.until(second)).rejects.toThrow(RequestTimeoutError);
  expect(tries.map((at) => at - (started ?? 0))).toEqual([0, 1_000]);
  client.close();
});

test('several that wait make one attempt at a time', async () => {
  const network = new FakeNetwork();
  const { client, tries } = await lost(network);
  const waiting = [1, 2, 3].map(() => client.stream(hello).answer);
  const request = client.request(hello);
  const started = network.clock.now();
  await network.advance(200);
  // The first time nobody knows better, and all try.
  expect(tries.map((at) => at - started)).toEqual([0, 0, 0, 0, 50, 150]);
  client.close();
  for (const each of [...waiting, request]) {
    await expect(each).rejects.toThrow(ConnectionClosedError);
  }
  expect(network.leftovers()).toEqual([]);
});

test('a server that takes connections and falls is not back: only an answer is', async () => {
  const network = new FakeNetwork();
  const { client, address, tries } = await lost(network);
  const first = client.request(hello, { timeoutMs: 100 }); // two attempts
  await expect(network.until(first)).rejects.toThrow(RequestTimeoutError);
  const falling = await RawServer.start(
    { network, clock: network.clock, anywhere: address },
    async () => {},
  );
  await network.advance(1_000);
  tries.length = 0;
  for (let n = 0; n < 3; n++) {
    const request = network.until(client.request(hello));
    await expect(request).rejects.toThrow(ConnectionBrokenError);
  }
  const [started = 0] = tries;
  expect(tries.map((at) => at - started)).toEqual([0, 200, 600]);
  client.close();
  await network.until(falling.close());
  await network.settle();
  expect(network.leftovers()).toEqual([]);
});

test('a client that was never connected fails at once', async () => {
  const network = new FakeNetwork();
  const server = new Server(() => jsonMessage({}), { network, clock: network.clock });
  const address = await server.listen(ANYWHERE);
  await network.until(server.close());
  const noted = noting(network);
  const client = new Client(address, { network: noted.network, clock: network.clock });
  await expect(network.until(client.request(hello))).rejects.toThrow(ConnectError);
  await expect(network.until(client.stream(hello).answer)).rejects.toThrow(ConnectError);
  expect(noted.tries).toHaveLength(2);
  client.close();
  expect(network.leftovers()).toEqual([]);
});

test('requests get through a server that restarts again and again', () =>
  withSeeds({ luck: 'rough', runs: 10 }, async (network) => {
    const { clock } = network;
    let server = new Server(() => jsonMessage({}), { network, clock });
    const address = await server.listen(ANYWHERE);
    const client = await Client.connect(address, { network, clock });
    for (let n = 0; n < 5; n++) {
      const requests = Array.from({ length: 5 }, () => client.request(hello, { idempotent: true }));
      const restart = server.close().then(async () => {
        server = new Server(() => jsonMessage({}), { network, clock });
        await server.listen(address);
      });
      expect(await Promise.all(requests)).toHaveLength(5);
      await restart;
    }
    client.close();
    await server.close();
    await network.settle();
    expect(network.leftovers()).toEqual([]);
  }));
