/**
 * What peers may cost a server, over real sockets: caps on connections, time-outs, back-pressure, the
 * memory budget, and what is counted and said about each. One file, because they share the server that counts.
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

test('limits too small for the word to whom is turned away: closed without it', async () => {
  await using it = await startServer(undefined, {
    limits: { maxConnectionsPerAddress: 1, maxContentLength: 20 },
  });
  const first = await RawPeer.connect(it.port);
  const refused = await RawPeer.connect(it.port);
  await refused.ended;
  expect(refused.receivedBytes).toHaveLength(0);
  expect(it.server.counters).toMatchObject({ connections: 1, refused: 1 });
  first.close();
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

  test('what came while this process was busy is answered, however late it looks', async () => {
    const clock = new ManualClock();
    await using it = await startServer(undefined, { clock });
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(search('ring')));
    await peer.json();
    const half = bytesOf(search('morpheus'));
    clock.advance(5_000); // silence is first seen
    await new Promise<void>((resolve) => peer.socket.write(half, () => resolve()));
    clock.advance(100_000); // no turn of the loop in between, as after a long pause of the process
    expect(await peer.json()).toMatchObject({ result: expect.stringContaining('rabbit') });
    peer.close();
  });

  test('a message has its time also while its header is on its way', async () => {
    const clock = new ManualClock();
    const timeouts = { headerMs: Infinity };
    await using it = await startServer(undefined, { clock, timeouts });
    const peer = await RawPeer.connect(it.port);
    peer.send(Uint8Array.of(0));
    await letTimePass(clock, peer.ended);
    expect(await peer.json()).toMatchObject({
      error: { code: 'timeout', message: expect.stringContaining('messageMs') },
    });
  });

  test('an idle time shorter than the write stall does not cut an answer that is being read', async () => {
    const clock = new ManualClock();
    const text = 'x'.repeat(20_000_000);
    await using it = await startServer(() => jsonMessage({ text }), {
      clock,
      limits: { maxQueued: Infinity }, // beyond it nothing is read, and nobody would be idle
      timeouts: { idleMs: 1_000, writeStallMs: 60_000 },
    });
    const peer = await RawPeer.connect(it.port);
    peer.socket.pause();
    peer.send(bytesOf(search('a')));
    while (it.server.counters.requests === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
    peer.socket.resume();
    expect(await peer.json()).toEqual({ text });
    peer.send(bytesOf(search('b')));
    expect(await peer.json()).toEqual({ text });
    expect(it.server.counters.limits.idleMs).toBe(0);
    peer.close();
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
  // The answer, the request that its observer will be told of, and the one that is worked on.
  expect(budget.used).toBe(bytesOf(large).length + 2 * '{"n": 0}'.length);
  answers[0]?.(jsonMessage({}));
  await peer.json();
  await peer.json();
  expect(budget.used).toBe(0);
  peer.close();
});

test('answers given at once behind a slow one are in the budget too', async () => {
  const budget = new MemoryBudget();
  const slow = deferred<OutgoingMessage>();
  const large = jsonMessage({ text: 'x'.repeat(100_000) });
  await using it = await startServer(
    (request) => (request.kind === 'json' && request.value['n'] === 0 ? slow.promise : large),
    { budget },
  );
  const peer = await RawPeer.connect(it.port);
  peer.send(bytesOf(...[0, 1, 2].map((n) => jsonMessage({ n }))));
  while (budget.used < 200_000) await new Promise((resolve) => setImmediate(resolve));
  slow.resolve(jsonMessage({}));
  for (let count = 0; count < 3; count++) await peer.json();
  expect(budget.used).toBe(0);
  peer.close();
});

test('behind a large answer that came late nothing is read, so the next one has room', async () => {
  const failed: unknown[] = [];
  const written = deferred();
  const text = 'x'.repeat(9_000_000); // more than the kernel holds for a peer that does not read
  await using it = await startServer(
    (request) => {
      const answer = jsonMessage({ text });
      return request.kind === 'json' && request.value['n'] === 0 ? Promise.resolve(answer) : answer;
    },
    {
      limits: { maxContentLength: 10_000_000, maxQueued: 1000 },
      observer: {
        answered: () => written.resolve(),
        handlerFailed: (_connection, _request, error) => failed.push(error),
      },
    },
  );
  const peer = await RawPeer.connect(it.port);
  peer.socket.pause();
  peer.send(bytesOf(jsonMessage({ n: 0 })));
  await written.promise;
  peer.send(bytesOf(jsonMessage({ n: 1 })));
  const other = await RawPeer.connect(it.port);
  other.send(bytesOf(jsonMessage({ n: 1 }))); // read behind the request above, were that one read
  expect(await other.json()).toEqual({ text });
  other.close();
  peer.socket.resume();
  for (let n = 0; n < 2; n++) expect(await peer.json()).toEqual({ text });
  expect(failed).toEqual([]);
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
  test('from within a handler of another server: no bytes go astray', async () => {
    const seen: unknown[] = [];
    await using open = await startServer();
    const asked = await RawPeer.connect(open.port);
    asked.send(bytesOf(search('ring')));
    await asked.json();
    await using admin = await startServer((request) => {
      const value = request.kind === 'json' ? request.value : {};
      seen.push(value['command']);
      if (value['command'] === 'down') void open.server.close();
      return jsonMessage({ done: value['command'] ?? null });
    });
    const operator = await RawPeer.connect(admin.port);
    // What the public peer has sent is in the kernel when the public server goes down.
    await new Promise<void>((resolve) =>
      asked.socket.write(bytesOf(jsonMessage({ command: 'forged' }), search('morpheus')), () =>
        resolve(),
      ),
    );
    operator.send(bytesOf(jsonMessage({ command: 'down' }), jsonMessage({ command: 'next' })));
    expect([await operator.json(), await operator.json()]).toEqual([
      { done: 'down' },
      { done: 'next' },
    ]);
    expect(seen).toEqual(['down', 'next']);
    expect(await asked.json()).toMatchObject({ error: { code: 'action-invalid' } });
    expect(await asked.json()).toMatchObject({ result: expect.stringContaining('rabbit') });
    await asked.ended;
    operator.close();
  });

  test('from within a handler, twice: what came with the request is answered, the last one last', async () => {
    await using it = await startServer((request) => {
      if (request.kind === 'json' && request.value['n'] !== 2) void it.server.close();
      return jsonMessage(request.kind === 'json' ? request.value : {});
    });
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(...[0, 1, 2].map((n) => jsonMessage({ n }))));
    const answers = [await peer.message(), await peer.message(), await peer.message()];
    expect(answers.map((answer) => answer.kind === 'json' && answer.value['n'])).toEqual([0, 1, 2]);
    expect(answers.map(({ header }) => header.extensions)).toEqual([{}, {}, { closing: true }]);
    await peer.ended;
  });

  test('an observer that throws ends its own connection, and the others go down in order', async () => {
    const waiting: ((answer: OutgoingMessage) => void)[] = [];
    await using it = await startServer(
      () => new Promise<OutgoingMessage>((resolve) => waiting.push(resolve)),
      {
        observer: {
          answered: ({ id }) => {
            if (id === 1) throw new Error('boom');
          },
        },
      },
    );
    const peers = [await RawPeer.connect(it.port), await RawPeer.connect(it.port)] as const;
    for (const peer of peers) peer.send(bytesOf(search('ring')));
    while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const answer of waiting) answer(jsonMessage({}));
    const closed = it.server.close();
    expect(await peers[1].json()).toEqual({});
    for (const peer of peers) await peer.ended.catch(() => {});
    await closed;
    expect(it.endings.map((error) => error?.message)).toContain('boom');
  });

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
    expect(answer.header.extensions).toMatchObject({ closing: true });
    await closing;
    await using second = new Server(() => jsonMessage({ from: 'second' }));
    await second.listen({ host: '127.0.0.1', port: first.port });
    expect(await client.request(search('ring'))).toMatchObject({ value: { from: 'second' } });
  });
});
