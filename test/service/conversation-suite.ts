/**
 * What a server does with ids, parts, cancels and deadlines, on any network. What comes back is looked at as it
 * is on the wire.
 */
import {
  binaryMessage,
  jsonMessage,
  type Message,
  type OutgoingExtensions,
  type OutgoingMessage,
} from '@wireline/message';
import { MemoryBudget, RequestRefusedError, type Handler } from '@wireline/service';
import { nativeNetwork } from '@wireline/service/testing';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import type { Peer } from './peer.ts';
import { answersByHand, serve } from './served.ts';
import type { Stage } from './stage.ts';

/** A JSON message with extensions. */
function json(value: object, extensions: OutgoingExtensions): OutgoingMessage {
  return jsonMessage(value, { extensions });
}

/** Bytes with extensions. */
function bytes(text: string, extensions: OutgoingExtensions): OutgoingMessage {
  return binaryMessage(Buffer.from(text), 'text/plain', { extensions });
}

function cancel(id: number): OutgoingMessage {
  return bytes('', { 'message-id': id, cancel: true });
}

/** What an answer says, and about which request. */
async function next(peer: Peer): Promise<readonly [unknown, object]> {
  const message = await peer.message();
  return [contentOf(message), message.header.extensions];
}

function contentOf(message: Message): unknown {
  return message.kind === 'json' ? message.value : Buffer.from(message.bytes).toString();
}

/** An object with a member that cannot be read. */
function throwing(member: string): OutgoingExtensions {
  return Object.defineProperty({ more: 1 }, member, {
    enumerable: true,
    get: () => {
      throw new Error('not to be read');
    },
  });
}

/** What an error answer looks like. */
function failure(code: string): object {
  const text: unknown = expect.any(String);
  return { result: text, error: { code, message: text } };
}

/** Repeats a request with all that follows it, when it has come. */
const gather: Handler = async (request, { parts }) => {
  const all = [contentOf(request)];
  for await (const part of parts) all.push(contentOf(part));
  return jsonMessage({ all });
};

/** Counts to `to`, a part for each number. */
const count: Handler = async function* (request) {
  const to = Number(request.kind === 'json' ? request.value['to'] : 0);
  for (let n = 1; n <= to; n++) yield jsonMessage({ n });
  return jsonMessage({ counted: to });
};

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

    test('a request in parts, among others', () =>
      play(async (scene) => {
        await using it = await serve(scene, gather);
        const peer = await it.connect();
        peer.send(
          bytesOf(
            json({ a: 1 }, { 'message-id': 1, more: true }),
            bytes('x', { 'message-id': 2, more: true }),
            json({ a: 2 }, { 'message-id': 1, more: true }),
            json({ b: 1 }, { 'message-id': 3 }),
            bytes('y', { 'message-id': 2, more: true }),
            json({}, { 'message-id': 1 }),
          ),
        );
        const answers = [await next(peer), await next(peer)];
        expect(answers).toContainEqual([{ all: [{ b: 1 }] }, { 'in-reply-to': 3 }]);
        expect(answers).toContainEqual([{ all: [{ a: 1 }, { a: 2 }] }, { 'in-reply-to': 1 }]);
        peer.send(bytesOf(bytes('z', { 'message-id': 2 })));
        expect(await next(peer)).toEqual([{ all: ['x', 'y', 'z'] }, { 'in-reply-to': 2 }]);
        peer.close();
      }));

    test('a part of another type breaks the protocol, and its request ends', () =>
      play(async (scene) => {
        await using it = await serve(scene, gather);
        const peer = await it.connect();
        peer.send(
          bytesOf(
            json({ a: 1 }, { 'message-id': 1, more: true }),
            bytes('x', { 'message-id': 1, more: true }),
          ),
        );
        expect(await next(peer)).toEqual([failure('header-invalid'), { 'in-reply-to': 1 }]);
        expect(await peer.ended).toBeUndefined();
        peer.close();
      }));

    test('a request whose parts are cut off is answered, and its handler is told', () =>
      play(async (scene) => {
        const told = deferred<unknown>();
        const handler: Handler = (request, context) => {
          const answer = gather(request, context);
          Promise.resolve(answer).catch(told.resolve);
          return answer;
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.send(bytesOf(json({ a: 1 }, { 'message-id': 1, more: true })));
        peer.end();
        expect(await next(peer)).toEqual([failure('content-invalid'), { 'in-reply-to': 1 }]);
        expect(await told.promise).toMatchObject({ name: 'AbortError' });
        expect(await peer.ended).toBeUndefined();
        peer.close();
      }));

    test('an answer before the last part: what still comes is thrown away', () =>
      play(async (scene) => {
        await using it = await serve(scene, (request) =>
          request.header.extensions['more'] === true ? jsonMessage({ enough: 1 }) : jsonMessage({}),
        );
        const peer = await it.connect();
        peer.send(bytesOf(json({ a: 1 }, { 'message-id': 1, more: true })));
        expect(await next(peer)).toEqual([{ enough: 1 }, { 'in-reply-to': 1 }]);
        const part = json({ text: 'x'.repeat(1000) }, { 'message-id': 1, more: true });
        for (let n = 0; n < 1000; n++) peer.send(bytesOf(part));
        peer.send(bytesOf(json({}, { 'message-id': 1 }), json({}, { 'message-id': 1 })));
        expect(await next(peer)).toEqual([{}, { 'in-reply-to': 1 }]);
        peer.close();
      }));

    test('who does not read the parts of a request holds its peer up, and all are there', () =>
      play(async (scene) => {
        const begin = deferred();
        const handler: Handler = async (_request, { parts }) => {
          await begin.promise;
          let length = 0;
          for await (const part of parts) length += part.header.contentLength;
          return jsonMessage({ length });
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        const piece = 'x'.repeat(16 * 1024);
        const pieces = Math.ceil((scene.holds + 1024 * 1024) / piece.length);
        for (let n = 0; n < pieces; n++) {
          peer.send(bytesOf(bytes(piece, { 'message-id': 1, more: true })));
        }
        peer.send(bytesOf(bytes('', { 'message-id': 1 })));
        await scene.quiet(() => peer.unsent);
        expect(peer.unsent).toBeGreaterThan(0);
        expect(it.server.counters.limits.maxStreamQueued).toBe(1);
        begin.resolve();
        // The first part is the request itself.
        const length = (pieces - 1) * piece.length;
        expect(await next(peer)).toEqual([{ length }, { 'in-reply-to': 1 }]);
        peer.close();
      }));

    test('parts that are lent are all there, in a few pieces of memory', () =>
      play(async (scene) => {
        const memory = new Set<ArrayBufferLike>();
        const handler: Handler = async (_request, { parts }) => {
          const seen = [];
          for await (const part of parts.lent()) {
            if (part.kind !== 'binary') continue;
            seen.push(part.bytes.every((byte) => byte === part.bytes[0]) ? part.bytes[0] : 'mixed');
            memory.add(part.bytes.buffer);
          }
          return jsonMessage({ seen });
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        const more = { 'message-id': 1, more: true };
        const expected = Array.from({ length: 40 }, (_, n) => n);
        peer.send(bytesOf(bytes('', more)));
        for (const n of expected) {
          const part = new Uint8Array(100_000).fill(n);
          peer.send(bytesOf(binaryMessage(part, 'text/plain', { extensions: more })));
        }
        peer.send(bytesOf(bytes('', { 'message-id': 1 })));
        expect(await next(peer)).toEqual([{ seen: expected }, { 'in-reply-to': 1 }]);
        // Over node:net chunks come as they are.
        if (scene.network === nativeNetwork) expect(memory.size).toBeLessThan(expected.length / 2);
        peer.close();
      }));

    test('an answer in parts, and its end', () =>
      play(async (scene) => {
        await using it = await serve(scene, count);
        const peer = await it.connect();
        peer.send(bytesOf(json({ to: 2 }, { 'message-id': 1 })));
        expect(await next(peer)).toEqual([{ n: 1 }, { 'in-reply-to': 1, more: true }]);
        expect(await next(peer)).toEqual([{ n: 2 }, { 'in-reply-to': 1, more: true }]);
        expect(await next(peer)).toEqual([{ counted: 2 }, { 'in-reply-to': 1 }]);
        peer.send(bytesOf(json({ to: 1 }, { 'message-id': 1 })));
        expect(await next(peer)).toEqual([{ n: 1 }, { 'in-reply-to': 1, more: true }]);
        expect(await next(peer)).toEqual([{ counted: 1 }, { 'in-reply-to': 1 }]);
        peer.close();
      }));

    test('an answer in parts that fails in the middle', () =>
      play(async (scene) => {
        const failures: unknown[] = [];
        const handler: Handler = async function* () {
          yield binaryMessage(Buffer.from('some'), 'text/plain');
          throw new Error('boom');
        };
        await using it = await serve(scene, handler, {
          observer: { handlerFailed: (_connection, _request, error) => failures.push(error) },
        });
        const peer = await it.connect();
        peer.send(bytesOf(json({}, { 'message-id': 1 })));
        expect(await next(peer)).toEqual(['some', { 'in-reply-to': 1, more: true }]);
        expect(await next(peer)).toEqual([failure('internal'), { 'in-reply-to': 1 }]);
        expect(failures).toEqual([new Error('boom')]);
        peer.close();
      }));

    test('an answer in parts is for requests with an id, and is not begun without', () =>
      play(async (scene) => {
        let begun = false;
        const handler: Handler = async function* () {
          begun = true;
          yield jsonMessage({});
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.send(bytesOf(jsonMessage({})));
        expect(await next(peer)).toEqual([failure('input-invalid'), {}]);
        expect(begun).toBe(false);
        peer.close();
      }));

    test('parts are made when there is room for them, and not before', () =>
      play(async (scene) => {
        const piece = new Uint8Array(16 * 1024);
        let made = 0;
        const handler: Handler = async function* () {
          for (; made * piece.length < scene.holds + 4 * 1024 * 1024; made++) {
            yield binaryMessage(piece, 'text/plain');
          }
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.pause();
        peer.send(bytesOf(json({}, { 'message-id': 1 })));
        await scene.quiet(() => made);
        expect(made * piece.length).toBeLessThan(scene.holds + 1024 * 1024);
        peer.resume();
        let length = 0;
        for (;;) {
          const part = await peer.message();
          length += part.header.contentLength;
          if (part.header.extensions['more'] !== true) break;
        }
        expect(length).toBe(made * piece.length);
        peer.close();
      }));

    test('a long part goes in pieces that the limit allows, and says what it says once', () =>
      play(async (scene) => {
        const handler: Handler = async function* () {
          yield binaryMessage(new Uint8Array(2500), 'text/plain', { extensions: { name: 'a' } });
        };
        await using it = await serve(scene, handler, { limits: { maxContentLength: 1000 } });
        const peer = await it.connect();
        peer.send(bytesOf(json({}, { 'message-id': 1 })));
        const more = { 'in-reply-to': 1, more: true };
        expect(await next(peer)).toEqual(['\0'.repeat(1000), { ...more, name: 'a' }]);
        expect(await next(peer)).toEqual(['\0'.repeat(1000), more]);
        expect(await next(peer)).toEqual(['\0'.repeat(500), more]);
        expect(await next(peer)).toEqual(['', { 'in-reply-to': 1 }]);
        peer.close();
      }));

    test('many streams that nobody reads hold no more than one does, and all come to their end', () =>
      play(async (scene) => {
        const budget = new MemoryBudget();
        const piece = new Uint8Array(256 * 1024);
        const handler: Handler = async function* () {
          for (let n = 0; n < 4; n++) yield binaryMessage(piece, 'text/plain');
        };
        await using it = await serve(scene, handler, {
          budget,
          limits: { maxContentLength: piece.length },
        });
        const peer = await it.connect();
        peer.pause();
        for (let id = 1; id <= 40; id++) peer.send(bytesOf(json({}, { 'message-id': id })));
        await scene.quiet(() => budget.used);
        expect(budget.used).toBeLessThan(2 * 1024 * 1024);
        peer.resume();
        let length = 0;
        for (let ended = 0; ended < 40;) {
          const { header } = await peer.message();
          length += header.contentLength;
          if (header.extensions['more'] !== true) ended += 1;
        }
        expect(length).toBe(40 * 4 * piece.length);
        peer.close();
      }));

    test('parts that are asked for behind the answer are cut off, not at their end', () =>
      play(async (scene) => {
        const read = deferred<unknown>();
        const whole = deferred();
        const handler: Handler = (_request, context) => {
          whole.promise
            .then(async () => {
              for await (const part of context.parts) expect(part).toBeDefined();
            })
            .then(read.resolve, read.resolve);
          return jsonMessage({ accepted: true });
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.send(bytesOf(json({}, { 'message-id': 1, more: true })));
        expect(await next(peer)).toEqual([{ accepted: true }, { 'in-reply-to': 1 }]);
        peer.send(bytesOf(json({}, { 'message-id': 1 }), json({}, { 'message-id': 2 })));
        expect(await next(peer)).toEqual([{ accepted: true }, { 'in-reply-to': 2 }]);
        whole.resolve();
        expect(await read.promise).toMatchObject({ name: 'AbortError' });
        peer.close();
      }));

    test('a lent part stays as it is for whoever leaves with it', () =>
      play(async (scene) => {
        const left = deferred<Uint8Array>();
        const all = deferred();
        const handler: Handler = async (_request, { parts }) => {
          for await (const part of parts.lent()) {
            if (part.kind === 'binary') left.resolve(part.bytes);
            break;
          }
          await all.promise;
          return jsonMessage({});
        };
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        const more = { 'message-id': 1, more: true };
        peer.send(bytesOf(bytes('', more)));
        for (let n = 1; n <= 5; n++) {
          const part = new Uint8Array(100_000).fill(n);
          peer.send(bytesOf(binaryMessage(part, 'text/plain', { extensions: more })));
        }
        peer.send(bytesOf(cancel(2), json({}, { 'message-id': 3, 'deadline-ms': 1e9 })));
        const kept = await left.promise;
        await scene.quiet(() => it.server.counters.requests);
        expect(kept.every((byte) => byte === 1)).toBe(true);
        all.resolve();
        await next(peer);
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
