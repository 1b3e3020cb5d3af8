/**
 * What a server does with ids, cancels and deadlines, on any network. What comes back is looked at as it is on the
 * wire. Parts are in `parts-suite.ts`.
 */
import { binaryMessage, jsonMessage, type OutgoingExtensions } from '@wireline/message';
import { RequestRefusedError, type Handler } from '@wireline/service';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import { json, bytes, cancel, next, failure, gather } from './conversing.ts';
import { answersByHand, serve } from './served.ts';
import type { Stage } from './stage.ts';

/** An object with a member that cannot be read. */
function throwing(member: string): OutgoingExtensions {
  return Object.defineProperty({ more: 1 }, member, {
    enumerable: true,
    get: () => {
      throw new Error('not to be read');
    },
  });
}

/** Registers the suite for one stage. */
export function conversationSuite({ name, play }: Stage): void {
  describe(`conversations on ${name}`, () => {
    test('answers with ids overtake each other, and those without keep their order', () =>
      play(async (scene) => {
        const { handler, answers, asked } = answersByHand();
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.send(
          bytesOf(
            json({}, { 'message-id': 7 }),
            jsonMessage({}),
            json({}, { 'message-id': 2 ** 53 - 1 }),
            jsonMessage({}),
          ),
        );
        await asked(4);
        answers[3]?.(jsonMessage({ n: 3 }));
        answers[2]?.(jsonMessage({ n: 2 }));
        expect(await next(peer)).toEqual([{ n: 2 }, { 'in-reply-to': 2 ** 53 - 1 }]);
        answers[0]?.(jsonMessage({ n: 0 }));
        expect(await next(peer)).toEqual([{ n: 0 }, { 'in-reply-to': 7 }]);
        answers[1]?.(jsonMessage({ n: 1 }));
        expect(await next(peer)).toEqual([{ n: 1 }, {}]);
        expect(await next(peer)).toEqual([{ n: 3 }, {}]);
        peer.close();
      }));

    test('an id is free again when its request is answered', () =>
      play(async (scene) => {
        await using it = await serve(scene, () => jsonMessage({}));
        const peer = await it.connect();
        peer.send(bytesOf(...[1, 1, 1].map((id) => json({}, { 'message-id': id }))));
        for (let n = 0; n < 3; n++) expect(await next(peer)).toEqual([{}, { 'in-reply-to': 1 }]);
        peer.close();
      }));

    test.each([
      ['an id in use', { 'message-id': 1 }, 'id-invalid', {}],
      ['no id', { 'message-id': 0 }, 'id-invalid', {}],
      ['an id that is text', { 'message-id': '2' }, 'id-invalid', {}],
      ['an id beyond 2^53-1', { 'message-id': 2n ** 53n }, 'id-invalid', {}],
      ['an answer', { 'in-reply-to': 1 }, 'id-invalid', {}],
      ['parts without an id', { more: true }, 'id-invalid', {}],
      ['a cancel without an id', { cancel: true }, 'id-invalid', {}],
      [
        'more that is no flag',
        { 'message-id': 2, more: 1 },
        'header-invalid',
        { 'in-reply-to': 2 },
      ],
      ['a deadline of 0', { 'deadline-ms': 0 }, 'header-invalid', {}],
      ['a cancel with content', { 'message-id': 1, cancel: true }, 'length-invalid', {}],
    ])(
      '%s breaks the protocol; what was asked before is answered',
      (_name, extensions, code, under) =>
        play(async (scene) => {
          const { handler, answers, asked } = answersByHand();
          await using it = await serve(scene, handler);
          const peer = await it.connect();
          peer.send(bytesOf(json({}, { 'message-id': 1 })));
          await asked(1);
          peer.send(bytesOf(json({ a: 1 }, extensions), jsonMessage({ never: 'read' })));
          expect(await next(peer)).toEqual([failure(code), under]);
          answers[0]?.(jsonMessage({ late: 1 }));
          expect(await next(peer)).toEqual([{ late: 1 }, { 'in-reply-to': 1 }]);
          expect(await peer.ended).toBeUndefined();
          expect(answers).toHaveLength(1);
          peer.close();
        }),
    );

    test('a bad message is answered under its id, and the connection goes on', () =>
      play(async (scene) => {
        await using it = await serve(scene, gather);
        const peer = await it.connect();
        const good = bytesOf(json({ a: 1 }, { 'message-id': 3 }));
        const bad = Buffer.from(
          Buffer.from(good).toString('latin1').replace('{"a": 1}', '["a",1 ]'),
        );
        peer.send(Buffer.concat([bad, good]));
        expect(await next(peer)).toEqual([failure('content-invalid'), { 'in-reply-to': 3 }]);
        expect(await next(peer)).toEqual([{ all: [{ a: 1 }] }, { 'in-reply-to': 3 }]);
        peer.close();
      }));

    test.each([
      ['extensions that are none', { ...jsonMessage({}), extensions: null }],
      ['extensions that throw', jsonMessage({}, { extensions: throwing('x') })],
      [
        'long bytes that are none',
        { ...binaryMessage(new Uint8Array(), 'a/b'), bytes: 'x'.repeat(20_000) },
      ],
    ])('an answer with %s is internal, and the connection goes on', (_name, answer) =>
      play(async (scene) => {
        let asked = 0;
        // Handlers without types give anything.
        const handler = (() => (asked++ === 0 ? answer : jsonMessage({}))) as Handler;
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.send(bytesOf(json({}, { 'message-id': 1 }), json({}, { 'message-id': 2 })));
        expect(await next(peer)).toEqual([failure('internal'), { 'in-reply-to': 1 }]);
        expect(await next(peer)).toEqual([{}, { 'in-reply-to': 2 }]);
        peer.close();
      }),
    );

    test('a cancel ends a request, tells its handler, and is answered by nothing else', () =>
      play(async (scene) => {
        const told = deferred<unknown>();
        const handler: Handler = (request, { signal }) => {
          if (request.kind === 'json' && request.value['quick'] === 1)
            return jsonMessage({ quick: 1 });
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              told.resolve(signal.reason);
              reject(signal.reason as Error);
            });
          });
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.send(bytesOf(json({}, { 'message-id': 1 }), cancel(99), cancel(1), cancel(1)));
        expect(await next(peer)).toEqual([failure('cancelled'), { 'in-reply-to': 1 }]);
        expect(await told.promise).toMatchObject({ name: 'AbortError' });
        peer.send(bytesOf(json({ quick: 1 }, { 'message-id': 1 })));
        expect(await next(peer)).toEqual([{ quick: 1 }, { 'in-reply-to': 1 }]);
        peer.close();
      }));

    test('a cancel of JSON type and of length 0 is a cancel', () =>
      play(async (scene) => {
        await using it = await serve(scene, () => new Promise(() => {}));
        const peer = await it.connect();
        const message = bytesOf(bytes('', { 'message-id': 1, cancel: true }));
        const text = Buffer.from(message.subarray(2)).toString().replace('text/plain', 'text/json');
        const typed = Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);
        peer.send(Buffer.concat([bytesOf(json({}, { 'message-id': 1 })), typed]));
        expect(await next(peer)).toEqual([failure('cancelled'), { 'in-reply-to': 1 }]);
        peer.close();
        await it.server.close({ graceMs: 0 });
      }));

    test('a cancel ends a request that has not come whole, and its id is free', () =>
      play(async (scene) => {
        await using it = await serve(scene, gather);
        const peer = await it.connect();
        peer.send(
          bytesOf(
            json({ a: 1 }, { 'message-id': 1, more: true }),
            cancel(1),
            json({ b: 1 }, { 'message-id': 1 }),
          ),
        );
        expect(await next(peer)).toEqual([failure('cancelled'), { 'in-reply-to': 1 }]);
        expect(await next(peer)).toEqual([{ all: [{ b: 1 }] }, { 'in-reply-to': 1 }]);
        peer.close();
      }));

    test('a cancel ends an answer in parts, and its source cleans up', () =>
      play(async (scene) => {
        const cleaned = deferred();
        const handler: Handler = async function* (_request, { signal }) {
          try {
            yield jsonMessage({ n: 1 });
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            yield jsonMessage({ n: 2 });
          } finally {
            cleaned.resolve();
          }
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.send(bytesOf(json({}, { 'message-id': 1 })));
        expect(await next(peer)).toEqual([{ n: 1 }, { 'in-reply-to': 1, more: true }]);
        peer.send(bytesOf(cancel(1)));
        expect(await next(peer)).toEqual([failure('cancelled'), { 'in-reply-to': 1 }]);
        await cleaned.promise;
        peer.close();
      }));

    test('handlers that go on after a cancel count, so that cancelling brings no peer more of them', () =>
      play(async (scene) => {
        let running = 0;
        const free = deferred();
        const handler: Handler = async () => {
          running += 1;
          await free.promise;
          return jsonMessage({});
        };
        await using it = await serve(scene, handler, { limits: { maxInFlight: 4 } });
        const peer = await it.connect();
        for (let id = 1; id <= 50; id++) {
          peer.send(bytesOf(json({}, { 'message-id': id }), cancel(id)));
        }
        await scene.quiet(() => running);
        expect(running).toBe(4);
        free.resolve();
        for (let id = 1; id <= 50; id++) expect(await next(peer)).toBeDefined();
        expect(running).toBe(50);
        peer.close();
      }));

    test('so many requests whose parts are missing, and no more', () =>
      play(async (scene) => {
        await using it = await serve(scene, gather, { limits: { maxInFlight: 3 } });
        const peer = await it.connect();
        for (let id = 1; id <= 4; id++)
          peer.send(bytesOf(json({}, { 'message-id': id, more: true })));
        const answers = [];
        for (let id = 1; id <= 4; id++) answers.push(await next(peer));
        for (const [value] of answers) expect(value).toEqual(failure('overloaded'));
        expect(answers.at(-1)?.[1]).toEqual({ 'in-reply-to': 4, closing: true });
        expect(await peer.ended).toBeUndefined();
        peer.close();
      }));

    test('requests wait for parts although as many as may be in flight do', () =>
      play(async (scene) => {
        await using it = await serve(scene, gather, { limits: { maxInFlight: 2 } });
        const peer = await it.connect();
        for (const id of [1, 2]) peer.send(bytesOf(json({ id }, { 'message-id': id, more: true })));
        for (const id of [2, 1]) {
          peer.send(bytesOf(json({}, { 'message-id': id })));
          expect(await next(peer)).toEqual([{ all: [{ id }] }, { 'in-reply-to': id }]);
        }
        peer.close();
      }));

    test('a handler refuses with a code, at once, later, and in the middle', () =>
      play(async (scene) => {
        const refusal = new RequestRefusedError('unauthorized', 'not you');
        const handler: Handler = (request) => {
          const { how } = request.kind === 'json' ? request.value : {};
          if (how === 'at once') throw refusal;
          if (how === 'later') return Promise.reject(refusal);
          return (async function* () {
            yield jsonMessage({ n: 1 });
            throw refusal;
          })();
        };
        const failed: unknown[] = [];
        await using it = await serve(scene, handler, {
          observer: { handlerFailed: (...facts) => failed.push(facts) },
        });
        const peer = await it.connect();
        const told = {
          result: 'Error: not you',
          error: { code: 'unauthorized', message: 'not you' },
        };
        for (const how of ['at once', 'later', 'in the middle']) {
          peer.send(bytesOf(json({ how }, { 'message-id': 1 })));
          if (how === 'in the middle') await next(peer);
          expect(await next(peer)).toEqual([told, { 'in-reply-to': 1 }]);
        }
        expect(failed).toEqual([]);
        peer.close();
      }));

    test('going down, what has begun is read and answered to its end, and the last answer says so', () =>
      play(async (scene) => {
        await using it = await serve(scene, gather);
        const peer = await it.connect();
        peer.send(
          bytesOf(
            json({ a: 1 }, { 'message-id': 1, more: true }),
            json({ b: 1 }, { 'message-id': 2 }),
          ),
        );
        expect(await next(peer)).toEqual([{ all: [{ b: 1 }] }, { 'in-reply-to': 2 }]);
        const closed = it.server.close();
        await scene.quiet(() => it.server.connectionCount);
        peer.send(
          bytesOf(
            json({ c: 1 }, { 'message-id': 3 }),
            json({ a: 2 }, { 'message-id': 1, more: true }),
          ),
        );
        peer.send(bytesOf(json({}, { 'message-id': 1 })));
        const last = { 'in-reply-to': 1, closing: true };
        expect(await next(peer)).toEqual([{ all: [{ a: 1 }, { a: 2 }] }, last]);
        expect(await peer.ended).toBeUndefined();
        peer.close();
        await closed;
      }));

    test('a deadline that passes is answered at its time, and the handler is told', () =>
      play(async ({ timed, pass }) => {
        const told = deferred<unknown>();
        const handler: Handler = (_request, { signal, deadline }) => {
          // It counts from the header, which may have come before the rest.
          expect(deadline.remainingMs).toBeGreaterThan(0);
          expect(deadline.remainingMs).toBeLessThanOrEqual(1000);
          signal.addEventListener('abort', () => told.resolve(signal.reason));
          return new Promise(() => {});
        };
        await using it = await serve(timed, handler);
        const peer = await it.connect();
        peer.send(bytesOf(json({}, { 'message-id': 1, 'deadline-ms': 1000 })));
        const begun = timed.clock.now();
        expect(await pass(next(peer))).toEqual([
          failure('deadline-exceeded'),
          { 'in-reply-to': 1 },
        ]);
        expect(timed.clock.now() - begun).toBeGreaterThanOrEqual(1000);
        expect(await told.promise).toMatchObject({ name: 'TimeoutError' });
        peer.close();
        await it.server.close({ graceMs: 0 });
      }));

    test('a deadline needs no id, and its answer waits for those before it', () =>
      play(async ({ timed, pass }) => {
        const { handler, answers, asked } = answersByHand();
        await using it = await serve(timed, handler);
        const peer = await it.connect();
        peer.send(
          bytesOf(
            jsonMessage({}),
            json({}, { 'deadline-ms': 10 }),
            json({}, { 'message-id': 1, 'deadline-ms': 5000 }),
          ),
        );
        await pass(asked(3));
        expect(await pass(next(peer))).toEqual([
          failure('deadline-exceeded'),
          { 'in-reply-to': 1 },
        ]);
        answers[0]?.(jsonMessage({ n: 0 }));
        expect(await pass(next(peer))).toEqual([{ n: 0 }, {}]);
        expect(await pass(next(peer))).toEqual([failure('deadline-exceeded'), {}]);
        peer.close();
        await it.server.close({ graceMs: 0 });
      }));

    test('parts that never come are not waited for longer than a connection may be idle', () =>
      play(async ({ timed, pass }) => {
        await using it = await serve(timed, gather);
        const peer = await it.connect();
        peer.send(bytesOf(json({ a: 1 }, { 'message-id': 1, more: true })));
        expect(await pass(next(peer))).toEqual([failure('timeout'), { 'in-reply-to': 1 }]);
        expect(await pass(peer.ended)).toBeUndefined();
        peer.close();
      }));
  });
}
