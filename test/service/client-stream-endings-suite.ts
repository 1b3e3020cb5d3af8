/**
 * What ends a stream before its time, and what is left of its connection.
 */
import { errorAnswer } from '@wireline/message';
import {
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
  StreamCancelledError,
} from '@wireline/service';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import {
  bytesTo,
  extensionOf,
  hello,
  idOf,
  itemTo,
  refusalTo,
  withRawServer,
} from './client-answers.ts';
import { answerAll, count, itemsOf, later, readToFailure } from './client-reading.ts';
import type { Stage } from './stage.ts';

/** Registers the suite for one stage. */
export function clientStreamEndingsSuite(stage: Stage): void {
  describe(`a stream that ends early on ${stage.name}`, () => {
    test.each(['a break', 'cancel()'] as const)(
      'is cancelled on the wire by %s, and its connection goes on',
      (how) =>
        withRawServer(stage, (scene) => ({
          options: { ...scene.options, maxConnections: 1 },
          serve: async (peer) => {
            const request = await peer.message();
            for (let n = 1; n <= 3; n++) peer.send(itemTo(request, { n }));
            const cancel = await peer.message();
            expect([idOf(cancel), extensionOf(cancel, 'cancel')]).toEqual([idOf(request), true]);
            peer.send(itemTo(request, { n: 4 }));
            peer.send(refusalTo(request, 'cancelled'));
            await answerAll(peer, (next) => count(peer, next, 1));
          },
          scenario: async (client, server) => {
            const stream = client.stream(hello);
            let seen = 0;
            const read = (async () => {
              for await (const _ of stream) {
                seen += 1;
                if (seen < 2) continue;
                if (how === 'a break') break;
                stream.cancel();
              }
            })();
            if (how === 'a break') await read;
            else await expect(read).rejects.toThrow(StreamCancelledError);
            expect(seen).toBe(2);
            await expect(stream.answer).rejects.toThrow(StreamCancelledError);
            stream.cancel(); // again, and too late
            // The connection is free when the final answer has come; there is no other.
            expect(await itemsOf(client.stream(hello))).toHaveLength(1);
            expect(server.count).toBe(1);
          },
        })),
    );

    test('costs its connection where the server has not shown that it knows ids', () =>
      withRawServer(stage, () => {
        const asked = deferred();
        return {
          serve: async (peer) => {
            await peer.message();
            asked.resolve();
            await peer.ended; // with a reset where there are resets
            expect(peer.unread).toHaveLength(0);
          },
          scenario: async (client) => {
            const stream = client.stream(hello);
            await asked.promise;
            stream.cancel();
            const { error } = await readToFailure(stream);
            expect(error).toBeInstanceOf(StreamCancelledError);
          },
        };
      }));

    test('is given up by its signal', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          const request = await peer.message();
          peer.send(itemTo(request, { n: 1 }));
          await peer.ended;
        },
        scenario: async (client) => {
          const controller = new AbortController();
          const stream = client.stream(hello, { signal: controller.signal });
          const failed = (async () => {
            for await (const _ of stream) controller.abort(new Error('enough'));
          })();
          await expect(failed).rejects.toThrow('enough');
          await expect(stream.answer).rejects.toThrow('enough');
        },
      })));

    test('times out when nothing comes for so long, however long it takes in all', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          const request = await peer.message();
          for (let n = 1; n <= 3; n++) {
            await later(scene, 2_500);
            peer.send(itemTo(request, { n }));
          }
          await peer.ended;
        },
        options: scene.timed,
        scenario: async (client) => {
          const started = scene.timed.clock.now();
          // A rough network delays by less than the time that is left each time.
          const stream = client.stream(hello, { timeoutMs: 8_000 });
          const { error } = await scene.pass(readToFailure(stream));
          expect(error).toBeInstanceOf(RequestTimeoutError);
          expect(scene.timed.clock.now() - started).toBeGreaterThanOrEqual(15_500);
        },
      })));

    test('breaks with its connection, and what came is not taken for the whole', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          const request = await peer.message();
          peer.send(itemTo(request, { n: 1 }));
          peer.end();
          await peer.ended;
        },
        scenario: async (client, server) => {
          const { error } = await readToFailure(client.stream(hello, { idempotent: true }));
          expect(error).toBeInstanceOf(ConnectionBrokenError);
          expect(server.count).toBe(1);
        },
      })));

    test('is repeated where it is idempotent and nothing of it had come', () =>
      withRawServer(stage, () => ({
        serve: async (peer, index) => {
          const request = await peer.message();
          if (index === 0) return;
          count(peer, request, 2);
          await peer.ended;
        },
        scenario: async (client, server) => {
          expect(await itemsOf(client.stream(hello, { idempotent: true }))).toHaveLength(2);
          expect(server.count).toBe(2);
        },
      })));

    test('ends with its client', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          peer.send(itemTo(await peer.message(), { n: 1 }));
          await peer.ended;
        },
        scenario: async (client) => {
          const stream = client.stream(hello);
          const failed = (async () => {
            for await (const _ of stream) client.close();
          })();
          await expect(failed).rejects.toThrow(ConnectionClosedError);
          const { error } = await readToFailure(client.stream(hello));
          expect(error).toBeInstanceOf(ConnectionClosedError);
        },
      })));

    test('needs ids', () =>
      withRawServer(stage, (scene) => ({
        serve: async () => {},
        options: { ...scene.options, ids: 'never' },
        scenario: async (client) => {
          const { error } = await readToFailure(client.stream(hello));
          expect(error).toBeInstanceOf(TypeError);
          await expect(client.request(hello, { parts: [] })).rejects.toThrow("set ids to 'always'");
        },
      })));

    test('that breaks the protocol is broken off', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          const request = await peer.message();
          peer.send(itemTo(request, { n: 1 }));
          peer.send(bytesTo(request, Uint8Array.of(1), { more: true }));
          await peer.ended;
        },
        scenario: async (client) => {
          const { error } = await readToFailure(client.stream(hello));
          expect(error).toMatchObject({
            code: 'connection-broken',
            cause: { code: 'header-invalid' },
          });
        },
      })));

    test('of bytes may end in an error', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          const request = await peer.message();
          peer.send(bytesTo(request, Uint8Array.of(1), { more: true }));
          const extensions = { 'in-reply-to': idOf(request) };
          peer.send(bytesOf(errorAnswer('internal', 'half-way', { extensions })));
          await peer.ended;
        },
        scenario: async (client) => {
          const { items, error } = await readToFailure(client.stream(hello));
          expect(items).toHaveLength(1);
          expect(error).toMatchObject({ code: 'internal' });
        },
      })));
  });
}
