/**
 * What a client does with requests that it sends in parts.
 */
import { binaryMessage, jsonMessage, type Message, type OutgoingMessage } from '@wireline/message';
import { ConnectionBrokenError, RequestTimeoutError } from '@wireline/service';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import {
  answerTo,
  contentOf,
  extensionOf,
  hello,
  idOf,
  itemTo,
  valueOf,
  withRawServer,
} from './client-answers.ts';
import type { Peer } from './peer.ts';
import type { Stage } from './stage.ts';

const TYPE = 'application/octet-stream';

/** All messages of a request, to the last one or a cancel. */
async function takeAll(peer: Peer): Promise<Message[]> {
  const messages = [await peer.message()];
  while (extensionOf(messages.at(-1) ?? fail(), 'more') === true) {
    messages.push(await peer.message());
  }
  return messages;
}

function fail(): never {
  throw new Error('no message came');
}

/** Items without end; counts how many were asked for, and says when it is told to stop. */
class Endless {
  asked = 0;
  readonly stopped = deferred();

  async *parts(part: OutgoingMessage): AsyncGenerator<OutgoingMessage, void> {
    try {
      for (;;) {
        this.asked += 1;
        yield part;
      }
    } finally {
      this.stopped.resolve();
    }
  }
}

/** Registers the suite for one stage. */
export function clientUploadSuite(stage: Stage): void {
  describe(`a request in parts on ${stage.name}`, () => {
    test.each(['of a list', 'as they come'] as const)('sends items %s, and an end', (how) =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          for (let n = 0; n < 2; n++) {
            const messages = await takeAll(peer);
            const [first] = messages;
            const id = idOf(first ?? fail());
            expect(messages.map(idOf)).toEqual(messages.map(() => id));
            peer.send(answerTo(first ?? fail(), { got: messages.map(valueOf) }));
          }
          await peer.ended;
        },
        scenario: async (client, server) => {
          const items = [1, 2].map((n) => jsonMessage({ n }));
          const source = async function* (): AsyncGenerator<OutgoingMessage, void> {
            yield* items;
          };
          const parts = how === 'of a list' ? items : source();
          const answer = await client.request(hello, { parts });
          expect(valueOf(answer)).toEqual({ got: [{ hello: 1 }, { n: 1 }, { n: 2 }, {}] });
          const empty = await client.request(hello, { parts: [] });
          expect(valueOf(empty)).toEqual({ got: [{ hello: 1 }, {}] });
          expect(server.count).toBe(1);
        },
      })),
    );

    test('sends bytes, long ones in pieces, and what its source returns last', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          const messages = await takeAll(peer);
          expect(new Set(messages.map(({ header }) => header.contentType))).toEqual(
            new Set([TYPE]),
          );
          const lengths = messages.map((message) => contentOf(message).length);
          peer.send(answerTo(messages[0] ?? fail(), { lengths }));
          await peer.ended;
        },
        scenario: async (client) => {
          const source = async function* (): AsyncGenerator<OutgoingMessage, OutgoingMessage> {
            yield binaryMessage(new Uint8Array(300 * 1024), TYPE);
            return binaryMessage(new Uint8Array(3), TYPE);
          };
          const request = binaryMessage(new Uint8Array(1), TYPE);
          const answer = await client.request(request, { parts: source() });
          expect(valueOf(answer)).toEqual({ lengths: [1, 256 * 1024, 44 * 1024, 3] });
        },
      })));

    test('ends bytes with bytes where there are none', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => {
          const [first, last] = await takeAll(peer);
          expect(last?.header).toMatchObject({ contentType: TYPE, contentLength: 0 });
          peer.send(answerTo(first ?? fail(), {}));
          await peer.ended;
        },
        scenario: async (client) => {
          const request = binaryMessage(new Uint8Array(1), TYPE);
          expect(valueOf(await client.request(request, { parts: [] }))).toEqual({});
        },
      })));

    test('asks its source for no more than there is room for', () =>
      withRawServer(stage, (scene) => {
        const endless = new Endless();
        const [full, begun] = [deferred(), deferred()];
        const part = binaryMessage(new Uint8Array(64 * 1024), TYPE);
        return {
          serve: async (peer) => {
            const request = await peer.message();
            peer.pause();
            begun.resolve();
            await full.promise;
            peer.resume();
            peer.send(answerTo(request, { enough: true }));
            while (extensionOf(await peer.message(), 'cancel') !== true);
            // Nothing of it follows the cancel, and the connection goes on.
            const next = await peer.message();
            expect(idOf(next)).not.toBe(idOf(request));
            peer.send(answerTo(next, {}));
            await peer.ended;
          },
          options: { ...scene.options, maxConnections: 1 },
          scenario: async (client, server) => {
            const request = client.request(part, { parts: endless.parts(part) });
            await begun.promise;
            await scene.quiet(() => endless.asked);
            const room = scene.holds + 1024 * 1024; // what is on its way, and what waits to be
            expect(endless.asked).toBeLessThan(room / part.bytes.length);
            full.resolve();
            expect(valueOf(await request)).toEqual({ enough: true });
            await endless.stopped.promise;
            await client.request(hello);
            expect(server.count).toBe(1);
          },
        };
      }));

    test('fails as its source does, and tells a server that knows ids', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer, index) => {
          if (index === 0) {
            await peer.ended; // it had shown nothing
            return;
          }
          const request = await peer.message();
          peer.send(itemTo(request, { heard: true }));
          let last = await peer.message();
          while (extensionOf(last, 'more') === true) last = await peer.message();
          expect([idOf(last), extensionOf(last, 'cancel')]).toEqual([idOf(request), true]);
          peer.send(answerTo(request, {}));
          peer.send(answerTo(await peer.message(), {}));
          await peer.ended;
        },
        options: { ...scene.options, maxConnections: 1 },
        scenario: async (client, server) => {
          const broken = async function* (): AsyncGenerator<OutgoingMessage, void> {
            yield hello;
            throw new Error('no more coffee');
          };
          await expect(client.request(hello, { parts: broken() })).rejects.toThrow(
            'no more coffee',
          );
          const heard = deferred();
          const late = async function* (): AsyncGenerator<OutgoingMessage, void> {
            yield hello;
            await heard.promise;
            throw new Error('no more tea');
          };
          const stream = client.stream(hello, { parts: late() });
          const read = (async () => {
            for await (const _ of stream) heard.resolve();
          })();
          await expect(read).rejects.toThrow('no more tea');
          await client.request(hello);
          expect(server.count).toBe(2);
        },
      })));

    test('fails when a part has another type, or breaks a limit', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => void (await peer.ended),
        options: { ...scene.options, limits: { maxContentLength: 1000 } },
        scenario: async (client) => {
          const mixed = client.request(hello, { parts: [binaryMessage(new Uint8Array(1), TYPE)] });
          await expect(mixed).rejects.toMatchObject({ code: 'header-invalid' });
          const long = client.request(hello, { parts: [jsonMessage({ x: 'x'.repeat(1000) })] });
          await expect(long).rejects.toMatchObject({ code: 'content-too-large' });
        },
      })));

    test('is not repeated once its source was asked', () =>
      withRawServer(stage, () => ({
        serve: async (peer) => void (await peer.message()),
        scenario: async (client, server) => {
          const request = client.request(hello, { parts: [hello], idempotent: true });
          await expect(request).rejects.toThrow(ConnectionBrokenError);
          expect(server.count).toBe(1);
        },
      })));

    test('times out by what goes by, both ways', () =>
      withRawServer(stage, (scene) => ({
        serve: async (peer) => {
          await takeAll(peer);
          await peer.ended;
        },
        options: scene.timed,
        scenario: async (client) => {
          const started = scene.timed.clock.now();
          const slow = async function* (): AsyncGenerator<OutgoingMessage, void> {
            for (let n = 0; n < 3; n++) {
              await new Promise<void>((resolve) => void scene.timed.clock.after(2_500, resolve));
              yield hello;
            }
          };
          const request = client.request(hello, { parts: slow(), timeoutMs: 8_000 });
          await expect(scene.pass(request)).rejects.toThrow(RequestTimeoutError);
          expect(scene.timed.clock.now() - started).toBeGreaterThanOrEqual(15_500);
        },
      })));
  });
}
