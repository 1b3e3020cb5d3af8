import { BlockPool, SendBuffer, type ReceiveBuffer } from '@wireline/framing/decoder';
import {
  binaryMessage,
  jsonMessage,
  MessageDecoder,
  MessageEncoder,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';
import {
  ConnectionResetError,
  ERRNO,
  WOULD_BLOCK,
  type Address,
  type WouldBlock,
} from '@wireline/socket';
import {
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  type Interest,
  type ReadinessHandler,
  type TurnTask,
} from '@wireline/socket/event-loop';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import type { ConnectionOwner } from './connection-owner.ts';
import { Connection } from './connection.ts';
import type { ConnectionParts } from './connection-parts.ts';
import { MemoryBudget } from './memory-budget.ts';
import { DEFAULT_TIMEOUTS, Watchdog } from './timeouts.ts';
import type { Transport } from './transport.ts';

const address: Address = { family: 'inet', host: '127.0.0.1', port: 1 };
const reset = new ConnectionResetError('recv', ERRNO.ECONNRESET);

/** A transport that does what the test says, one call at a time. */
class FakeTransport implements Transport {
  readonly remoteAddress = address;
  interest: Interest = 'none';
  /** What the next receives bring, in order; then they would block. */
  readonly incoming: (Uint8Array | 'end' | Error)[] = [];
  /** How many bytes the next sends take, in order; then they take all. */
  readonly capacities: (number | Error)[] = [];
  readonly sends: Uint8Array[] = [];
  outputEnded = false;
  closed = false;
  #owner: ReadinessHandler = { onReady: () => {} };
  #task: TurnTask | undefined;

  start(owner: ReadinessHandler, interest: Interest): void {
    this.#owner = owner;
    this.interest = interest;
  }

  waitFor(interest: Interest): void {
    this.interest = interest;
  }

  receive(buffer: ReceiveBuffer): number | WouldBlock {
    const next = this.incoming.shift();
    if (next instanceof Error) throw next;
    if (next === undefined) return WOULD_BLOCK;
    if (next === 'end') return 0;
    buffer.append(next);
    return next.length;
  }

  send(buffer: SendBuffer): number | WouldBlock {
    const capacity = this.capacities.shift() ?? buffer.length;
    if (capacity instanceof Error) throw capacity;
    if (capacity === 0) return WOULD_BLOCK;
    const taken = Math.min(capacity, buffer.length);
    this.sends.push(buffer.bytes.slice(buffer.start, buffer.start + taken));
    buffer.consume(taken);
    return taken;
  }

  endOutput(): void {
    this.outputEnded = true;
  }

  abort(): void {
    this.close();
  }

  close(): void {
    this.closed = true;
    this.interest = 'none';
  }

  atEndOfTurn(task: TurnTask): void {
    this.#task = task;
  }

  /** Plays one turn of an event loop: readiness, then the tasks of its end. */
  turn(events: number, ...incoming: (Uint8Array | 'end' | Error)[]): void {
    this.incoming.push(...incoming);
    if (events !== 0) this.#owner.onReady(events);
    const task = this.#task;
    this.#task = undefined;
    task?.run();
  }

  get sentBytes(): Uint8Array {
    return Buffer.concat(this.sends);
  }
}

interface Scene {
  readonly transport: FakeTransport;
  readonly connection: Connection;
  readonly clock: ManualClock;
  readonly owner: ConnectionOwner;
  /** What the owner heard, in order. */
  readonly heard: string[];
}

function scene(
  onMessage?: (message: Message, connection: Connection) => void,
  budget = new MemoryBudget(),
): Scene {
  const transport = new FakeTransport();
  const clock = new ManualClock();
  const heard: string[] = [];
  const owner: ConnectionOwner = {
    onMessage: (message) => {
      heard.push(message.kind === 'json' ? JSON.stringify(message.value) : 'binary');
      onMessage?.(message, connection);
    },
    onBadMessage: (error) => heard.push(`bad ${error.code} ${error.framing}`),
    onInputEnd: (error) => heard.push(error === undefined ? 'end' : 'cut'),
    onFlushed: () => heard.push('flushed'),
    onLastReceived: () => heard.push('last received'),
    onIdle: () => heard.push('idle'),
    onShed: (hit) => heard.push(`shed ${hit.option}`),
    onLimit: (hit) => heard.push(`limit ${hit.option}`),
    onClosed: (error) => heard.push(error === undefined ? 'closed' : `closed: ${error.name}`),
  };
  const connection = new Connection(transport, owner, parts({ clock, budget }));
  const watchdog = new Watchdog(clock, DEFAULT_TIMEOUTS, (now) => {
    connection.check(now);
    // What a check writes leaves at the end of its turn.
    transport.turn(0);
    return connection.state !== 'closed';
  });
  watchdog.start();
  return { transport, connection, clock, owner, heard };
}

function parts(options: Partial<ConnectionParts> = {}): ConnectionParts {
  return {
    clock: new ManualClock(),
    pool: new BlockPool(),
    createDecoder: () => new MessageDecoder(),
    encoder: new MessageEncoder(),
    timeouts: DEFAULT_TIMEOUTS,
    budget: new MemoryBudget(),
    maxReceived: 1024 * 1024,
    maxSending: 1024 * 1024,
    ...options,
  };
}

function bytesOf(...messages: OutgoingMessage[]): Uint8Array {
  const buffer = new SendBuffer();
  for (const message of messages) new MessageEncoder().encode(message, buffer);
  return buffer.bytes.slice(buffer.start, buffer.end);
}

const answer = jsonMessage({ result: 'here' });
const answerBytes = bytesOf(answer);

test('answers to all messages of one receive leave in one send', () => {
  const { transport, heard } = scene((_message, connection) => connection.write(answer));
  transport.turn(EVENT_READ, bytesOf(jsonMessage({ n: 1 }), jsonMessage({ n: 2 })));
  expect(heard).toEqual(['{"n":1}', '{"n":2}', 'flushed']);
  expect(transport.sends).toHaveLength(1);
  expect(transport.sentBytes).toEqual(Buffer.concat([answerBytes, answerBytes]));
});

test('what is written outside of a turn leaves at its end, in one send', () => {
  const { transport, connection } = scene();
  connection.write(answer);
  connection.write(answer);
  expect(transport.sends).toHaveLength(0);
  transport.turn(0);
  expect(transport.sends).toHaveLength(1);
});

test('short writes: the rest waits for writable, and nothing is lost or repeated', () => {
  const { transport, connection } = scene();
  transport.capacities.push(3, 0, 1, 0);
  connection.write(answer);
  transport.turn(0);
  expect(transport.interest).toBe('read-write');
  transport.turn(EVENT_WRITE);
  expect(transport.interest).toBe('read-write');
  transport.turn(EVENT_WRITE);
  expect(transport.sentBytes).toEqual(Buffer.from(answerBytes));
  expect(transport.interest).toBe('read');
});

describe('a second receive in one turn', () => {
  /** How many chunks one turn receives, of a message of `length` bytes whose last `rest` come alone, and what follows. */
  function receivesOf(length: number, rest: number, onMessage?: Parameters<typeof scene>[0]) {
    const { transport, heard } = scene(onMessage);
    const long = bytesOf(binaryMessage(new Uint8Array(length), 'image/png'));
    transport.turn(EVENT_READ, long.subarray(0, long.length - rest));
    expect(heard).toEqual([]);
    transport.turn(EVENT_READ, long.subarray(long.length - rest), bytesOf(answer), bytesOf(answer));
    return { received: 3 - transport.incoming.length, heard };
  }

  test('where the first had room for nothing but the end of a long message', () => {
    const { received, heard } = receivesOf(64 * 1024, 200);
    expect(received).toBe(2);
    expect(heard).toEqual(['binary', '{"result":"here"}']);
  });

  test.each([
    ['that was no small part of it', 64 * 1024, 20_000],
    ['of one that is short', 10_000, 200],
    ['of one that is so long that a turn more is nothing', 200_000, 200],
  ])('is not made behind the end %s', (_which, length, rest) => {
    expect(receivesOf(length, rest).received).toBe(1);
  });

  test('nor while the owner has paused', () => {
    const { received } = receivesOf(64 * 1024, 200, (_message, it) => it.pause());
    expect(received).toBe(1);
  });

  test('finds that nothing more has come', () => {
    const { transport, heard } = scene();
    const long = bytesOf(binaryMessage(new Uint8Array(64 * 1024), 'image/png'));
    transport.turn(EVENT_READ, long.subarray(0, 60_000));
    transport.turn(EVENT_READ, long.subarray(60_000));
    expect(heard).toEqual(['binary']);
    expect(transport.interest).toBe('read');
    transport.turn(EVENT_READ, bytesOf(answer));
    expect(heard).toEqual(['binary', '{"result":"here"}']);
  });

  test('finds the end of the stream', () => {
    const { transport, heard } = scene();
    const long = bytesOf(binaryMessage(new Uint8Array(64 * 1024), 'image/png'));
    transport.turn(EVENT_READ, long.subarray(0, 60_000));
    transport.turn(EVENT_READ, long.subarray(60_000), 'end');
    expect(heard).toEqual(['binary', 'end']);
  });
});

test('while paused nothing is received or decoded; afterwards it goes on where it was', () => {
  const { transport, connection, heard } = scene((_message, it) => it.pause());
  transport.turn(EVENT_READ, bytesOf(jsonMessage({ n: 1 }), jsonMessage({ n: 2 })));
  expect(heard).toEqual(['{"n":1}']);
  expect(transport.interest).toBe('none');
  connection.resume();
  transport.turn(0);
  expect(heard).toEqual(['{"n":1}', '{"n":2}']);
});

test('resuming from within a flush decodes what waits, although no more bytes come', () => {
  const transport = new FakeTransport();
  const heard: string[] = [];
  const connection = new Connection(
    transport,
    {
      onMessage: (message) => {
        heard.push(JSON.stringify(message.kind === 'json' && message.value));
        connection.write(answer);
        connection.pause();
      },
      onFlushed: () => connection.resume(),
      onBadMessage: () => {},
      onInputEnd: () => {},
      onLastReceived: () => {},
      onIdle: () => {},
      onShed: () => {},
      onLimit: () => {},
      onClosed: () => {},
    },
    parts(),
  );
  transport.turn(
    EVENT_READ,
    bytesOf(jsonMessage({ n: 1 }), jsonMessage({ n: 2 }), jsonMessage({ n: 3 })),
  );
  expect(heard).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  expect(transport.interest).toBe('read');
});

test('a peer that is gone while paused is noticed, so that the loop does not spin', () => {
  const { transport, connection, heard } = scene();
  connection.pause();
  expect(transport.interest).toBe('none');
  transport.turn(EVENT_READ | EVENT_WRITE | EVENT_HANGUP);
  expect(connection.state).toBe('closed');
  expect(transport.closed).toBe(true);
  expect(heard).toEqual(['closed: ConnectionBrokenError']);
});

test('what ended a paused connection is told by its own name', () => {
  const { transport, connection, heard } = scene();
  connection.pause();
  transport.turn(EVENT_READ | EVENT_WRITE | EVENT_HANGUP, reset);
  expect(heard).toEqual(['closed: ConnectionResetError']);
});

test('an owner that throws ends its own connection, also from a timer', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  for (const play of [
    (it: Scene) => it.transport.turn(EVENT_READ, bytesOf(jsonMessage({}))),
    (it: Scene) => {
      it.transport.turn(EVENT_READ, Uint8Array.of(0));
      it.clock.advance(10_000);
    },
    (it: Scene) => it.transport.turn(EVENT_READ, 'end'),
  ]) {
    const it = scene(boom);
    Object.assign(it.owner, { onBadMessage: boom, onInputEnd: boom });
    play(it);
    expect(it.heard.at(-1)).toBe('closed: Error');
    expect(it.transport.closed).toBe(true);
  }
});

test('what the owner writes when everything was sent leaves in the same turn', () => {
  const it = scene();
  let left = 3;
  Object.assign(it.owner, {
    onFlushed: () => {
      if (left-- > 0) it.connection.write(answer);
    },
  });
  it.connection.write(answer);
  it.transport.turn(0);
  expect(it.transport.sends).toHaveLength(4);
  expect(it.transport.interest).toBe('read');
});

test('a clean end is told from a cut one', () => {
  const clean = scene();
  clean.transport.turn(EVENT_READ, bytesOf(jsonMessage({ n: 1 })), 'end');
  clean.transport.turn(EVENT_READ);
  expect(clean.heard).toEqual(['{"n":1}', 'end']);
  const cut = scene();
  cut.transport.turn(EVENT_READ, bytesOf(jsonMessage({ n: 1 })).subarray(0, -1), 'end');
  cut.transport.turn(EVENT_READ);
  expect(cut.heard).toEqual(['cut']);
});

test('after the end of input what is written still leaves, then the connection closes', () => {
  const { transport, connection, heard } = scene();
  transport.turn(EVENT_READ, 'end');
  expect(connection.state).toBe('answering');
  expect(transport.interest).toBe('none');
  transport.capacities.push(5, 0);
  connection.write(answer);
  connection.finish();
  transport.turn(0);
  expect(connection.state).toBe('answering');
  expect(transport.interest).toBe('write');
  transport.turn(EVENT_WRITE);
  expect(transport.sentBytes).toEqual(Buffer.from(answerBytes));
  expect(heard).toEqual(['end', 'flushed', 'closed']);
});

test('lost framing: nothing later is parsed, and the close lingers until the peer has finished', () => {
  const { transport, connection, clock, heard } = scene();
  const junk = Uint8Array.of(0, 2, 0x5b, 0x5d);
  transport.turn(EVENT_READ, Buffer.concat([junk, bytesOf(jsonMessage({ n: 1 }))]));
  expect(heard).toEqual(['bad header-invalid lost']);
  connection.write(answer);
  connection.finish();
  transport.turn(0);
  expect(connection.state).toBe('lingering');
  expect(transport.outputEnded).toBe(true);
  transport.turn(EVENT_READ, new Uint8Array(1000));
  expect(connection.state).toBe('lingering');
  transport.turn(EVENT_READ, 'end');
  expect(heard.slice(1)).toEqual(['flushed', 'closed']);
  expectNoTimer(clock);
});

test.each([
  ['2 s', (it: Scene): void => it.clock.advance(2000)],
  [
    '1 MiB',
    (it: Scene): void => {
      for (let i = 0; i < 17; i++) it.transport.turn(EVENT_READ, new Uint8Array(64 * 1024));
    },
  ],
  ['a reset', (it: Scene): void => it.transport.turn(EVENT_READ, reset)],
])('lingering ends after %s', (_name, pass) => {
  const it = scene();
  it.connection.finish();
  it.transport.turn(0);
  expect(it.connection.state).toBe('lingering');
  pass(it);
  expect(it.connection.state).toBe('closed');
  expect(it.transport.closed).toBe(true);
  expectNoTimer(it.clock);
});

test('lingering lasts while it stays within its bounds', () => {
  const it = scene();
  it.connection.finish();
  it.transport.turn(0);
  it.clock.advance(1999);
  for (let i = 0; i < 16; i++) it.transport.turn(EVENT_READ, new Uint8Array(64 * 1024));
  expect(it.connection.state).toBe('lingering');
});

test.each([
  ['receive', (it: Scene) => it.transport.turn(EVENT_READ, reset)],
  [
    'send',
    (it: Scene) => {
      it.transport.capacities.push(reset);
      it.connection.write(answer);
      it.transport.turn(0);
    },
  ],
])('a reset at %s closes once and gives everything back', (_name, play) => {
  const it = scene();
  play(it);
  expect(it.heard).toEqual(['closed: ConnectionResetError']);
  expect(it.transport.closed).toBe(true);
  it.connection.write(answer);
  it.connection.finish();
  it.connection.stopInput();
  it.connection.close();
  it.transport.turn(EVENT_READ | EVENT_WRITE);
  expect(it.heard).toHaveLength(1);
});

test('a message that breaks a limit is refused and leaves nothing in the send buffer', () => {
  const { transport, connection } = scene();
  const tooLarge = jsonMessage({ text: 'x'.repeat(2 * 1024 * 1024) });
  expect(() => connection.write(tooLarge)).toThrow('1048576');
  connection.write(answer);
  transport.turn(0);
  expect(transport.sentBytes).toEqual(Buffer.from(answerBytes));
});

test('one byte and then silence: a time-out, and nothing later is parsed', () => {
  const { transport, clock, connection, heard } = scene();
  const request = bytesOf(jsonMessage({ n: 1 }));
  transport.turn(EVENT_READ, request.subarray(0, 1));
  clock.advance(9_999);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual(['bad timeout lost']);
  expect(connection.state).toBe('refusing');
  transport.turn(EVENT_READ, request.subarray(1));
  expect(heard).toEqual(['bad timeout lost']);
});

test('a header that drips, byte by byte, does not gain time by dripping', () => {
  const { transport, clock, heard } = scene();
  const request = bytesOf(jsonMessage({ n: 1 }));
  for (let at = 0; at < 10; at++) {
    expect(heard).toEqual([]);
    transport.turn(EVENT_READ, request.subarray(at, at + 1));
    clock.advance(1000);
  }
  expect(heard).toEqual(['bad timeout lost']);
});

test('content has until 60 s after the first byte of its message', () => {
  const { transport, clock, heard } = scene();
  const request = bytesOf(jsonMessage({ n: 1 }));
  transport.turn(EVENT_READ, request.subarray(0, 10));
  clock.advance(9_000);
  transport.turn(EVENT_READ, request.subarray(10, -1));
  clock.advance(50_999);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual(['bad timeout lost']);
});

test('each message has its own time, and a pause stops the clock', () => {
  const { transport, clock, connection, heard } = scene();
  const request = bytesOf(jsonMessage({ n: 1 }));
  transport.turn(EVENT_READ, request.subarray(0, 5));
  clock.advance(9_000);
  transport.turn(EVENT_READ, Buffer.concat([request.subarray(5), request.subarray(0, 5)]));
  clock.advance(9_000);
  transport.turn(EVENT_READ, request.subarray(5));
  transport.turn(EVENT_READ, request.subarray(0, 5));
  connection.pause();
  clock.advance(3_600_000);
  connection.resume();
  transport.turn(0);
  clock.advance(9_999);
  expect(heard).toEqual(['{"n":1}', '{"n":1}']);
  clock.advance(1);
  expect(heard).toEqual(['{"n":1}', '{"n":1}', 'bad timeout lost']);
});

describe('idle', () => {
  const request = bytesOf(jsonMessage({ n: 1 }));

  test('is who says nothing and is told nothing for 75 s: told once, and not too early', () => {
    const { transport, clock, heard } = scene();
    clock.advance(75_000);
    transport.turn(EVENT_READ, request);
    clock.advance(75_000);
    expect(heard).toEqual(['{"n":1}']);
    clock.advance(2_000);
    expect(heard).toEqual(['{"n":1}', 'idle']);
    clock.advance(74_000);
    expect(heard).toHaveLength(2);
  });

  test('is nobody to whom something was sent', () => {
    const { transport, clock, connection, heard } = scene();
    for (let round = 0; round < 5; round++) {
      clock.advance(70_000);
      connection.write(answer);
      transport.turn(0);
    }
    expect(heard).not.toContain('idle');
  });

  test('is nobody who is paused; the time begins anew afterwards', () => {
    const { transport, clock, connection, heard } = scene();
    clock.advance(70_000);
    connection.pause();
    clock.advance(3_600_000);
    connection.resume();
    transport.turn(0);
    clock.advance(75_000);
    expect(heard).toEqual([]);
  });
});

describe('a peer that does not read', () => {
  test('is closed when it took nothing for 30 s', () => {
    const { transport, clock, connection, heard } = scene();
    connection.write(answer);
    transport.capacities.push(5, ...Array.from({ length: 100 }, () => 0));
    transport.turn(0);
    clock.advance(30_000);
    expect(connection.state).toBe('open');
    clock.advance(2_000);
    expect(heard).toEqual(['limit writeStallMs', 'closed: ConnectionBrokenError']);
    expect(transport.closed).toBe(true);
    expectNoTimer(clock);
  });

  test('is kept while it takes a byte now and then', () => {
    const { transport, clock, connection } = scene();
    connection.write(answer);
    for (let round = 0; round < 10; round++) {
      transport.capacities.splice(0, Infinity, 1, ...Array.from({ length: 100 }, () => 0));
      transport.turn(EVENT_WRITE);
      clock.advance(28_000);
    }
    expect(connection.state).toBe('open');
  });
});

describe('the budget', () => {
  const large = bytesOf(jsonMessage({ text: 'x'.repeat(10_000) }));

  test('gives up who holds most, and leaves the others alone', () => {
    const budget = new MemoryBudget(12_000);
    const [small, big] = [scene(undefined, budget), scene(undefined, budget)] as const;
    small.transport.turn(EVENT_READ, large.subarray(0, 4_000));
    big.transport.turn(EVENT_READ, large.subarray(0, 6_000));
    expect(budget.used).toBe(10_000);
    small.transport.turn(EVENT_READ, large.subarray(4_000, 6_500));
    expect(small.heard).toEqual(['shed maxMemory']);
    expect(big.heard).toEqual([]);
    expect(budget.used).toBe(6_000);
    big.transport.turn(EVENT_READ, large.subarray(6_000));
    expect(big.heard).toHaveLength(1);
    expect(budget.used).toBe(0);
  });

  test('a shed connection can still answer, and lingers', () => {
    const it = scene(undefined, new MemoryBudget(1_000));
    Object.assign(it.owner, {
      onShed: () => {
        it.connection.write(answer);
        it.connection.finish();
      },
    });
    it.transport.turn(EVENT_READ, large.subarray(0, 2_000));
    it.transport.turn(0);
    expect(it.transport.sentBytes).toEqual(Buffer.from(answerBytes));
    expect(it.connection.state).toBe('lingering');
  });

  test.each([
    [
      'what is unsent',
      ({ connection, transport }: Scene) => {
        transport.capacities.push(0, 0);
        connection.write(jsonMessage({ text: 'x'.repeat(10_000) }));
      },
    ],
    ['what its owner holds', ({ connection }: Scene) => connection.hold(10_000)],
  ])('nothing can be said to whom holds %s: it is closed', (_what, burden) => {
    const budget = new MemoryBudget(9_000);
    const it = scene(undefined, budget);
    burden(it);
    it.transport.turn(0);
    expect(it.heard).toEqual(['limit maxMemory', 'closed: ConnectionClosedError']);
    expect(budget.used).toBe(0);
  });

  test('a connection that ends gives everything back', () => {
    const budget = new MemoryBudget();
    const it = scene(undefined, budget);
    it.transport.turn(EVENT_READ, large.subarray(0, 5_000));
    expect(budget.used).toBe(5_000);
    it.connection.close();
    expect(budget.used).toBe(0);
  });
});

/** The watchdog notices with its next look that nobody is left. */
function expectNoTimer(clock: ManualClock): void {
  clock.advance(1_000);
  expect(clock.pending).toBe(0);
}

test('a connection that closes in mid-message leaves no timer behind', () => {
  const { transport, clock, connection } = scene();
  transport.turn(EVENT_READ, Uint8Array.of(0));
  expect(clock.pending).toBe(1);
  connection.close();
  expectNoTimer(clock);
});
