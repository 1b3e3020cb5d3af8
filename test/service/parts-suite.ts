/** What a server does with requests and answers in parts, on any network. */
import { binaryMessage, jsonMessage } from '@wireline/message';
import { MemoryBudget, type Handler } from '@wireline/service';
import { nativeNetwork } from '@wireline/service/testing';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import { json, bytes, cancel, next, failure, gather, count } from './conversing.ts';
import { serve } from './served.ts';
import type { Stage } from './stage.ts';

/** Registers the suite for one stage. */
export function partsSuite({ name, play }: Stage): void {
  describe(`parts on ${name}`, () => {
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
  });
}
