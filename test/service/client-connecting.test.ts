/**
 * What a client does while it connects, and while it waits to try again.
 */
import { jsonMessage } from '@wireline/message';
import {
  Client,
  ConnectError,
  ConnectionBrokenError,
  nodeNetwork,
  RequestTimeoutError,
} from '@wireline/service';
import { FakeNetwork, ManualClock, type Network, type Transport } from '@wireline/service/testing';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { bytesOf } from '../support/raw-peer.ts';
import { Program } from '../support/program.ts';
import { answerTo, hello, prove, valueOf } from './client-answers.ts';
import { RawServer } from './raw-server.ts';

const ANYWHERE = { host: '127.0.0.1', port: 0 };

/** A network whose attempts to connect the test decides, one by one. */
class Decided implements Network {
  readonly attempts: {
    readonly signal: AbortSignal | undefined;
    readonly fail: (error: Error) => void;
    readonly succeed: () => Promise<void>;
  }[] = [];
  readonly #network: FakeNetwork;

  constructor(network: FakeNetwork) {
    this.#network = network;
  }

  capacity(): number {
    return this.#network.capacity();
  }

  listen(...listening: Parameters<Network['listen']>): ReturnType<Network['listen']> {
    return this.#network.listen(...listening);
  }

  connect(...[endpoint, options]: Parameters<Network['connect']>): Promise<Transport> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
      const succeed = async (): Promise<void> =>
        resolve(await this.#network.connect(endpoint, options));
      this.attempts.push({ signal, fail: reject, succeed });
    });
  }
}

test('a process lives as long as a request waits for the next attempt, and no longer', async () => {
  const program = `
    import { Client } from '@wireline/service/client';
    import { Server } from '@wireline/service/server';
    import { jsonMessage } from '@wireline/message';
    const server = new Server(() => jsonMessage({}));
    const client = new Client(await server.listen({ host: '127.0.0.1', port: 0 }), {
      reconnect: { baseMs: 60_000, maxMs: 60_000, random: () => 0.9 },
    });
    await client.request(jsonMessage({}));
    await server.close();
    client.request(jsonMessage({}), { timeoutMs: 300 }).catch((error) => console.log(error.phase));
  `;
  // It stands where the packages are known, and runs them as they were built.
  await using child = Program.run(process.execPath, '--input-type=module', '--eval', program);
  expect(await child.exited()).toMatchObject({ code: 0, stdout: 'connecting\n' });
});

test('an end that is in the kernel is seen before a second request is sent, on node:net too', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once('data', () => socket.write(bytesOf(jsonMessage({ n: sockets.length }))));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // What `address` gives of a server that listens on TCP.
  const { port } = server.address() as AddressInfo;
  const clock = new ManualClock();
  const client = new Client({ host: '127.0.0.1', port }, { network: nodeNetwork, clock });
  expect(valueOf(await client.request(hello))).toEqual({ n: 1 });
  const second = client.request(hello);
  sockets[0]?.destroy(); // at once: the kernel knows, and Node's loop has not been asked
  clock.advance(10);
  expect(valueOf(await second)).toEqual({ n: 2 });
  client.close();
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
});

test('a server that takes connections and drops them is asked less often from the second on', async () => {
  const network = new FakeNetwork();
  const { clock } = network;
  const server = await RawServer.start({ network, clock, anywhere: ANYWHERE }, async (peer) => {
    await peer.message();
  });
  const client = new Client(server.address, { network, clock, reconnect: { random: () => 1 } });
  const waits: number[] = [];
  for (let n = 0; n < 4; n++) {
    const before = clock.now();
    const request = network.until(client.request(hello));
    await expect(request).rejects.toThrow(ConnectionBrokenError);
    waits.push(clock.now() - before);
  }
  expect(waits).toEqual([0, 0, 50, 100]);
  client.close();
  await network.until(server.close());
});

test('what the client itself gave up is no such loss', async () => {
  const network = new FakeNetwork();
  const { clock } = network;
  const server = await RawServer.start(
    { network, clock, anywhere: ANYWHERE },
    async (peer, index) => {
      if (index === 3) await prove(peer);
      await peer.ended;
    },
  );
  const client = new Client(server.address, {
    network,
    clock,
    reconnect: { random: () => 1 },
    pipelining: 'always',
  });
  for (let n = 0; n < 3; n++) {
    const other = client.request(hello); // it loses its connection with the one that is given up
    const slow = client.request(hello, { timeoutMs: 1_000 });
    await expect(network.until(slow)).rejects.toThrow(RequestTimeoutError);
    await expect(other).rejects.toThrow(ConnectionBrokenError);
  }
  const before = clock.now();
  await network.until(client.request(hello));
  expect(clock.now() - before).toBe(0);
  client.close();
  await network.until(server.close());
});

test('one attempt that fails fails nobody while another is under way', async () => {
  const network = new FakeNetwork();
  const { clock } = network;
  const server = await RawServer.start({ network, clock, anywhere: ANYWHERE }, async (peer) => {
    for (let n = 0; n < 2; n++) await prove(peer);
    await peer.ended;
  });
  const decided = new Decided(network);
  const client = new Client(server.address, { network: decided, clock });
  const answers = [client.request(hello), client.stream(hello).answer];
  const [first, second] = decided.attempts;
  first?.fail(new Error('no'));
  await network.settle();
  expect(decided.attempts).toHaveLength(2); // none in its place
  await network.until(Promise.resolve(second?.succeed()));
  expect((await network.until(Promise.all(answers))).map(valueOf)).toHaveLength(2);
  client.close();

  const other = new Client(server.address, { network: decided, clock });
  const both = Promise.allSettled([other.request(hello), other.stream(hello).answer]);
  for (const attempt of decided.attempts.slice(2)) attempt.fail(new Error('none'));
  for (const each of await network.until(both)) {
    expect(each).toMatchObject({ status: 'rejected', reason: { message: 'none' } });
  }
  other.close();
  await network.until(server.close());
});

test('an attempt is given up with the last who waits for it, and made anew for the next', async () => {
  const network = new FakeNetwork();
  const { clock } = network;
  const server = await RawServer.start({ network, clock, anywhere: ANYWHERE }, async (peer) => {
    await prove(peer);
    await peer.ended;
  });
  const decided = new Decided(network);
  const client = new Client(server.address, { network: decided, clock });
  const short = client.request(hello, { timeoutMs: 10 });
  const long = client.request(hello, { timeoutMs: 20 });
  await expect(network.until(short)).rejects.toThrow('a firewall drops the packets');
  expect(decided.attempts.map(({ signal }) => signal?.aborted)).toEqual([false]);
  await expect(network.until(long)).rejects.toThrow(RequestTimeoutError);
  expect(decided.attempts.map(({ signal }) => signal?.aborted)).toEqual([true]);
  const next = client.request(hello);
  await network.settle();
  await network.until(Promise.resolve(decided.attempts[1]?.succeed()));
  expect(valueOf(await network.until(next))).toEqual({ proof: true });
  client.close();
  await network.until(server.close());
});

test('a time-out says why the last attempt failed, where that is known', async () => {
  const network = new FakeNetwork();
  const { clock } = network;
  const server = await RawServer.start({ network, clock, anywhere: ANYWHERE }, async (peer) => {
    await prove(peer);
    peer.end();
    await peer.ended;
  });
  const client = new Client(server.address, { network, clock });
  await network.until(client.request(hello));
  await network.until(server.close());
  await network.advance(1_000);
  const request = client.request(hello, { timeoutMs: 500 });
  await expect(network.until(request)).rejects.toMatchObject({
    phase: 'connecting',
    cause: expect.any(ConnectError),
    message: expect.stringContaining('refused: nothing listens there'),
  });
  client.close();
});

test('a request behind streams that have all connections says so', async () => {
  const network = new FakeNetwork();
  const { clock } = network;
  const server = await RawServer.start({ network, clock, anywhere: ANYWHERE }, async (peer) => {
    const opened = await peer.message();
    peer.send(answerTo(opened, {}, { more: true }));
    await peer.ended;
  });
  const client = new Client(server.address, { network, clock, maxConnections: 1 });
  const stream = client.stream(hello);
  await network.settle();
  const request = client.request(hello, { timeoutMs: 500 });
  await expect(network.until(request)).rejects.toMatchObject({
    phase: 'waiting for a free connection',
    message: expect.stringContaining('maxConnections'),
  });
  stream.cancel();
  client.close();
  await network.until(server.close());
});
