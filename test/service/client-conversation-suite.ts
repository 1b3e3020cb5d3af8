/**
 * What a client does with a server that knows ids: many requests on one connection, and what ends them.
 */
import { errorAnswer, jsonMessage, type Message, type OutgoingMessage } from '@wireline/message';
import { AnswerInPartsError, ConnectionBrokenError, MemoryBudget } from '@wireline/service';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import {
  answerOf,
  answerTo,
  bytesTo,
  contentOf,
  hello,
  idOf,
  itemTo,
  prove,
  take,
  takeTwo,
  valueOf,
  withRawServer,
} from './client-answers.ts';
import { later } from './client-reading.ts';
import type { Stage } from './stage.ts';

/** Registers the suite for one stage. */
export function clientConversationSuite(stage: Stage): void {
  describe(`a client in conversation on ${stage.name}`, () => {
    test('gives each request an id and what is left of its time', () =>
      withRawServer(stage, (scene) => {
        const came = deferred();
        return {
          serve: async (peer) => {
            for (let n = 0; n < 5; n++) {
              const request = await peer.message();
              if (n === 0) {
                came.resolve();
                await later(scene, 1_000);
              }
              peer.send(answerTo(request, request.header.extensions));
            }
            await peer.ended;
          },
          options: scene.timed,
          scenario: async (client) => {
            const started = scene.timed.clock.now();
            const first = client.request(hello, { timeoutMs: 200_000.5 });
            const second = client.request(hello, { timeoutMs: 300_000 }); // waits its turn
            await came.promise;
            const plain = await scene.pass(first);
            const passed = scene.timed.clock.now() - started; // a rough network takes its time to connect
            const { 'deadline-ms': deadlineMs, ...others } = valueOf(plain);
            expect(others).toEqual({ 'message-id': 1 });
            expect(deadlineMs).toBeLessThanOrEqual(200_001);
            expect(deadlineMs).toBeGreaterThanOrEqual(Math.ceil(200_000.5 - passed));
            expect(valueOf(await scene.pass(second))['deadline-ms']).toBeLessThanOrEqual(299_000);
            const told = await client.request(hello, { timeoutMs: 2_000, deadlineMs: 0.1 });
            expect(valueOf(told)).toEqual({ 'message-id': 3, 'deadline-ms': 1 });
            const endless = jsonMessage({}, { extensions: { trace: 'x' } });
            const untold = await client.request(endless, { timeoutMs: Infinity });
            expect(valueOf(untold)).toEqual({ 'message-id': 4, trace: 'x' });
            const unlimited = await client.request(hello, { deadlineMs: Infinity });
            expect(valueOf(unlimited)).toEqual({ 'message-id': 5 });
          },
        };
      }));

    test('sends no header of its own where it is told so', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          const request = await peer.message();
          peer.send(bytesOf(jsonMessage({ ...request.header.extensions })));
          await peer.ended;
        },
        options: { ...scene.options, ids: 'never' },
        scenario: async (client) => {
          expect(valueOf(await client.request(hello))).toEqual({});
        },
      })));

    test('writes the headers of the conversation itself, and no caller does', () =>
      withRawServer(stage, () => ({
        serve: async () => {},
        scenario: async (client) => {
          for (const key of ['message-id', 'in-reply-to', 'more', 'cancel']) {
            const own = client.request(jsonMessage({}, { extensions: { [key]: 1 } }));
            await expect(own).rejects.toMatchObject({ code: 'header-invalid', field: key });
          }
          const odd = client.request(hello, { deadlineMs: 0 });
          await expect(odd).rejects.toThrow(RangeError);
        },
      })));

    test('has one request in flight until an answer names its request, then all of them', () =>
      withRawServer(stage, (scene) => {
        let came = 0;
        const proofDue = deferred();
        return {
          serve: async (peer) => {
            const first = await peer.message();
            came += 1;
            await proofDue.promise;
            peer.send(answerTo(first, { n: 0 }));
            const others = await take(peer, 5);
            // In no order of theirs.
            for (const each of others.reverse()) peer.send(answerTo(each, valueOf(each)));
            await peer.ended;
          },
          scenario: async (client) => {
            const answers = Promise.all(
              Array.from({ length: 6 }, (_, n) => client.request(jsonMessage({ n }))),
            );
            await scene.quiet(() => came);
            expect(came).toBe(1);
            proofDue.resolve();
            expect((await answers).map(valueOf)).toEqual(
              Array.from({ length: 6 }, (_, n) => ({ n })),
            );
          },
        };
      }));

    test('puts no server on probation that names requests', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          await prove(peer);
          await prove(peer);
          await peer.ended;
        },
        options: scene.timed,
        scenario: async (client) => {
          await client.request(hello);
          // On real sockets the clock stands still.
          expect(valueOf(await client.request(hello))).toEqual({ proof: true });
        },
      })));

    test('has so many in flight and no more', () =>
      withRawServer(stage, (scene) => {
        let came = 0;
        const answer = deferred();
        return {
          serve: async (peer) => {
            await prove(peer);
            const three = await take(peer, 3);
            came = 3;
            const fourth = peer.message().then((message) => {
              came = 4;
              return message;
            });
            await answer.promise;
            for (const each of three) peer.send(answerTo(each, {}));
            peer.send(answerTo(await fourth, {}));
            await peer.ended;
          },
          options: { ...scene.options, maxInFlight: 3 },
          scenario: async (client) => {
            await client.request(hello);
            const requests = Promise.all([1, 2, 3, 4].map(() => client.request(hello)));
            await scene.quiet(() => came);
            expect(came).toBe(3);
            answer.resolve();
            await requests;
          },
        };
      }));

    test('vouched for, a server gets all at once, and its answers are taken in their order', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          const requests = await take(peer, 4);
          peer.send(bytesOf(...requests.map((each) => jsonMessage({ ...valueOf(each) }))));
          await peer.ended;
        },
        options: { ...scene.options, pipelining: 'always', ids: 'never' },
        scenario: async (client) => {
          const answers = await Promise.all(
            [1, 2, 3, 4].map((n) => client.request(jsonMessage({ n }))),
          );
          expect(answers.map(valueOf)).toEqual([1, 2, 3, 4].map((n) => ({ n })));
        },
      })));

    test.each<[string, (request: Message) => Uint8Array, string]>([
      ['names a request that is not there', () => answerOf(77, {}), 'in-reply-to is 77'],
      ['names none', () => bytesOf(hello), 'does not say in reply to what'],
      [
        'has more and names none',
        () => bytesOf(jsonMessage({}, { extensions: { more: true } })),
        'has more',
      ],
      ['has an id that is none', () => answerOf(0.5, {}), 'no whole number'],
      [
        'is in parts of two types',
        (request) =>
          Buffer.concat([
            bytesTo(request, Uint8Array.of(1), { more: true }),
            bytesTo(request, Uint8Array.of(2), { type: 'image/png' }),
          ]),
        'the type image/png',
      ],
    ])('closes the connection, and all on it fail, when an answer %s', (_fault, bytes, words) =>
      withRawServer(stage, () => ({
        serve: async (peer, index) => {
          await prove(peer);
          if (index === 0) {
            const [first] = await takeTwo(peer);
            peer.send(bytes(first));
          }
          await peer.ended;
        },
        scenario: async (client, server) => {
          await client.request(hello);
          const both = [client.request(hello), client.request(hello)];
          for (const each of await Promise.allSettled(both)) {
            const reason: unknown = each.status === 'rejected' ? each.reason : undefined;
            expect(reason).toBeInstanceOf(ConnectionBrokenError);
            expect(reason).toMatchObject({ cause: { name: 'MessageError' } });
            expect(String(reason)).toContain(words);
          }
          await client.request(hello);
          expect(server.count).toBe(2);
        },
      })),
    );

    test('asks elsewhere what was not processed when the server said goodbye', () =>
      withRawServer(stage, () => ({
        serve: async (peer, index) => {
          if (index === 0) {
            await prove(peer);
            const [first] = await takeTwo(peer);
            await take(peer, 1);
            peer.send(answerTo(first, { n: 1 }, { closing: true }));
          } else {
            for (let n = 0; n < 2; n++) {
              const request = await peer.message();
              peer.send(answerTo(request, { ...valueOf(request), index }));
            }
          }
          await peer.ended;
        },
        scenario: async (client, server) => {
          await client.request(hello);
          const requests = [1, 2, 3].map((n) => client.request(jsonMessage({ n })));
          const answers = (await Promise.all(requests)).map(valueOf);
          expect(answers).toEqual([{ n: 1 }, { n: 2, index: 1 }, { n: 3, index: 1 }]);
          expect(server.count).toBe(2);
        },
      })));

    test.each<[string, number, OutgoingMessage]>([
      ['a plain goodbye', 1, jsonMessage({ bye: 1 }, { extensions: { closing: true } })],
      ['a plain goodbye', 2, jsonMessage({ bye: 1 }, { extensions: { closing: true } })],
      ['an error', 1, errorAnswer('overloaded', 'later', { extensions: { closing: true } })],
    ])('takes %s that names no request for no answer, with %d in flight', (_what, count, goodbye) =>
      withRawServer(stage, () => ({
        serve: async (peer, index) => {
          if (index === 0) {
            await prove(peer);
            await take(peer, count);
            peer.send(bytesOf(goodbye));
          } else {
            for (let n = 0; n < count; n++) await prove(peer);
          }
          await peer.ended;
        },
        scenario: async (client, server) => {
          await client.request(hello);
          const all = Array.from({ length: count }, () => client.request(hello));
          for (const answer of await Promise.all(all)) {
            expect(valueOf(answer)).toEqual({ proof: true });
          }
          expect(server.count).toBe(2);
        },
      })),
    );

    test('repeats three times what servers left unprocessed, and not once more', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          for (const request of await take(peer, 2)) {
            if (valueOf(request)['unlucky'] === true) continue;
            peer.send(answerTo(request, {}, { closing: true }));
          }
          await peer.ended;
        },
        options: { ...scene.options, pipelining: 'always' },
        scenario: async (client, server) => {
          const unlucky = client.request(jsonMessage({ unlucky: true }));
          for (let server = 1; server <= 4; server++) await client.request(hello);
          await expect(unlucky).rejects.toThrow(ConnectionBrokenError);
          await expect(unlucky).rejects.toThrow('said goodbye');
          expect(server.count).toBe(4);
        },
      })));

    test('holds what comes in parts no longer than until the answer', () =>
      withRawServer(stage, (scene) => {
        const budget = new MemoryBudget();
        return {
          serve: async (peer) => {
            const request = await peer.message();
            const piece = new Uint8Array(16 * 1024);
            for (let n = 0; n < 64; n++) peer.send(bytesTo(request, piece, { more: true }));
            peer.send(bytesTo(request, piece));
            await prove(peer);
            await peer.ended;
          },
          options: { ...scene.options, budget },
          scenario: async (client) => {
            await client.request(hello);
            await client.request(hello);
            expect(budget.used).toBeLessThan(512 * 1024);
          },
        };
      }));

    test('joins bytes that come in parts, and says how to ask for items', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          const bytes = await peer.message();
          peer.send(bytesTo(bytes, Uint8Array.of(1, 2), { more: true }));
          peer.send(bytesTo(bytes, Uint8Array.of(), { more: true }));
          peer.send(bytesTo(bytes, Uint8Array.of(3), { more: true }));
          peer.send(bytesTo(bytes, Uint8Array.of(4)));
          const items = await peer.message();
          peer.send(itemTo(items, { n: 1 }));
          expect(idOf(await peer.message())).toBe(idOf(items)); // the cancel
          peer.send(answerTo(items, {}));
          const long = await peer.message();
          peer.send(bytesTo(long, new Uint8Array(150), { more: true }));
          peer.send(bytesTo(long, new Uint8Array(150), { more: true }));
          expect(idOf(await peer.message())).toBe(idOf(long));
          await prove(peer);
          await peer.ended;
        },
        options: { ...scene.options, limits: { maxContentLength: 200 } },
        scenario: async (client, server) => {
          expect([...contentOf(await client.request(hello))]).toEqual([1, 2, 3, 4]);
          const items = client.request(hello);
          await expect(items).rejects.toThrow(AnswerInPartsError);
          await expect(items).rejects.toThrow('stream()');
          await expect(client.request(hello)).rejects.toThrow('longer than 200 bytes');
          await client.request(hello);
          expect(server.count).toBe(1);
        },
      })));

    test('repeats an idempotent request whose answer broke off between two parts', () =>
      withRawServer(stage, () => ({
        serve: async (peer, index) => {
          const request = await peer.message();
          peer.send(bytesTo(request, Uint8Array.of(index), { more: true }));
          if (index === 1) peer.send(bytesTo(request, Uint8Array.of(2)));
          peer.end();
          await peer.ended;
        },
        scenario: async (client) => {
          const answer = await client.request(hello, { idempotent: true });
          expect([...contentOf(answer)]).toEqual([1, 2]);
          await expect(client.request(hello)).rejects.toThrow(ConnectionBrokenError);
        },
      })));
  });
}
