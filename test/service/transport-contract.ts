/**
 * What every transport does, whatever carries its bytes: one suite, run over real sockets and in memory.
 *
 * Where TCP and Unix sockets differ, each has tests of its own: a peer on this machine that closes is known to be
 * gone at once, one behind a network only when something is sent to it.
 *
 * The file is long because it is one table of what a transport does, which every transport is read against whole.
 */
import { ReceiveBuffer, SendBuffer } from '@wireline/framing';
import {
  BrokenPipeError,
  ConnectionResetError,
  SocketClosedError,
  WOULD_BLOCK,
  type WouldBlock,
} from '@wireline/socket';
import {
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  type Interest,
  type ReadinessHandler,
} from '@wireline/socket/event-loop';
import type { Transport } from '@wireline/service/testing';
import { describe, expect, test } from 'vitest';

/** Two connected transports, not started. */
export interface PairUnderTest {
  readonly client: Transport;
  readonly server: Transport;
  /** Lets one turn of their event loop happen. */
  readonly step: () => Promise<void>;
}

/** Turns after which whatever was going to be reported has been. */
const TURNS_FOR_ALL = 10;

/** One end: what it was told, and what it received. */
class End implements ReadinessHandler {
  readonly transport: Transport;
  readonly #received = new ReceiveBuffer();
  readonly #sending = new SendBuffer();
  readonly #step: () => Promise<void>;
  /** What each call reported. */
  readonly reports: number[] = [];

  constructor(transport: Transport, step: () => Promise<void>) {
    this.transport = transport;
    this.#step = step;
  }

  onReady(events: number): void {
    this.reports.push(events);
  }

  /** Waits until it is ready for `interest`, and for nothing afterwards. */
  async ready(interest: Interest, wanted: number): Promise<number> {
    this.transport.waitFor(interest);
    this.reports.length = 0;
    while (!this.reports.some((events) => (events & wanted) === wanted)) await this.#step();
    this.transport.waitFor('none');
    return this.reports.at(-1) ?? 0;
  }

  /** Sends until everything is taken or it would block; returns how many bytes were taken. */
  send(bytes: Uint8Array): number {
    this.#sending.append(bytes);
    const before = this.#sending.length;
    while (this.#sending.length > 0) {
      if (this.transport.send(this.#sending) === WOULD_BLOCK) break;
    }
    const taken = before - this.#sending.length;
    this.#sending.clear();
    return taken;
  }

  /** Receives once. */
  receive(): number | WouldBlock {
    const count = this.transport.receive(this.#received);
    this.#received.settle();
    return count;
  }

  /** Everything that was received and not taken yet. */
  take(): Uint8Array {
    return this.#received.take(this.#received.length);
  }

  /** Receives `count` bytes, waiting for them. */
  async receiveBytes(count: number): Promise<Uint8Array> {
    while (this.#received.length < count) {
      const came = this.receive();
      if (came === 0) throw new Error('the stream ended early');
      if (came === WOULD_BLOCK) await this.ready('read', EVENT_READ);
    }
    return this.take();
  }
}

/** What kinds of transport differ in. */
export interface Traits {
  readonly behavesAs: 'TCP' | 'Unix';
  /** Whether it hears of a hang-up whatever is waited for, or only while reading is. */
  readonly hearsHangup: 'always' | 'while reading';
  /** Whether it hears of a reset behind the peer's end of stream by itself, or when it sends. */
  readonly hearsLateReset: 'always' | 'by sending';
}

/** What a socket of the operating system does. */
const OF_SOCKETS: Traits = {
  behavesAs: 'TCP',
  hearsHangup: 'always',
  hearsLateReset: 'always',
};

/** Registers the suite for one kind of transport. */
export function transportContract(
  name: string,
  makePair: () => Promise<PairUnderTest>,
  traits: Partial<Traits> = {},
): void {
  const { behavesAs, hearsHangup, hearsLateReset } = { ...OF_SOCKETS, ...traits };
  const isTcp = behavesAs === 'TCP';
  const hangupInterest = hearsHangup === 'always' ? 'none' : 'read';

  /** Ending the output of a connection that is over. Unix sockets take it for done. */
  function endOver(end: End): void {
    if (isTcp) expect(() => end.transport.endOutput()).toThrow('ENOTCONN');
    else end.transport.endOutput();
  }

  /**
   * Waits until what was sent has arrived, unread. What a Unix socket's owner has heard of may be no longer with the
   * kernel, which then resets nothing; there it has arrived when it was sent.
   */
  async function arrival(end: End, step: () => Promise<void>): Promise<void> {
    if (hearsHangup === 'always') await end.ready('read', EVENT_READ);
    else await step();
  }

  /** A pair whose ends are started, waiting for nothing, and closed in the end. */
  async function withPair(
    play: (client: End, server: End, step: (turns?: number) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const pair = await makePair();
    const client = new End(pair.client, pair.step);
    const server = new End(pair.server, pair.step);
    client.transport.start(client, 'none');
    server.transport.start(server, 'none');
    try {
      await play(client, server, async (turns = TURNS_FOR_ALL) => {
        for (let turn = 0; turn < turns; turn++) await pair.step();
      });
    } finally {
      client.transport.close();
      server.transport.close();
    }
  }

  describe(`a transport (${name})`, () => {
    describe('bytes', () => {
      test('arrive in order, both ways', () =>
        withPair(async (client, server) => {
          client.send(Uint8Array.of(1, 2, 3));
          client.send(Uint8Array.of(4));
          server.send(Uint8Array.of(9, 8));
          expect([...(await server.receiveBytes(4))]).toEqual([1, 2, 3, 4]);
          expect([...(await client.receiveBytes(2))]).toEqual([9, 8]);
        }));

      test('receiving what has not come would block', () =>
        withPair(async (client) => {
          expect(client.receive()).toBe(WOULD_BLOCK);
        }));

      test('sending to a peer that does not read would block in the end, and goes on when it reads', () =>
        withPair(async (client, server) => {
          const chunk = new Uint8Array(100_000).map((_, index) => index % 251);
          const sent: Uint8Array[] = [];
          let taken: number;
          do {
            taken = client.send(chunk);
            sent.push(chunk.subarray(0, taken));
          } while (taken === chunk.length);
          expect(client.send(chunk)).toBe(0);
          const first = Buffer.concat(sent);
          expect(Buffer.compare(await server.receiveBytes(first.length), first)).toBe(0);
          await client.ready('write', EVENT_WRITE);
          expect(client.send(Uint8Array.of(7))).toBe(1);
          expect([...(await server.receiveBytes(1))]).toEqual([7]);
        }));
    });

    describe('readiness', () => {
      test('is reported for what is waited for, and for nothing else', () =>
        withPair(async (client, server, step) => {
          client.send(Uint8Array.of(1));
          await step();
          expect(server.reports).toEqual([]);
          expect(await server.ready('write', EVENT_WRITE)).toBe(EVENT_WRITE);
          expect(await server.ready('read', EVENT_READ)).toBe(EVENT_READ);
          expect(await server.ready('read-write', EVENT_READ)).toBe(EVENT_READ | EVENT_WRITE);
        }));

      test('is reported again while anything is left, and no more when nothing is', () =>
        withPair(async (client, server, step) => {
          client.send(Uint8Array.of(1, 2));
          await server.ready('read', EVENT_READ);
          server.transport.waitFor('read');
          server.reports.length = 0;
          while (server.reports.length < 3) await step(1);
          server.receive();
          server.reports.length = 0;
          await step();
          expect(server.reports).toEqual([]);
        }));

      test('is that of the moment: what comes while nobody waits is reported to whoever waits later', () =>
        withPair(async (client, server, step) => {
          client.send(Uint8Array.of(1));
          await step();
          expect(await server.ready('read', EVENT_READ)).toBe(EVENT_READ);
        }));
    });

    describe('the end of the stream', () => {
      test('comes behind the bytes, again and again, and the other way stays open', () =>
        withPair(async (client, server) => {
          client.send(Uint8Array.of(1, 2));
          client.transport.endOutput();
          expect([...(await server.receiveBytes(2))]).toEqual([1, 2]);
          await server.ready('read', EVENT_READ);
          expect([server.receive(), server.receive()]).toEqual([0, 0]);
          expect(server.reports.at(-1)).toBe(EVENT_READ);
          server.send(Uint8Array.of(3));
          expect([...(await client.receiveBytes(1))]).toEqual([3]);
        }));

      test('after it nothing can be sent; ending twice is ending once', () =>
        withPair(async (client) => {
          client.transport.endOutput();
          client.transport.endOutput();
          expect(() => client.send(Uint8Array.of(1))).toThrow(BrokenPipeError);
          expect(await client.ready('write', EVENT_WRITE)).toBe(EVENT_WRITE);
        }));

      test('of both ways is a hang-up, whatever is waited for; what came before can be received', () =>
        withPair(async (client, server) => {
          client.send(Uint8Array.of(1, 2, 3));
          client.transport.endOutput();
          server.transport.endOutput();
          expect(await server.ready(hangupInterest, EVENT_HANGUP)).toBe(
            EVENT_READ | EVENT_WRITE | EVENT_HANGUP,
          );
          expect([server.receive(), server.receive()]).toEqual([3, 0]);
          endOver(server);
        }));
    });

    describe('closing', () => {
      test('ends the stream behind what was sent', () =>
        withPair(async (client, server) => {
          client.send(Uint8Array.of(1, 2));
          client.transport.close();
          expect([...(await server.receiveBytes(2))]).toEqual([1, 2]);
          await server.ready('read', EVENT_READ);
          expect(server.receive()).toBe(0);
        }));

      test('again does nothing; nothing else can be done', () =>
        withPair(async (client, _server, step) => {
          client.transport.close();
          client.transport.close();
          expect(() => client.receive()).toThrow(SocketClosedError);
          expect(() => client.send(Uint8Array.of(1))).toThrow(SocketClosedError);
          expect(() => client.transport.endOutput()).toThrow(SocketClosedError);
          client.transport.waitFor('read-write');
          await step();
          expect(client.reports).toEqual([]);
        }));

      test('with unread bytes resets: what has arrived can be received, then the reset, once', () =>
        withPair(async (client, server, step) => {
          server.send(Uint8Array.of(5));
          await arrival(client, step);
          client.send(Uint8Array.of(1, 2));
          await server.ready('read', EVENT_READ);
          client.transport.close();
          const all = EVENT_READ | EVENT_WRITE | EVENT_HANGUP;
          expect(await server.ready(hangupInterest, EVENT_HANGUP)).toBe(all);
          expect(server.receive()).toBe(2);
          expect(() => server.receive()).toThrow(ConnectionResetError);
          expect(server.receive()).toBe(0);
          expect(() => server.send(Uint8Array.of(1))).toThrow(BrokenPipeError);
          endOver(server);
        }));

      test('by aborting, the peer finds a reset where there are resets, and the end elsewhere', () =>
        withPair(async (client, server) => {
          client.transport.abort();
          client.transport.abort();
          await server.ready(hangupInterest, EVENT_HANGUP);
          if (isTcp) expect(() => server.receive()).toThrow(ConnectionResetError);
          expect(server.receive()).toBe(0);
          expect(() => server.send(Uint8Array.of(1))).toThrow(BrokenPipeError);
        }));

      test.runIf(isTcp)('on TCP, a reset is thrown by whichever call comes first', () =>
        withPair(async (client, server, step) => {
          server.send(Uint8Array.of(5));
          await arrival(client, step);
          client.transport.close();
          await server.ready(hangupInterest, EVENT_HANGUP);
          expect(() => server.send(Uint8Array.of(1))).toThrow(ConnectionResetError);
          expect(() => server.send(Uint8Array.of(1))).toThrow(BrokenPipeError);
          expect(server.receive()).toBe(0);
        }),
      );

      test.runIf(isTcp)(
        'on TCP, sending to a peer that has closed works once, then it is a hang-up and a broken pipe',
        () =>
          withPair(async (client, server, step) => {
            client.transport.close();
            await server.ready('read', EVENT_READ);
            await step();
            expect(server.reports.at(-1)).toBe(EVENT_READ);
            expect(server.send(Uint8Array.of(1))).toBe(1);
            if (hearsLateReset === 'always') await server.ready(hangupInterest, EVENT_HANGUP);
            else await step();
            expect(server.receive()).toBe(0);
            expect(() => server.send(Uint8Array.of(1))).toThrow(BrokenPipeError);
          }),
      );

      test.runIf(!isTcp)(
        'on Unix, a reset is thrown by receiving; sending is a broken pipe before',
        () =>
          withPair(async (client, server, step) => {
            server.send(Uint8Array.of(5));
            await arrival(client, step);
            client.transport.close();
            await server.ready(hangupInterest, EVENT_HANGUP);
            expect(() => server.send(Uint8Array.of(1))).toThrow(BrokenPipeError);
            expect(() => server.receive()).toThrow(ConnectionResetError);
            expect(server.receive()).toBe(0);
          }),
      );

      test.runIf(!isTcp)(
        'on Unix, is a hang-up at once: sending is a broken pipe, and what was sent before can be received',
        () =>
          withPair(async (client, server) => {
            client.send(Uint8Array.of(1, 2));
            client.transport.close();
            await server.ready(hangupInterest, EVENT_HANGUP);
            expect(() => server.send(Uint8Array.of(1))).toThrow(BrokenPipeError);
            expect([server.receive(), server.receive()]).toEqual([2, 0]);
          }),
      );

      test('in a turn keeps the other end from being called for a transport that is gone', () =>
        withPair(async (client, server, step) => {
          client.send(Uint8Array.of(1));
          server.send(Uint8Array.of(1));
          await step();
          let calls = 0;
          const closeBoth = (): void => {
            calls += 1;
            client.transport.close();
            server.transport.close();
          };
          Object.assign(client, { onReady: closeBoth });
          Object.assign(server, { onReady: closeBoth });
          client.transport.waitFor('read');
          server.transport.waitFor('read');
          await step();
          expect(calls).toBe(1);
        }));
    });

    describe('the end of a turn', () => {
      test('comes after all handlers, and runs what each of them has asked for', () =>
        withPair(async (client, server, step) => {
          const order: string[] = [];
          const task = { run: () => order.push('end') };
          for (const end of [client, server]) {
            Object.assign(end, {
              onReady: () => {
                order.push('ready');
                end.transport.waitFor('none');
                end.transport.atEndOfTurn(task);
              },
            });
            end.transport.waitFor('write');
          }
          await step();
          expect(order).toEqual(['ready', 'ready', 'end', 'end']);
        }));

      test('comes also when nobody is ready', () =>
        withPair(async (client, _server, step) => {
          let runs = 0;
          client.transport.atEndOfTurn({ run: () => (runs += 1) });
          await step();
          expect(runs).toBe(1);
        }));
    });
  });
}
