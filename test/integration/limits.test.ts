/**
 * What peers may cost a server, over real sockets: caps on connections, time-outs, back-pressure, the
 * memory budget, and what is counted and said about each.
 */
import { jsonMessage, type OutgoingMessage } from '@wireline/message';
import {
  Client,
  MemoryBudget,
  Server,
  type LimitHit,
  type LimitName,
  type ServerObserver,
} from '@wireline/service';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { letTimePass } from '../support/let-time-pass.ts';
import { bytesOf, RawPeer } from '../support/raw-peer.ts';
import { startServer } from '../support/search-server.ts';

const search = (value: string): OutgoingMessage => jsonMessage({ action: 'search', value });

/** Hears of limits. */
class LimitEar implements ServerObserver {
  readonly hits: LimitHit[] = [];
  #wake: () => void = () => {};

  // A property, so that it comes along when the observer is spread into another.
  readonly limitReached = (hit: LimitHit): void => {
    this.hits.push(hit);
    this.#wake();
  };

  get names(): LimitName[] {
    return this.hits.map(({ option }) => option);
  }

  async heard(option: LimitName): Promise<LimitHit> {
    for (;;) {
      const hit = this.hits.find((each) => each.option === option);
      if (hit !== undefined) return hit;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

describe('maxConnections', () => {
  test('those beyond wait until one is over, and are served then', async () => {
    const observer = new LimitEar();
    await using it = await startServer(undefined, { limits: { maxConnections: 2 }, observer });
    const [first, second] = [await RawPeer.connect(it.port), await RawPeer.connect(it.port)];
    await observer.heard('maxConnections');
    const third = await RawPeer.connect(it.port); // the kernel has taken it; the server has not
    third.send(bytesOf(search('ring')));
    for (const peer of [first, second]) {
      peer.send(bytesOf(search('morpheus')));
      await peer.json();
    }
    expect(it.server.connectionCount).toBe(2);
    expect(third.receivedBytes).toHaveLength(0);
    first.socket.end();
    expect(await third.json()).toMatchObject({ result: expect.stringContaining('Misty') });
    expect(it.server.counters).toMatchObject({ connections: 3, refused: 0 });
    second.close();
    third.close();
  });
});

describe('maxConnectionsPerAddress', () => {
  test('one too many is told so and closed; others are served, and places come free', async () => {
    const observer = new LimitEar();
    const limits = { maxConnectionsPerAddress: 1 };
    await using it = await startServer(undefined, { limits, observer });
    const first = await RawPeer.connect(it.port);
    first.send(bytesOf(search('ring')));
    await first.json();
    const refused = await RawPeer.connect(it.port);
    expect(await refused.json()).toMatchObject({
      result: expect.stringContaining('too many connections from 127.0.0.1'),
      error: { code: 'overloaded' },
    });
    await refused.ended;
    expect(observer.hits[0]).toMatchObject({ option: 'maxConnectionsPerAddress', value: 1 });
    const other = await RawPeer.connect(it.port, { localAddress: '127.0.0.2' });
    other.send(bytesOf(search('ring')));
    await other.json();
    first.socket.end();
    await it.ended(1);
    const next = await RawPeer.connect(it.port);
    next.send(bytesOf(search('ring')));
    await next.json();
    expect(it.server.counters).toMatchObject({
      connections: 3,
      refused: 1,
      limits: { maxConnectionsPerAddress: 1 },
    });
    other.close();
    next.close();
  });
});

describe('time-outs', () => {
  test('an idle connection is closed, and counted', async () => {
    const clock = new ManualClock();
    const observer = new LimitEar();
    await using it = await startServer(undefined, { clock, observer });
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(search('ring')));
    await peer.json();
    await letTimePass(clock, peer.ended);
    expect(clock.now()).toBeGreaterThanOrEqual(75_000);
    await it.ended(1);
    expect(it.endings).toEqual([undefined]);
    expect(observer.names).toEqual(['idleMs']);
    expect(it.server.counters.limits.idleMs).toBe(1);
  });

  test('a connection whose handler takes its time is not idle', async () => {
    const clock = new ManualClock();
    const started = deferred();
    const answer = deferred<OutgoingMessage>();
    await using it = await startServer(
      () => {
        started.resolve();
        return answer.promise;
      },
      { clock },
    );
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(search('ring')));
    await started.promise;
    clock.advance(3_600_000);
    answer.resolve(jsonMessage({ late: true }));
    expect(await peer.json()).toEqual({ late: true });
    peer.close();
  });

  test('a peer that reads nothing is closed, and what it asked is forgotten', async () => {
    const clock = new ManualClock();
    const observer = new LimitEar();
    const budget = new MemoryBudget();
    const large = jsonMessage({ text: 'x'.repeat(8 * 1024 * 1024) });
    await using it = await startServer(() => large, { clock, observer, budget });
    const peer = await RawPeer.connect(it.port);
    peer.socket.pause();
    peer.socket.on('error', () => {});
    peer.send(bytesOf(search('a'), search('b')));
    await observer.heard('maxQueued');
    await letTimePass(clock, it.ended(1));
    expect(observer.names).toEqual(['maxQueued', 'writeStallMs']);
    expect(it.endings[0]?.message).toContain('writeStallMs');
    expect(budget.used).toBe(0);
    peer.close();
  });

  test('a client gives an idle connection up before its server does', async () => {
    const clock = new ManualClock();
    const observer = new LimitEar();
    await using it = await startServer(undefined, { observer });
    await using client = await Client.connect({ host: '127.0.0.1', port: it.port }, { clock });
    await client.request(search('ring'));
    await letTimePass(clock, it.ended(1));
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
    expect(observer.hits).toEqual([]);
  });
});

describe('back-pressure', () => {
  test('beyond maxInFlight nothing is read; it is counted, and told once', async () => {
    const waiting: ((answer: OutgoingMessage) => void)[] = [];
    const observer = new LimitEar();
    await using it = await startServer(
      () => new Promise<OutgoingMessage>((resolve) => waiting.push(resolve)),
      { limits: { maxInFlight: 3 }, observer },
    );
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(...Array.from({ length: 10 }, (_, n) => jsonMessage({ n }))));
    for (let answered = 0; answered < 10; answered++) {
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(waiting.length).toBeLessThanOrEqual(3);
      waiting.shift()?.(jsonMessage({ answered }));
      expect(await peer.json()).toEqual({ answered });
    }
    expect(observer.names).toEqual(['maxInFlight']);
    expect(it.server.counters.limits.maxInFlight).toBeGreaterThan(1);
    peer.close();
  });
});

describe('the memory budget', () => {
  test('the largest of too many large messages is given up with an answer, the others go on', async () => {
    const observer = new LimitEar();
    const budget = new MemoryBudget(1024 * 1024);
    await using it = await startServer(undefined, { budget, observer });
    const request = bytesOf(jsonMessage({ action: 'x', value: 'y'.repeat(900_000) }));
    const [greedy, modest] = [await RawPeer.connect(it.port), await RawPeer.connect(it.port)];
    greedy.send(request.subarray(0, 800_000));
    while (budget.used < 800_000) await new Promise((resolve) => setImmediate(resolve));
    modest.send(request.subarray(0, 500_000));
    expect(await greedy.json()).toMatchObject({ error: { code: 'overloaded' } });
    expect(observer.hits[0]).toMatchObject({ option: 'maxMemory', value: 1024 * 1024 });
    modest.send(request.subarray(500_000));
    expect(await modest.json()).toMatchObject({ error: { code: 'action-invalid' } });
    greedy.socket.end();
    modest.socket.end();
    await it.ended(2);
    expect(budget.used).toBe(0);
  });

  test('counts requests that handlers are at work on', async () => {
    const budget = new MemoryBudget();
    const started = deferred();
    const answer = deferred<OutgoingMessage>();
    await using it = await startServer(
      () => {
        started.resolve();
        return answer.promise;
      },
      { budget },
    );
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(jsonMessage({ text: 'x'.repeat(1000) })));
    await started.promise;
    while (budget.used === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(budget.used).toBe(1000 + '{"text": ""}'.length);
    answer.resolve(jsonMessage({}));
    await peer.json();
    expect(budget.used).toBe(0);
    peer.close();
  });
});

test('answers that wait for an earlier one are in the budget until they are written', async () => {
  const budget = new MemoryBudget();
  const answers: ((answer: OutgoingMessage) => void)[] = [];
  await using it = await startServer(
    () => new Promise<OutgoingMessage>((resolve) => answers.push(resolve)),
    { budget },
  );
  const peer = await RawPeer.connect(it.port);
  peer.send(bytesOf(jsonMessage({ n: 0 }), jsonMessage({ n: 1 })));
  while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const large = jsonMessage({ text: 'x'.repeat(100_000) });
  answers[1]?.(large);
  while (budget.used < 100_000) await new Promise((resolve) => setImmediate(resolve));
  expect(budget.used).toBe(bytesOf(large).length + '{"n": 0}'.length);
  answers[0]?.(jsonMessage({}));
  await peer.json();
  await peer.json();
  expect(budget.used).toBe(0);
  peer.close();
});

describe('observers that throw', () => {
  test('when a connection is turned away: it is closed all the same, and the process is warned', async () => {
    const boom = new Error('boom');
    const warned = new Promise((resolve) => process.once('warning', resolve));
    await using it = await startServer(undefined, {
      limits: { maxConnectionsPerAddress: 1 },
      observer: {
        limitReached: () => {
          throw boom;
        },
      },
    });
    const first = await RawPeer.connect(it.port);
    first.send(bytesOf(search('ring')));
    await first.json();
    const refused = await RawPeer.connect(it.port);
    await refused.ended;
    expect(await warned).toBe(boom);
    expect(it.server.connectionCount).toBe(1);
    first.close();
  });
});

describe('going down', () => {
  test('the last answer says so, and no other does', async () => {
    const waiting: ((answer: OutgoingMessage) => void)[] = [];
    await using it = await startServer(
      () => new Promise<OutgoingMessage>((resolve) => waiting.push(resolve)),
    );
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(jsonMessage({ n: 0 }), jsonMessage({ n: 1 })));
    while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const closed = it.server.close();
    for (const [n, answer] of waiting.entries()) answer(jsonMessage({ n }));
    const answers = [await peer.message(), await peer.message()];
    expect(answers.map(({ header }) => header.extensions)).toEqual([{}, { closing: true }]);
    peer.socket.end();
    await closed;
  });

  test('requests in the kernel are answered; the last of their answers says so', async () => {
    await using it = await startServer();
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(search('ring')));
    await peer.json();
    await new Promise<void>((resolve) =>
      peer.socket.write(bytesOf(search('a'), search('b'), search('c')), () => resolve()),
    );
    const closed = it.server.close();
    const answers = [await peer.message(), await peer.message(), await peer.message()];
    expect(answers.map(({ header }) => header.extensions['closing'])).toEqual([
      undefined,
      undefined,
      true,
    ]);
    peer.socket.end();
    await closed;
  });

  test('a client whose server says goodbye asks its next request elsewhere', async () => {
    await using first = await startServer(async () => {
      closing = first.server.close();
      return jsonMessage({ from: 'first' });
    });
    let closing: Promise<void> = Promise.resolve();
    await using client = await Client.connect({ host: '127.0.0.1', port: first.port });
    const answer = await client.request(search('ring'));
    expect(answer.header.extensions).toEqual({ closing: true });
    await closing;
    await using second = new Server(() => jsonMessage({ from: 'second' }));
    await second.listen({ host: '127.0.0.1', port: first.port });
    expect(await client.request(search('ring'))).toMatchObject({ value: { from: 'second' } });
  });
});
