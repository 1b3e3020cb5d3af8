/**
 * What a client does with requests that it gives up, and with connections that end, on any network.
 */
import { errorAnswer, jsonMessage } from '@wireline/message';
import { Client, RequestTimeoutError, Server } from '@wireline/service';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import {
  answerTo,
  extensionOf,
  hello,
  idOf,
  prove,
  take,
  takeTwo,
  valueOf,
  withRawServer,
} from './client-answers.ts';
import type { Stage } from './stage.ts';

/** Registers the suite for one stage. */
export function clientEndingsSuite(stage: Stage): void {
  describe(`a client whose requests end early on ${stage.name}`, () => {
    test.each(['closed', 'given up'])('tells the server when it is gone: %s', (how) =>
      stage.play(async ({ anywhere, options }) => {
        const asked = deferred();
        const aborted = deferred();
        await using server = new Server((_request, { signal }) => {
          signal.addEventListener('abort', () => aborted.resolve());
          asked.resolve();
          return new Promise(() => {});
        }, options);
        const client = new Client(await server.listen(anywhere), options);
        const giveUp = new AbortController();
        const request = client.request(hello, { signal: giveUp.signal });
        const failed = request.catch((error: unknown) => error);
        await asked.promise;
        if (how === 'closed') client.close();
        else giveUp.abort();
        expect(await failed).toBeInstanceOf(Error);
        await aborted.promise;
        client.close();
      }),
    );

    test('cancels what takes too long, and goes on over the same connection', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          await prove(peer);
          const [slow, other] = await takeTwo(peer);
          const cancel = await peer.message();
          expect(cancel.header).toMatchObject({ contentLength: 0, extensions: { cancel: true } });
          expect(idOf(cancel)).toBe(idOf(slow));
          peer.send(answerTo(other, { n: 2 }));
          const next = await peer.message();
          expect(idOf(next)).not.toBe(idOf(cancel));
          peer.send(answerTo(cancel, { late: true })); // it had been on its way
          peer.send(answerTo(next, { n: 3 }));
          await peer.ended;
        },
        options: scene.timed,
        scenario: async (client, server) => {
          await client.request(hello);
          const slow = client.request(hello, { timeoutMs: 3_000 });
          const other = client.request(hello, { timeoutMs: Infinity });
          await expect(scene.pass(slow)).rejects.toThrow(RequestTimeoutError);
          expect(valueOf(await scene.pass(other))).toEqual({ n: 2 });
          const next = client.request(hello, { timeoutMs: Infinity });
          expect(valueOf(await scene.pass(next))).toEqual({ n: 3 });
          expect(server.count).toBe(1);
        },
      })));

    test('cancels what its signal gives up, and repeats it nowhere', () =>
      withRawServer(stage, () => {
        const asked = deferred();
        return {
          serve: async (peer, index) => {
            await prove(peer);
            if (index === 0) {
              const [given, kept] = await takeTwo(peer);
              asked.resolve();
              const cancel = await peer.message();
              expect([idOf(cancel), extensionOf(cancel, 'cancel')]).toEqual([idOf(given), true]);
              peer.send(answerTo(kept, {}, { closing: true }));
            }
            await peer.ended;
          },
          scenario: async (client, server) => {
            await client.request(hello);
            const controller = new AbortController();
            const given = client.request(hello, { signal: controller.signal, idempotent: true });
            const kept = client.request(hello);
            await asked.promise;
            controller.abort(new Error('enough'));
            await expect(given).rejects.toThrow('enough');
            await kept;
            expect(valueOf(await client.request(hello))).toEqual({ proof: true });
            expect(server.count).toBe(2);
          },
        };
      }));

    test('gives up a connection on which no cancel is ever answered', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          await prove(peer);
          await peer.ended;
        },
        options: { ...scene.timed, maxInFlight: 2 },
        scenario: async (client, server) => {
          await client.request(hello);
          for (let n = 0; n < 2; n++) {
            const slow = client.request(hello, { timeoutMs: 1_000 });
            await expect(scene.pass(slow)).rejects.toThrow(RequestTimeoutError);
          }
          const before = scene.timed.clock.now();
          await scene.pass(client.request(hello, { timeoutMs: Infinity }));
          expect(server.count).toBe(2);
          expect(scene.timed.clock.now() - before).toBeGreaterThanOrEqual(28_000);
        },
      })));

    test('keeps its connection when all that is in flight is given up at once', () =>
      withRawServer(stage, (scene) => {
        const asked = deferred();
        return {
          serve: async (peer) => {
            await prove(peer);
            await take(peer, 2);
            asked.resolve();
            for (const cancel of await take(peer, 2)) peer.send(answerTo(cancel, {}));
            await prove(peer);
            await peer.ended;
          },
          options: { ...scene.options, maxInFlight: 2 },
          scenario: async (client, server) => {
            await client.request(hello);
            const controller = new AbortController();
            const { signal } = controller;
            const both = Promise.allSettled([1, 2].map(() => client.request(hello, { signal })));
            await asked.promise;
            controller.abort();
            await both;
            expect(valueOf(await client.request(hello))).toEqual({ proof: true });
            expect(server.count).toBe(1);
          },
        };
      }));

    test('finds out that a line fell silent', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          await prove(peer);
          await peer.ended;
        },
        options: scene.timed,
        scenario: async (client) => {
          await client.request(hello);
          const stuck = client.request(hello, { timeoutMs: Infinity });
          const slow = client.request(hello, { timeoutMs: 1_000 });
          await expect(scene.pass(slow)).rejects.toThrow(RequestTimeoutError);
          const before = scene.timed.clock.now();
          await expect(scene.pass(stuck)).rejects.toThrow('the answer to a cancel is due');
          expect(scene.timed.clock.now() - before).toBeGreaterThanOrEqual(29_000);
        },
      })));

    test('waits for earlier answers when one request has lost the framing', () =>
      withRawServer(stage, () => ({
        serve: async (peer, index) => {
          await prove(peer);
          if (index === 0) {
            const [first, bad] = await takeTwo(peer);
            await take(peer, 1);
            const extensions = { 'in-reply-to': idOf(bad) };
            peer.send(bytesOf(errorAnswer('content-too-large', 'no', { extensions })));
            peer.send(answerTo(first, { n: 1 }));
            peer.end();
          }
          await peer.ended;
        },
        scenario: async (client) => {
          await client.request(hello);
          const [first, bad, behind] = [1, 2, 3].map((n) => client.request(jsonMessage({ n })));
          const [one, two, three] = await Promise.allSettled([first, bad, behind]);
          expect(one).toMatchObject({ status: 'fulfilled' });
          expect(two).toMatchObject({ reason: { code: 'content-too-large' } });
          expect(three).toMatchObject({ reason: { name: 'ConnectionBrokenError' } });
        },
      })));

    test('hears why a connection ends of which the server could not say for which request', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          await prove(peer);
          await take(peer, 2);
          peer.send(bytesOf(errorAnswer('timeout', 'too slow')));
          peer.end();
          await peer.ended;
        },
        scenario: async (client) => {
          await client.request(hello);
          const both = await Promise.allSettled([client.request(hello), client.request(hello)]);
          for (const each of both) {
            expect(each).toMatchObject({
              reason: { code: 'connection-broken', cause: { code: 'timeout' } },
            });
          }
        },
      })));
  });
}
