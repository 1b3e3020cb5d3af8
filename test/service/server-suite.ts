/**
 * What a server does on any network.
 */
import { binaryMessage, jsonMessage, type OutgoingMessage } from '@wireline/message';
import { MemoryBudget, Server, type Handler } from '@wireline/service';
import { AddressInUseError, ConnectionResetError, formatAddress } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import { answersByHand, serve } from './served.ts';
import type { Stage } from './stage.ts';

/** JSON content that is a list: the message is bad, its end is known. */
const LIST = withContent(bytesOf(jsonMessage({ a: 1 })), '[ 1, 2 ]');

/** A header of two bytes that is no object: where the next message begins is not known. */
const NO_HEADER = Uint8Array.of(0, 2, 0x5b, 0x5d);

/** Registers the suite for one stage. */
export function serverSuite({ name, play }: Stage): void {
  describe(`a server on ${name}`, () => {
    test('answers many requests that were sent at once, in their order', () =>
      play(async (scene) => {
        await using it = await serve(scene, echo);
        const peer = await it.connect();
        peer.send(bytesOf(...numbered(100)));
        for (let n = 0; n < 100; n++) expect(await peer.json()).toEqual({ n });
        peer.close();
      }));

    test('answers a request that comes byte by byte, and the one that begins in its last piece', () =>
      play(async (scene) => {
        await using it = await serve(scene, echo);
        const peer = await it.connect();
        const first = bytesOf(jsonMessage({ n: 1 }));
        const second = bytesOf(jsonMessage({ n: 2 }));
        await peer.drip(first.subarray(0, -1));
        peer.send(Buffer.concat([first.subarray(-1), second.subarray(0, 3)]));
        await peer.drip(second.subarray(3));
        expect(await peer.json()).toEqual({ n: 1 });
        expect(await peer.json()).toEqual({ n: 2 });
        peer.close();
      }));

    test('answers in the order of the requests although the handlers finish in another', () =>
      play(async (scene) => {
        const { handler, answers, asked } = answersByHand();
        await using it = await serve(scene, handler);
        const peer = await it.connect();
        peer.send(bytesOf(...numbered(5)));
        await asked(5);
        for (const n of [3, 0, 4, 2, 1]) {
          answers[n]?.(jsonMessage({ n }));
          await new Promise((resolve) => setImmediate(resolve));
        }
        for (let n = 0; n < 5; n++) expect(await peer.json()).toEqual({ n });
        peer.close();
      }));

    test('takes and gives big messages, whole', () =>
      play(async (scene) => {
        await using it = await serve(scene, echo);
        const content = new Uint8Array(scene.big).map((_, index) => index % 251);
        const peer = await it.connect();
        peer.send(bytesOf(binaryMessage(content, 'application/octet-stream')));
        peer.send(bytesOf(jsonMessage({ after: true })));
        const answer = await peer.message();
        expect(answer.kind === 'binary' && Buffer.compare(answer.bytes, content)).toBe(0);
        expect(await peer.json()).toEqual({ after: true });
        peer.close();
      }));

    test('answers many connections at once, each with its own', () =>
      play(async (scene) => {
        const it = await serve(scene, echo);
        const talk = async (id: number): Promise<void> => {
          const peer = await it.connect();
          for (let n = 0; n < 5; n++) {
            peer.send(bytesOf(jsonMessage({ id, n })));
            expect(await peer.json()).toEqual({ id, n });
          }
          peer.end();
          expect(await peer.ended).toBeUndefined();
          peer.close();
        };
        await Promise.all(Array.from({ length: 20 }, (_, id) => talk(id)));
        await it.server.close();
        expect(it.server.connectionCount).toBe(0);
      }));

    test('gives a peer that half-closes its answers, then the end of the stream', () =>
      play(async (scene) => {
        await using it = await serve(scene, async (request, context) => {
          await new Promise((resolve) => setImmediate(resolve));
          return echo(request, context);
        });
        const peer = await it.connect();
        peer.send(bytesOf(...numbered(3)));
        peer.end();
        for (let n = 0; n < 3; n++) expect(await peer.json()).toEqual({ n });
        expect(await peer.ended).toBeUndefined();
        expect(peer.unread).toHaveLength(0);
        peer.close();
      }));

    test('answers a bad message whose end is known, and what follows it', () =>
      play(async (scene) => {
        await using it = await serve(scene, echo);
        const peer = await it.connect();
        peer.send(Buffer.concat([bytesOf(...numbered(1)), LIST, bytesOf(...numbered(1))]));
        expect(await peer.json()).toEqual({ n: 0 });
        expect(await peer.json()).toMatchObject({ error: { code: 'content-invalid' } });
        expect(await peer.json()).toEqual({ n: 0 });
        peer.close();
      }));

    test('answers a bad message whose end is not known, then ends that connection and no other', () =>
      play(async (scene) => {
        await using it = await serve(scene, echo);
        const other = await it.connect();
        const peer = await it.connect();
        peer.send(Buffer.concat([bytesOf(...numbered(1)), NO_HEADER, new Uint8Array(100_000)]));
        expect(await peer.json()).toEqual({ n: 0 });
        expect(await peer.json()).toMatchObject({ error: { code: 'header-invalid' } });
        expect(await peer.ended).toBeUndefined();
        peer.close();
        other.send(bytesOf(...numbered(1)));
        expect(await other.json()).toEqual({ n: 0 });
        other.close();
      }));

    test('gives a bad message its answer behind those that are owed before it', () =>
      play(async (scene) => {
        const { handler, answers, asked } = answersByHand();
        const bad = deferred();
        await using it = await serve(scene, handler, {
          observer: { badInput: () => bad.resolve() },
        });
        const peer = await it.connect();
        peer.send(Buffer.concat([bytesOf(...numbered(1)), NO_HEADER]));
        await asked(1);
        await bad.promise;
        answers[0]?.(jsonMessage({ first: true }));
        expect(await peer.json()).toEqual({ first: true });
        expect(await peer.json()).toMatchObject({ error: { code: 'header-invalid' } });
        expect(await peer.ended).toBeUndefined();
        peer.close();
      }));

    test('reads no more from a peer that does not read; when it does, everything comes', () =>
      play(async (scene) => {
        const answer = jsonMessage({ text: 'x'.repeat(100_000) });
        // Twice what both ends' buffers and the server's 1 MiB hold.
        const requests = Math.ceil((2 * (scene.holds + 1024 * 1024)) / 100_000);
        const budget = new MemoryBudget();
        const started = deferred();
        let handled = 0;
        const handler: Handler = () => {
          handled += 1;
          started.resolve();
          return answer;
        };
        await using it = await serve(scene, handler, { budget });
        const peer = await it.connect();
        peer.pause();
        peer.send(bytesOf(...numbered(requests)));
        await started.promise;
        await scene.quiet(() => handled);
        expect(handled).toBeLessThan(0.6 * requests);
        // 1 MiB may wait, and buffers grow by doubling.
        expect(budget.used).toBeLessThan(3 * 1024 * 1024);
        peer.resume();
        for (let n = 0; n < requests; n++) await peer.message();
        expect(handled).toBe(requests);
        peer.close();
      }));

    test('notices a peer that goes while its answer is being made, and serves the others', () =>
      play(async (scene) => {
        const ended = deferred<Error | undefined>();
        const started = deferred();
        const observer = { closed: (_: unknown, error: Error | undefined) => ended.resolve(error) };
        const handler: Handler = async (request, context) => {
          if (isNumber(request, 1)) return echo(request, context);
          started.resolve();
          await new Promise<void>((resolve) => {
            context.signal.addEventListener('abort', () => resolve());
          });
          return jsonMessage({});
        };
        await using it = await serve(scene, handler, { observer });
        const peer = await it.connect();
        peer.pause();
        peer.send(bytesOf(jsonMessage({ n: 1 }), jsonMessage({ n: 0 })));
        await started.promise;
        await scene.quiet(() => 0);
        // The answer to the first lies unread when the peer goes: a reset.
        peer.close();
        expect(await ended.promise).toBeInstanceOf(ConnectionResetError);
        const other = await it.connect();
        other.send(bytesOf(jsonMessage({ n: 1 })));
        expect(await other.json()).toEqual({ n: 1 });
        other.close();
      }));

    test('closes when what it has begun is answered', () =>
      play(async (scene) => {
        const { handler, answers, asked } = answersByHand();
        await using it = await serve(scene, handler);
        const idle = await it.connect();
        const peer = await it.connect();
        peer.send(bytesOf(...numbered(3)));
        await asked(3);
        const closed = it.server.close();
        expect(await idle.ended).toBeUndefined();
        idle.close();
        for (const [n, answer] of answers.entries()) answer(jsonMessage({ n }));
        for (let n = 0; n < 3; n++) expect(await peer.json()).toEqual({ n });
        expect(await peer.ended).toBeUndefined();
        peer.close();
        await closed;
        expect(it.server.connectionCount).toBe(0);
      }));

    test('closes by force when answers take longer than the grace time', () =>
      play(async ({ timed, pass }) => {
        const { handler, asked } = answersByHand();
        const it = await serve(timed, handler);
        const peer = await it.connect();
        peer.send(bytesOf(...numbered(1)));
        await asked(1);
        const before = timed.clock.now();
        await pass(it.server.close({ graceMs: 500 }));
        expect(timed.clock.now() - before).toBeGreaterThanOrEqual(500);
        expect(it.server.connectionCount).toBe(0);
        await peer.ended;
        peer.close();
      }));

    test('loses patience with a message that does not come on', () =>
      play(async ({ timed, pass }) => {
        await using it = await serve(timed, echo, { timeouts: { headerMs: 10_000 } });
        const peer = await it.connect();
        const before = timed.clock.now();
        peer.send(Uint8Array.of(0));
        expect(await pass(peer.json())).toMatchObject({ error: { code: 'timeout' } });
        expect(timed.clock.now() - before).toBeGreaterThanOrEqual(10_000);
        expect(await peer.ended).toBeUndefined();
        peer.close();
      }));

    test('refuses a place that is taken, and can listen elsewhere afterwards', () =>
      play(async (scene) => {
        await using it = await serve(scene, echo);
        await using second = new Server(echo, scene.options);
        const attempt = second.listen(it.address);
        await expect(attempt).rejects.toThrow(AddressInUseError);
        await expect(attempt).rejects.toThrow(formatAddress(it.address));
        expect(await second.listen(scene.anywhere)).not.toEqual(it.address);
      }));
  });
}

/** Answers with what was asked. */
const echo: Handler = (request) =>
  request.kind === 'json'
    ? jsonMessage(request.value)
    : binaryMessage(request.bytes.slice(), 'application/octet-stream');

/** `{ n: 0 }`, `{ n: 1 }` and so on. */
function numbered(count: number): OutgoingMessage[] {
  return Array.from({ length: count }, (_, n) => jsonMessage({ n }));
}

function isNumber(request: Parameters<Handler>[0], n: number): boolean {
  return request.kind === 'json' && request.value['n'] === n;
}

/** The same message with other content of the same length. */
function withContent(message: Uint8Array, content: string): Uint8Array {
  const bytes = Buffer.from(message);
  bytes.write(content, bytes.length - content.length);
  return bytes;
}
