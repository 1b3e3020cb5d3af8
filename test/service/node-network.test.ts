/**
 * What only the network of `node:net` has to be tried for: what waits within this process, how much and how long, and
 * what Node does by itself. The rest is in the contract of transports, and in the suites on its stages. It is long because
 * Node does much by itself.
 */
import { ReceiveBuffer, SendBuffer } from '@wireline/framing';
import {
  nodeNetwork,
  type AcceptHandler,
  type Transport,
  type TransportListener,
} from '@wireline/service';
import { ManualClock } from '@wireline/service/testing';
import {
  AddressInUseError,
  ConnectionResetError,
  NameResolutionError,
  WOULD_BLOCK,
  type Endpoint,
} from '@wireline/socket';
import { systemClock, type Clock } from '@wireline/socket/event-loop';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { deferred } from '../support/deferred.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

/** Rounds of Node's loop in which whatever was under way on this machine has come. */
const QUIET_ROUNDS = 50;

async function quiet(rounds = QUIET_ROUNDS): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A listener, and what it has handed on. */
interface Listening {
  readonly listener: TransportListener;
  readonly transports: Transport[];
  /** Resolves when so many transports have come. */
  readonly came: (count: number) => Promise<void>;
}

/** Listens until the test is over, and closes what it has handed on. */
async function listen(
  endpoint: Endpoint = LOOPBACK,
  clock: Clock = systemClock,
): Promise<Listening> {
  const transports: Transport[] = [];
  let wake = (): void => {};
  const handler: AcceptHandler = {
    onTransport: (transport) => {
      transports.push(transport);
      wake();
    },
    onAcceptFailed: () => {},
    onStarved: () => {},
    onRecovered: () => {},
    onError: () => {},
  };
  const listener = await nodeNetwork.listen(endpoint, handler, clock);
  onTestFinished(() => {
    listener.close();
    for (const transport of transports) transport.close();
  });
  const came = async (count: number): Promise<void> => {
    while (transports.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { listener, transports, came };
}

/** A socket of Node's that is connected to a listener; closed when the test is over. */
async function peerOf({ listener }: Listening): Promise<Socket> {
  const { address } = listener;
  const peer =
    address.family === 'unix' ? connect(address.path) : connect(address.port, address.host);
  onTestFinished(() => void peer.destroy());
  peer.on('error', () => {});
  await new Promise((resolve) => peer.once('connect', resolve));
  return peer;
}

/** A transport, and the peer that it is connected to. */
async function pair(clock: Clock = systemClock): Promise<[Transport, Socket]> {
  const listening = await listen(LOOPBACK, clock);
  const peer = await peerOf(listening);
  await listening.came(1);
  const [transport] = listening.transports;
  if (transport === undefined) throw new Error('no transport came'); // it has
  return [transport, peer];
}

/** Sends until it would block; returns how many bytes were taken. */
function fill(transport: Transport): number {
  const buffer = new SendBuffer();
  buffer.append(new Uint8Array(32 * 1024 * 1024));
  const before = buffer.length;
  while (transport.send(buffer) !== WOULD_BLOCK);
  return before - buffer.length;
}

/** Receives what is there, without a turn in between; returns how many bytes that was. */
function drain(transport: Transport): number {
  const buffer = new ReceiveBuffer();
  let count = 0;
  for (;;) {
    const came = transport.receive(buffer);
    buffer.clear();
    if (came === WOULD_BLOCK || came === 0) return count;
    count += came;
  }
}

describe('what nobody receives', () => {
  test('is read ahead a little, and the rest stays with the peer; then all of it comes', async () => {
    const [transport, peer] = await pair();
    let wakes = 0;
    transport.start({ onReady: () => (wakes += 1) }, 'none');
    const sent = 32 * 1024 * 1024;
    peer.write(Buffer.alloc(sent));
    await quiet();
    expect(peer.writableLength).toBeGreaterThan(0);
    const first = drain(transport);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual((128 + 64) * 1024);
    expect(wakes).toBe(0);
    for (let received = first; received < sent; received += drain(transport)) await quiet(1);
    expect(peer.writableLength).toBe(0);
  });

  test('in many small chunks is put together', async () => {
    const [transport, peer] = await pair();
    transport.start({ onReady: () => {} }, 'none');
    for (let i = 0; i < 200; i++) {
      peer.write(Uint8Array.of(i));
      await quiet(1);
    }
    const buffer = new ReceiveBuffer();
    while (buffer.length === 0) {
      await quiet();
      transport.receive(buffer);
    }
    expect([...buffer.take(200)]).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('is not read before the transport is started', async () => {
    const [transport, peer] = await pair();
    peer.write('hello');
    await quiet();
    expect(transport.receive(new ReceiveBuffer())).toBe(WOULD_BLOCK);
  });
});

describe('what is unsent', () => {
  test('is waited for by whoever wants to send more', async () => {
    const [transport, peer] = await pair();
    const ready = deferred();
    let reports = 0;
    const onReady = (): void => {
      reports += 1;
      transport.waitFor('none');
      ready.resolve();
    };
    transport.start({ onReady }, 'none');
    fill(transport);
    transport.waitFor('write');
    await quiet();
    expect(reports).toBe(0);
    peer.resume();
    await ready.promise;
    expect(fill(transport)).toBeGreaterThan(0);
  });

  test('when the transport is closed is sent nevertheless, then the end of the stream', async () => {
    const [transport, peer] = await pair();
    transport.start({ onReady: () => {} }, 'none');
    const taken = fill(transport);
    transport.close();
    const ended = deferred();
    let received = 0;
    peer.on('data', (chunk) => (received += chunk.length)).once('end', () => ended.resolve());
    await ended.promise;
    expect(received).toBe(taken);
  });

  test('is given up after 10 s', async () => {
    const clock = new ManualClock();
    const [transport, peer] = await pair(clock);
    transport.start({ onReady: () => {} }, 'none');
    const taken = fill(transport);
    transport.close();
    clock.advance(9_999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    const ended = deferred();
    let received = 0;
    peer.on('data', (chunk) => (received += chunk.length)).once('close', () => ended.resolve());
    await ended.promise;
    expect(received).toBeLessThan(taken);
  });

  test('leaves no timer behind when the peer is gone', async () => {
    const clock = new ManualClock();
    const [transport, peer] = await pair(clock);
    transport.start({ onReady: () => {} }, 'none');
    fill(transport);
    transport.close();
    expect(clock.pending).toBe(1);
    peer.resetAndDestroy();
    while (clock.pending > 0) await quiet(1);
  });

  test('is a copy: its memory can be used again at once', async () => {
    const [transport, peer] = await pair();
    transport.start({ onReady: () => {} }, 'none');
    const buffer = new SendBuffer();
    let taken = 0;
    for (;;) {
      buffer.append(new Uint8Array(60_000).fill(1));
      const { bytes } = buffer;
      const count = transport.send(buffer);
      if (count === WOULD_BLOCK) break;
      taken += count;
      bytes.fill(2);
    }
    transport.close();
    let ones = 0;
    for await (const chunk of peer) for (const byte of chunk as Buffer) ones += byte === 1 ? 1 : 0; // of no encoding
    expect(ones).toBe(taken);
  });
});

describe('a listener that is paused', () => {
  test('holds who comes, and hands them on in their order', async () => {
    const listening = await listen();
    listening.listener.pause();
    for (let i = 0; i < 5; i++) (await peerOf(listening)).write(`${i}`);
    await quiet();
    expect(listening.transports).toHaveLength(0);
    listening.listener.resume();
    await listening.came(5);
    const greetings = listening.transports.map(async (transport) => {
      transport.start({ onReady: () => {} }, 'none');
      const buffer = new ReceiveBuffer();
      while (transport.receive(buffer) === WOULD_BLOCK) await quiet(1);
      return Buffer.from(buffer.take(1)).toString();
    });
    expect(await Promise.all(greetings)).toEqual(['0', '1', '2', '3', '4']);
  });

  test('hands on no more than are wanted', async () => {
    const listening = await listen();
    const { listener, transports } = listening;
    listener.pause();
    for (let i = 0; i < 3; i++) await peerOf(listening);
    await quiet();
    const push = transports.push.bind(transports);
    transports.push = (...came) => {
      listener.pause();
      return push(...came);
    };
    listener.resume();
    await listening.came(1);
    await quiet();
    expect(transports).toHaveLength(1);
    await peerOf(listening);
    await quiet();
    expect(transports).toHaveLength(1);
    listener.resume();
    await listening.came(2);
  });

  test('holds 128 and resets the others', async () => {
    const listening = await listen();
    listening.listener.pause();
    const peers = await Promise.all(Array.from({ length: 130 }, () => peerOf(listening)));
    const gone = new Set<Socket>();
    for (const peer of peers) peer.once('close', () => gone.add(peer)).resume();
    while (gone.size < 2) await quiet(1);
    await quiet();
    expect(gone.size).toBe(2);
    for (const peer of gone) expect(peer.errored).toMatchObject({ code: 'ECONNRESET' });
    listening.listener.resume();
    await listening.came(128);
  });

  test('resets those that it holds when it is closed', async () => {
    const listening = await listen();
    listening.listener.pause();
    const peer = await peerOf(listening);
    const closed = new Promise((resolve) => peer.once('close', resolve));
    peer.resume();
    await quiet();
    listening.listener.close();
    await closed;
    expect(peer.errored).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('places', () => {
  /** A path in a folder of its own, removed when the test is over. */
  function somePath(): string {
    const folder = mkdtempSync(join(tmpdir(), 'wireline-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return join(folder, 'service.sock');
  }

  test('a file that a server left behind does not stand in the way; the own one goes when it is closed', async () => {
    const path = somePath();
    leaveBehind(path);
    expect(existsSync(path)).toBe(true);
    const { listener } = await listen({ path });
    expect(listener.address).toEqual({ family: 'unix', path });
    listener.close();
    expect(existsSync(path)).toBe(false);
  });

  test('a server that is there does, and stays', async () => {
    const path = somePath();
    const listening = await listen({ path });
    await expect(listen({ path })).rejects.toThrow(AddressInUseError);
    await peerOf(listening);
  });

  test('so does any other file', async () => {
    const path = somePath();
    writeFileSync(path, 'precious');
    await expect(listen({ path })).rejects.toThrow(AddressInUseError);
    expect(existsSync(path)).toBe(true);
  });

  test('a folder that is not there is no question of permission', async () => {
    const path = join(somePath(), 'service.sock');
    await expect(listen({ path })).rejects.toMatchObject({ code: 'ENOENT', syscall: 'bind' });
  });

  test('a path that is too long is refused by both sides', async () => {
    const path = `/tmp/${'x'.repeat(103)}`;
    await expect(listen({ path })).rejects.toThrow(RangeError);
    await expect(nodeNetwork.connect({ path }, { clock: systemClock })).rejects.toThrow(RangeError);
  });

  test('a name that is none, a port that is none, a time that is none', async () => {
    const clock = systemClock;
    const nowhere = { host: 'no such host', port: 80 };
    await expect(nodeNetwork.connect(nowhere, { clock })).rejects.toThrow(NameResolutionError);
    await expect(listen({ host: '127.0.0.1', port: 65_536 })).rejects.toThrow(RangeError);
    const options = { clock, timeoutMs: -1 };
    await expect(nodeNetwork.connect({ path: '/tmp' }, options)).rejects.toThrow(RangeError);
    await expect(nodeNetwork.connect(nowhere, options)).rejects.toThrow(RangeError);
  });

  test('a link-local address keeps its zone without the C library', async () => {
    const there = { host: 'fe80::1%nowhere', port: 80 };
    const connecting = nodeNetwork.connect(there, { clock: systemClock, timeoutMs: 1000 });
    await expect(connecting).rejects.toMatchObject({ code: 'connect-failed' });
  });
});

describe('a process', () => {
  test('is kept alive by a transport that neither reads nor writes, until that is closed', async () => {
    const [transport, peer] = await pair();
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    transport.start({ onReady: () => {} }, 'none');
    peer.end();
    expect(timers()).toBe(before + 1);
    transport.close();
    expect(timers()).toBe(before);
  });

  test('hears of what a handler throws, and the other handlers run', async () => {
    const [first] = await pair();
    const [second] = await pair();
    const failure = new Error('a handler fails');
    const uncaught = new Promise((resolve) => {
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        for (const listener of listeners) process.on('uncaughtException', listener);
        resolve(error);
      });
    });
    const ran = deferred();
    first.start(
      {
        onReady: () => {
          first.waitFor('none');
          throw failure;
        },
      },
      'write',
    );
    second.start({ onReady: () => (second.waitFor('none'), ran.resolve()) }, 'write');
    expect(await uncaught).toBe(failure);
    await ran.promise;
  });
});

test('a connection that was reset says so to whoever receives', async () => {
  const [transport, peer] = await pair();
  const ready = deferred();
  transport.start({ onReady: () => (transport.waitFor('none'), ready.resolve()) }, 'read');
  peer.resetAndDestroy();
  await ready.promise;
  expect(() => transport.receive(new ReceiveBuffer())).toThrow(ConnectionResetError);
  transport.close();
});

/** A Unix socket's file whose socket is gone. */
function leaveBehind(path: string): void {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script]);
  } catch {
    // killed, as it was to be
  }
}
