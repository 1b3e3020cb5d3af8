/**
 * What a client does on any network.
 */
import { jsonMessage, type Message } from '@wireline/message';
import {
  AnswerError,
  Client,
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
  Server,
} from '@wireline/service';
import type { Network } from '@wireline/service/testing';
import { ConnectionRefusedError, formatAddress } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import type { Peer } from './peer.ts';
import { RawServer } from './raw-server.ts';
import type { Scene, Stage } from './stage.ts';

const hello = jsonMessage({ hello: 1 });

/** Registers the suite for one stage. */
export function clientSuite({ name, play }: Stage): void {
  /** Plays with a client of a server that does with each connection what the test says. */
  function withRawServer(
    serve: (peer: Peer, index: number) => Promise<void>,
    scenario: (scene: Scene, client: Client, server: RawServer) => Promise<void>,
  ): Promise<void> {
    return play(async (scene) => {
      const server = await RawServer.start(scene, serve);
      const client = new Client(server.address, scene.options);
      await scenario(scene, client, server);
      client.close();
      await server.close();
    });
  }

  describe(`a client on ${name}`, () => {
    test('gets the answer to each of many requests made at once', () =>
      play(async ({ anywhere, options }) => {
        let opened = 0;
        await using server = new Server((request) => jsonMessage(valueOf(request)), {
          ...options,
          observer: { opened: () => (opened += 1) },
        });
        const address = await server.listen(anywhere);
        await using client = await Client.connect(address, options);
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, n) => client.request(jsonMessage({ n }))),
        );
        expect(answers.map(valueOf)).toEqual(Array.from({ length: 50 }, (_, n) => ({ n })));
        expect(opened).toBe(1);
      }));

    test('is one of several, and each gets its own answers', () =>
      play(async ({ anywhere, options }) => {
        await using server = new Server((request) => jsonMessage(valueOf(request)), options);
        const address = await server.listen(anywhere);
        const talk = async (id: number): Promise<void> => {
          await using client = new Client(address, options);
          for (let n = 0; n < 5; n++) {
            expect(valueOf(await client.request(jsonMessage({ id, n })))).toEqual({ id, n });
          }
        };
        await Promise.all(Array.from({ length: 10 }, (_, id) => talk(id)));
      }));

    test('rejects with the code of an error answer, and goes on', () =>
      withRawServer(
        async (peer) => {
          await peer.message();
          peer.send(bytesOf(jsonMessage({ error: { code: 'overloaded', message: 'later' } })));
          await peer.message();
          peer.send(bytesOf(hello));
          await peer.ended;
        },
        async (_scene, client, server) => {
          const refused = client.request(hello);
          await expect(refused).rejects.toThrow(AnswerError);
          await expect(refused).rejects.toMatchObject({ code: 'overloaded' });
          expect(valueOf(await client.request(hello))).toEqual({ hello: 1 });
          expect(server.count).toBe(1);
        },
      ));

    test('makes a new connection where the server closes behind each answer', () =>
      withRawServer(
        async (peer, index) => {
          await peer.message();
          peer.send(bytesOf(jsonMessage({ index })));
          peer.end();
          await peer.ended;
        },
        async (_scene, client) => {
          const answers = await Promise.all(
            Array.from({ length: 5 }, () => client.request(hello, { idempotent: true })),
          );
          expect(answers.map(valueOf)).toEqual([0, 1, 2, 3, 4].map((index) => ({ index })));
        },
      ));

    test('repeats an idempotent request once when its connection ends before the answer', () =>
      withRawServer(
        async (peer, index) => {
          await peer.message();
          if (index === 0) return;
          peer.send(bytesOf(jsonMessage({ index })));
          await peer.ended;
        },
        async (_scene, client) => {
          const answer = await client.request(hello, { idempotent: true });
          expect(valueOf(answer)).toEqual({ index: 1 });
        },
      ));

    test('repeats it no second time', () =>
      withRawServer(
        async (peer) => void (await peer.message()),
        async (_scene, client, server) => {
          const request = client.request(hello, { idempotent: true });
          await expect(request).rejects.toThrow(ConnectionBrokenError);
          expect(server.count).toBe(2);
        },
      ));

    test('repeats no other request', () =>
      withRawServer(
        async (peer) => void (await peer.message()),
        async (_scene, client, server) => {
          await expect(client.request(hello)).rejects.toThrow(ConnectionBrokenError);
          expect(server.count).toBe(1);
        },
      ));

    test('tells an answer that was cut off, and asks again over a new connection', () =>
      withRawServer(
        async (peer, index) => {
          await peer.message();
          const answer = bytesOf(jsonMessage({ index }));
          peer.send(index === 0 ? answer.subarray(0, -3) : answer);
          peer.end();
          await peer.ended;
        },
        async (_scene, client) => {
          const cut = client.request(hello);
          await expect(cut).rejects.toThrow(ConnectionBrokenError);
          await expect(cut).rejects.toThrow('short of');
          expect(valueOf(await client.request(hello))).toEqual({ index: 1 });
        },
      ));

    test('gives up a server that does not answer in time, and asks again over a new connection', () =>
      play(async (scene) => {
        const { timed, pass } = scene;
        const asked = deferred();
        const server = await RawServer.start(scene, async (peer, index) => {
          await peer.message();
          if (index === 0) asked.resolve();
          else peer.send(bytesOf(jsonMessage({ index })));
          await peer.ended;
        });
        const client = new Client(server.address, timed);
        const before = timed.clock.now();
        const slow = client.request(hello, { timeoutMs: 3_000 });
        await asked.promise;
        await expect(pass(slow)).rejects.toThrow(RequestTimeoutError);
        await expect(slow).rejects.toMatchObject({ phase: 'waiting for the answer' });
        expect(timed.clock.now() - before).toBeGreaterThanOrEqual(3_000);
        const next = client.request(hello, { timeoutMs: Infinity });
        expect(valueOf(await pass(next))).toEqual({ index: 1 });
        client.close();
        await server.close();
      }));

    test('gives up what its signal gives up, and nothing else', () =>
      play(async (scene) => {
        const asked = deferred();
        const server = await RawServer.start(scene, async (peer, index) => {
          await peer.message();
          if (index === 0) asked.resolve();
          else peer.send(bytesOf(jsonMessage({ index })));
          await peer.ended;
        });
        const client = new Client(server.address, scene.options);
        const controller = new AbortController();
        const first = client.request(hello, { signal: controller.signal });
        const second = client.request(hello);
        await asked.promise;
        controller.abort(new Error('enough'));
        await expect(first).rejects.toThrow('enough');
        expect(valueOf(await second)).toEqual({ index: 1 });
        client.close();
        await server.close();
      }));

    test('leaves no connection behind when it is closed in the moment in which that stands', () =>
      play(async ({ network, anywhere, options }) => {
        await using server = new Server((request) => jsonMessage(valueOf(request)), options);
        const address = await server.listen(anywhere);
        const closing: Network = {
          capacity: () => network.capacity(),
          listen: (...listening) => network.listen(...listening),
          connect: async (...connecting) => {
            const transport = await network.connect(...connecting);
            queueMicrotask(() => client.close());
            return transport;
          },
        };
        const client = new Client(address, { ...options, network: closing });
        await expect(client.request(hello)).rejects.toThrow(ConnectionClosedError);
      }));

    test('is told that nothing listens', () =>
      play(async (scene) => {
        const server = await RawServer.start(scene, async () => {});
        const { address } = server;
        await server.close();
        const attempt = Client.connect(address, scene.options);
        await expect(attempt).rejects.toThrow(ConnectError);
        await expect(attempt).rejects.toThrow(
          `${formatAddress(address)}: refused: nothing listens there`,
        );
        await expect(attempt).rejects.toMatchObject({
          code: 'connect-failed',
          failures: [expect.any(ConnectionRefusedError)],
        });
        const client = new Client(address, scene.options);
        await expect(client.request(hello)).rejects.toThrow(ConnectError);
        client.close();
      }));
  });
}

function valueOf(message: Message): object {
  return message.kind === 'json' ? message.value : {};
}
