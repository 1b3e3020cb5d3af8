/**
 * What a client does with answers that come in parts.
 */
import { jsonMessage } from '@wireline/message';
import { AnswerError, MemoryBudget, RequestTimeoutError } from '@wireline/service';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import {
  answerTo,
  bytesTo,
  contentOf,
  extensionOf,
  hello,
  itemTo,
  refusalTo,
  valueOf,
  withRawServer,
} from './client-answers.ts';
import { answerAll, count, itemsOf, later, readToFailure } from './client-reading.ts';
import type { Stage } from './stage.ts';

/** Registers the suite for one stage. */
export function clientStreamSuite(stage: Stage): void {
  describe(`a stream on ${stage.name}`, () => {
    test('brings items as they come, and then the answer', () =>
      withRawServer(stage, () => {
        const second = deferred();
        return {
          serve: async (peer) => {
            const request = await peer.message();
            expect(extensionOf(request, 'deadline-ms')).toBeUndefined();
            expect(extensionOf(request, 'more')).toBeUndefined();
            peer.send(itemTo(request, { n: 1 }));
            await second.promise;
            peer.send(itemTo(request, { n: 2 }));
            peer.send(answerTo(request, { counted: 2 }));
            await peer.ended;
          },
          scenario: async (client) => {
            const stream = client.stream(hello);
            const items: object[] = [];
            for await (const item of stream) {
              items.push(valueOf(item));
              second.resolve(); // only when the first was here
            }
            expect(items).toEqual([{ n: 1 }, { n: 2 }]);
            expect(valueOf(await stream.answer)).toEqual({ counted: 2 });
            expect(() => stream[Symbol.asyncIterator]()).toThrow('read already');
          },
        };
      }));

    test('brings bytes to the last of them', () =>
      withRawServer(stage, () => ({
        serve: (peer) =>
          answerAll(peer, (request) => {
            peer.send(bytesTo(request, Uint8Array.of(1, 2), { more: true }));
            peer.send(bytesTo(request, Uint8Array.of(3)));
          }),
        scenario: async (client) => {
          const bytes: number[] = [];
          for await (const part of client.stream(hello)) bytes.push(...contentOf(part));
          expect(bytes).toEqual([1, 2, 3]);
        },
      })));

    test('throws an error answer behind the items that came before it', () =>
      withRawServer(stage, () => ({
        serve: (peer) =>
          answerAll(peer, (request) => {
            peer.send(itemTo(request, { n: 1 }));
            peer.send(itemTo(request, { n: 2 }));
            peer.send(refusalTo(request, 'overloaded'));
          }),
        scenario: async (client, server) => {
          const { items, error } = await readToFailure(client.stream(hello));
          expect(items).toEqual([{ n: 1 }, { n: 2 }]);
          expect(error).toBeInstanceOf(AnswerError);
          expect(error).toMatchObject({ code: 'overloaded' });
          await readToFailure(client.stream(hello));
          expect(server.count).toBe(1);
        },
      })));

    test('has a connection of its own, and leaves it in order to the next', () =>
      withRawServer(stage, () => {
        const [slow, begun] = [deferred(), deferred()];
        return {
          serve: (peer) =>
            answerAll(peer, async (request) => {
              if (valueOf(request)['slow'] === true) {
                begun.resolve();
                await slow.promise;
              }
              count(peer, request, 3);
            }),
          scenario: async (client, server) => {
            const stream = client.stream(jsonMessage({ slow: true }));
            await begun.promise;
            // Nobody waits for it.
            expect(await itemsOf(client.stream(hello))).toHaveLength(3);
            expect(await itemsOf(client.stream(hello))).toHaveLength(3);
            expect(server.count).toBe(2);
            slow.resolve();
            expect(await itemsOf(stream)).toHaveLength(3);
            const two = [client.stream(hello), client.stream(hello)];
            expect(await Promise.all(two.map(itemsOf))).toHaveLength(2);
            expect(server.count).toBe(2);
          },
        };
      }));

    test('waits where there are as many connections as there may be, and leaves one for requests', () =>
      withRawServer(stage, (scene) => {
        const go = deferred();
        let begun = 0;
        return {
          serve: (peer) =>
            answerAll(peer, async (request) => {
              if (valueOf(request)['plain'] === true) {
                peer.send(answerTo(request, {}));
                return;
              }
              begun += 1;
              await go.promise;
              count(peer, request, 1);
            }),
          options: { ...scene.options, maxConnections: 3 },
          scenario: async (client, server) => {
            const streams = [1, 2, 3, 4].map(() => itemsOf(client.stream(hello)));
            await scene.quiet(() => begun);
            expect(begun).toBe(2);
            await client.request(jsonMessage({ plain: true }));
            expect(server.count).toBe(3);
            go.resolve();
            expect(await Promise.all(streams)).toHaveLength(4);
            expect(server.count).toBe(3);
          },
        };
      }));

    test('shares the only connection with requests, one after the other', () =>
      withRawServer(stage, (scene) => ({
        serve: (peer) => answerAll(peer, (request) => count(peer, request, 2)),
        options: { ...scene.options, maxConnections: 1 },
        scenario: async (client, server) => {
          const items = await Promise.all([1, 2, 3].map(() => itemsOf(client.stream(hello))));
          expect(items).toHaveLength(3);
          await expect(client.request(hello)).rejects.toMatchObject({ code: 'answer-in-parts' });
          expect(await itemsOf(client.stream(hello))).toHaveLength(2);
          expect(server.count).toBe(1);
        },
      })));

    test('holds the server up while its reader is slow, and no time passes', () =>
      withRawServer(stage, (scene) => {
        let sent = 0;
        const budget = new MemoryBudget();
        const piece = new Uint8Array(16 * 1024);
        const pieces = Math.ceil((2 * scene.big) / piece.length);
        return {
          serve: async (peer) => {
            const request = await peer.message();
            while (sent < pieces) {
              peer.send(bytesTo(request, piece, { more: true }));
              sent += 1;
            }
            await peer.ended;
          },
          options: { ...scene.timed, maxStreamQueued: 64 * 1024, budget },
          scenario: async (client) => {
            const stream = client.stream(hello, { timeoutMs: 2_000 });
            const reading = stream[Symbol.asyncIterator]();
            let length = contentOf((await reading.next()).value ?? failNow()).length;
            await scene.quiet(() => sent);
            await scene.pass(later(scene, 10_000)); // far longer than the time-out
            expect(budget.used).toBeLessThan(400 * 1024); // of a megabyte and more
            while (length < pieces * piece.length) {
              length += contentOf((await reading.next()).value ?? failNow()).length;
            }
            // Behind the last of them nothing comes, and time passes again.
            await expect(scene.pass(reading.next())).rejects.toThrow(RequestTimeoutError);
            expect(length).toBe(pieces * piece.length);
          },
        };
      }));

    test('takes the one answer of a server that knows no parts', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          await peer.message();
          peer.send(bytesOf(jsonMessage({ old: true })));
          await peer.ended;
        },
        options: scene.timed,
        scenario: async (client, server) => {
          for (let n = 1; n <= 2; n++) {
            const stream = client.stream(hello);
            expect(await itemsOf(stream)).toEqual([]);
            expect(valueOf(await stream.answer)).toEqual({ old: true });
            expect(server.count).toBe(n); // it has shown nothing, and is not relied on
            await scene.pass(later(scene, 1_000));
          }
        },
      })));
  });
}

function failNow(): never {
  throw new Error('nothing came');
}
