/**
 * What the model and hostile peers have found, each as the few messages that it takes.
 */
import {
  binaryMessage,
  errorAnswer,
  jsonMessage,
  type OutgoingExtensions,
} from '@wireline/message';
import { MemoryBudget, type Handler } from '@wireline/service';
import { FakeNetwork, type ManualClock } from '@wireline/service/testing';
import type { Clock } from '@wireline/socket/event-loop';
import { expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import { cancel, failure, json, next } from './conversing.ts';
import { Peer } from './peer.ts';
import { answersByHand, serve } from './served.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

/** Plays on a calm network. */
async function play(
  scenario: (scene: {
    readonly network: FakeNetwork;
    readonly anywhere: typeof LOOPBACK;
    readonly clock: ManualClock;
  }) => Promise<void>,
): Promise<void> {
  const network = new FakeNetwork();
  await network.until(scenario({ network, anywhere: LOOPBACK, clock: network.clock }));
}

/** A JSON message whose content is `[1]`, which is none. */
function badContent(extensions: OutgoingExtensions): Uint8Array {
  const good = Buffer.from(bytesOf(json({ a: 1 }, extensions))).toString('latin1');
  return Buffer.from(good.replace('{"a": 1}', '["a",1 ]'), 'latin1');
}

/** What an answer says, and about which request. */
type Seen = readonly [unknown, object];

/** All answers until the stream ends. */
async function rest(peer: Peer): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  await peer.ended;
  for (;;) {
    try {
      all.push(await next(peer));
    } catch {
      return all;
    }
  }
}

const NEVER: Handler = () => new Promise(() => {});

test('parts that nobody read are forgotten with their request, and the connection is read on', () =>
  play(async (scene) => {
    const free = deferred();
    const budget = new MemoryBudget();
    const handler: Handler = async () => {
      await free.promise;
      return jsonMessage({ read: 0 });
    };
    await using it = await serve(scene, handler, { budget });
    const peer = await it.connect();
    // It is the last part that is too many.
    peer.send(
      bytesOf(
        binaryMessage(new Uint8Array(0), 'text/plain', {
          extensions: { 'message-id': 1, more: true },
        }),
        binaryMessage(new Uint8Array(300_000), 'text/plain', { extensions: { 'message-id': 1 } }),
      ),
    );
    await scene.network.settle();
    free.resolve();
    expect(await next(peer)).toEqual([{ read: 0 }, { 'in-reply-to': 1 }]);
    await scene.network.settle();
    expect.soft(budget.used).toBeLessThan(300_000);
    peer.send(bytesOf(json({}, { 'message-id': 2 })));
    await scene.network.settle();
    const answer = next(peer).catch(String);
    await scene.network.advance(1000);
    peer.close();
    expect(await answer).toEqual([{ read: 0 }, { 'in-reply-to': 2 }]);
  }));

test('a first part that is bad counts as a request whose parts are missing', () =>
  play(async (scene) => {
    await using it = await serve(scene, NEVER, { limits: { maxInFlight: 3 } });
    const peer = await it.connect();
    for (let id = 1; id <= 5; id++) peer.send(badContent({ 'message-id': id, more: true }));
    const answers = await rest(peer);
    expect(answers.map(([value]) => value)).toEqual([
      failure('content-invalid'),
      failure('content-invalid'),
      failure('content-invalid'),
      expect.anything(),
    ]);
    peer.close();
    await it.server.close({ graceMs: 0 });
  }));

test.each([
  ['a request', {}],
  ['a first part', { more: true }],
  ['a cancel', { cancel: true }],
])('%s with bad content and an id in use is not answered as if it had one of its own', (_, flags) =>
  play(async (scene) => {
    const { handler, answers, asked } = answersByHand();
    await using it = await serve(scene, handler);
    const peer = await it.connect();
    peer.send(bytesOf(json({}, { 'message-id': 1 })));
    await asked(1);
    peer.send(badContent({ 'message-id': 1, ...flags }));
    peer.send(bytesOf(json({}, { 'message-id': 2 })));
    await scene.network.settle();
    answers[0]?.(jsonMessage({ n: 1 }));
    answers[1]?.(jsonMessage({ n: 2 }));
    const code = 'cancel' in flags ? 'length-invalid' : 'id-invalid';
    expect(await next(peer)).toEqual([failure(code), {}]);
    expect(await next(peer)).toEqual([{ n: 1 }, { 'in-reply-to': 1 }]);
    expect(await peer.ended).toBeUndefined();
    peer.close();
  }),
);

test('bad content does not excuse parts without an id', () =>
  play(async (scene) => {
    await using it = await serve(scene, NEVER);
    const peer = await it.connect();
    peer.send(badContent({ more: true }));
    expect(await rest(peer)).toEqual([[failure('id-invalid'), {}]]);
    peer.close();
  }));

test('a part that breaks the protocol ends its request with one answer', () =>
  play(async (scene) => {
    await using it = await serve(scene, NEVER);
    const peer = await it.connect();
    peer.send(
      bytesOf(
        json({}, { 'message-id': 1, more: true }),
        binaryMessage(new Uint8Array(1), 'text/plain', { extensions: { 'message-id': 1 } }),
      ),
    );
    expect(await rest(peer)).toEqual([[failure('header-invalid'), { 'in-reply-to': 1 }]]);
    peer.close();
    await it.server.close({ graceMs: 0 });
  }));

test('nothing follows the goodbye to who leaves too many requests unfinished', () =>
  play(async (scene) => {
    await using it = await serve(scene, NEVER, { limits: { maxInFlight: 2 } });
    const peer = await it.connect();
    for (let id = 1; id <= 3; id++) {
      peer.send(bytesOf(json({}, { 'message-id': id, more: true })));
    }
    const answers = await rest(peer);
    expect(answers).toHaveLength(3);
    expect(answers.filter(([, extensions]) => 'closing' in extensions)).toHaveLength(1);
    expect(answers.at(-1)?.[1]).toMatchObject({ closing: true });
    peer.close();
    await it.server.close({ graceMs: 0 });
  }));

test('what waits to be sent is bounded, whether answers have ids or not', () =>
  play(async (scene) => {
    const { handler, answers, asked } = answersByHand();
    const budget = new MemoryBudget();
    await using it = await serve(scene, handler, { budget });
    const peer = await it.connect();
    peer.pause();
    for (let id = 1; id <= 64; id++) peer.send(bytesOf(json({}, { 'message-id': id })));
    await asked(64);
    const answer = jsonMessage({ text: 'x'.repeat(1024 * 1024) });
    for (const give of answers) give(answer);
    await scene.network.settle();
    peer.resume();
    for (let id = 1; id <= 64; id++) {
      const [value] = await next(peer);
      expect(value).toHaveProperty('text');
    }
    peer.close();
  }));

test('a handler that goes on with what it was given does not change whose answer it is', () =>
  play(async (scene) => {
    const handler: Handler = ({ header: { extensions } }) => jsonMessage({}, { extensions });
    await using it = await serve(scene, handler);
    const peer = await it.connect();
    peer.send(bytesOf(json({}, { 'message-id': 1, trace: 'a' })));
    const [, extensions] = await next(peer);
    expect.soft(extensions).not.toHaveProperty('message-id');
    expect(extensions).toMatchObject({ 'in-reply-to': 1, trace: 'a' });
    peer.close();
  }));

test.each([
  ['in-reply-to', { 'in-reply-to': 7 }],
  ['more', { more: true }],
])('%s is for the server to say', (_, extensions) =>
  play(async (scene) => {
    await using it = await serve(scene, () => jsonMessage({}, { extensions }));
    const peer = await it.connect();
    peer.send(bytesOf(json({}, { 'message-id': 1 })));
    expect(await next(peer)).toEqual([{}, { 'in-reply-to': 1 }]);
    peer.close();
  }),
);

test('bytes in parts may end in an error answer that is returned', () =>
  play(async (scene) => {
    const handler: Handler = async function* () {
      yield binaryMessage(Buffer.from('some'), 'text/plain');
      return errorAnswer('unauthorized', 'not the rest');
    };
    await using it = await serve(scene, handler);
    const peer = await it.connect();
    peer.send(bytesOf(json({}, { 'message-id': 1 })));
    await next(peer);
    expect(await next(peer)).toEqual([failure('unauthorized'), { 'in-reply-to': 1 }]);
    peer.close();
  }));

test('a source whose return throws harms nobody', () =>
  play(async (scene) => {
    const handler: Handler = () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          throw new Error('boom');
        },
      }),
    });
    await using it = await serve(scene, handler);
    const peer = await it.connect();
    peer.send(bytesOf(json({}, { 'message-id': 1 }), json({}, { 'message-id': 2 })));
    await scene.network.settle();
    peer.send(bytesOf(cancel(1)));
    expect.soft(await next(peer)).toEqual([failure('cancelled'), { 'in-reply-to': 1 }]);
    it.server.destroy();
    expect(it.server.connectionCount).toBe(0);
    peer.close();
  }));

test('a handler that destroys its server, and answers in parts without end', () =>
  play(async (scene) => {
    const state = { made: 0, aborted: false };
    const over = deferred();
    await using it = await serve(scene, (_request, { signal }) => {
      signal.addEventListener('abort', () => (state.aborted = true));
      it.server.destroy();
      return (async function* () {
        try {
          while (state.made < 10_000) yield jsonMessage({ n: ++state.made });
        } finally {
          over.resolve();
        }
      })();
    });
    const peer = await it.connect();
    peer.send(bytesOf(json({}, { 'message-id': 1, 'deadline-ms': 1000 })));
    await scene.network.settle();
    expect.soft(state).toEqual({ made: 0, aborted: true });
    peer.close();
    await scene.network.settle();
    expect(scene.network.leftovers()).toEqual([]);
  }));

test('an observer that throws when a deadline passes ends that connection alone', () =>
  play(async (scene) => {
    const observer = {
      answered: () => {
        throw new Error('boom');
      },
    };
    await using it = await serve(scene, NEVER, { observer });
    const peer = await it.connect();
    peer.send(bytesOf(json({}, { 'message-id': 1, 'deadline-ms': 1000 })));
    await scene.network.advance(1001);
    expect(it.server.connectionCount).toBe(0);
    peer.close();
  }));

test('the handler of a request one of whose parts was bad is told to stop', () =>
  play(async (scene) => {
    const told = deferred<unknown>();
    const handler: Handler = (_request, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          told.resolve(signal.reason);
          reject(signal.reason as Error);
        }),
      );
    await using it = await serve(scene, handler);
    const peer = await it.connect();
    peer.send(bytesOf(json({}, { 'message-id': 1, more: true })));
    peer.send(badContent({ 'message-id': 1, more: true }));
    expect(await next(peer)).toEqual([failure('content-invalid'), { 'in-reply-to': 1 }]);
    const late = deferred<string>();
    scene.clock.after(100, () => late.resolve('not told'));
    expect(await Promise.race([told.promise, late.promise])).toMatchObject({ name: 'AbortError' });
    peer.close();
    await it.server.close({ graceMs: 0 });
  }));

test('a server out of memory says goodbye last', () =>
  play(async (scene) => {
    const budget = new MemoryBudget(200_000);
    await using it = await serve(scene, NEVER, { budget });
    const peer = await it.connect();
    const begun = binaryMessage(new Uint8Array(0), 'text/plain', {
      extensions: { 'message-id': 1, more: true },
    });
    const long = binaryMessage(new Uint8Array(500_000), 'text/plain', {
      extensions: { 'message-id': 1 },
    });
    peer.send(bytesOf(begun, long).subarray(0, 300_000));
    const answers = await rest(peer);
    expect(answers).toHaveLength(2);
    expect(answers.filter(([, extensions]) => 'closing' in extensions)).toHaveLength(1);
    expect(answers.at(-1)?.[1]).toMatchObject({ closing: true });
    peer.close();
  }));

test('a deadline is never early, although the timer of a clock may be', () =>
  play(async ({ clock, ...scene }) => {
    // As the machine's own timers are: a wait is cut to 24.8 days, and to whole milliseconds.
    const hasty: Clock = {
      now: () => clock.now(),
      after: (ms, callback) => clock.after(Math.min(Math.floor(ms), 100), callback),
    };
    await using it = await serve({ ...scene, clock: hasty }, NEVER);
    const peer = await Peer.connect(scene.network, it.address, clock);
    peer.send(bytesOf(json({}, { 'message-id': 1, 'deadline-ms': 1000 })));
    const begun = clock.now();
    expect(await next(peer)).toEqual([failure('deadline-exceeded'), { 'in-reply-to': 1 }]);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(1000);
    peer.close();
    await it.server.close({ graceMs: 0 });
  }));
