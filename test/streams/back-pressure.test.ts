/** Back-pressure: who does not read has the other side wait, and little waits in memory. */
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { attach } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { digestOf, pattern } from '../conformance/sockets.ts';
import { CASES, connection } from './connection.ts';
import { queuesOf, until, untilStill } from './kernel-queues.ts';
import { KINDS, type NativeStream } from './stream-kind.ts';

const PIECE = pattern(64 * 1024);

/** What a stream may hold of what was received: a mark of 64 KiB, and what came when that was nearly reached. */
const MOST_HELD = 192 * 1024;

/** Far more than the buffers of the kernel, of both sides together: they grow to 6 and 4 MiB. */
const PIECES = 512;

/** Each way. */
const BULK = 100 * 1024 * 1024;

describe.each(CASES)('$title', ({ kind, network }) => {
  test('a peer that does not read: write says false, and what is written waits', async () => {
    const { stream, peer } = await connection(kind, { network });
    peer.pause();
    let pieces = 0;
    const writeOn = (): void => {
      while (pieces < PIECES) {
        pieces++;
        if (!stream.write(PIECE)) return;
      }
    };
    stream.on('drain', writeOn);
    writeOn();
    await untilStill(() => `${pieces} ${queuesOf(stream)}`);
    expect(pieces).toBeLessThan(PIECES);
    expect(stream.writableNeedDrain).toBe(true);
    expect(stream.writableLength).toBeLessThanOrEqual(2 * PIECE.length);
    expect(attach(stream).queueDepths().sendQ).toBeGreaterThan(0);
    // The peer reads after all: all arrives.
    const hash = createHash('sha256');
    peer.on('data', (chunk: Buffer) => hash.update(chunk)).resume();
    const ended = once(peer, 'end');
    await until(() => pieces === PIECES);
    stream.end();
    await ended;
    const expected = createHash('sha256');
    for (let i = 0; i < PIECES; i++) expected.update(PIECE);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
  });

  test('a reader that pauses: nothing more is received, and the peer has to wait', async () => {
    const { stream, peer } = await connection(kind, { network });
    peer.write(PIECE);
    stream.resume();
    await until(() => stream.bytesRead === PIECE.length);
    stream.pause();
    for (let i = 0; i < PIECES; i++) peer.write(PIECE);
    await untilStill(() => `${stream.bytesRead} ${peer.writableLength} ${queuesOf(stream)}`);
    expect(stream.bytesRead).toBeLessThanOrEqual(PIECE.length + MOST_HELD);
    expect(stream.readableLength).toBeLessThanOrEqual(MOST_HELD);
    expect(attach(stream).queueDepths().recvQ).toBeGreaterThan(0);
    expect(peer.writableLength).toBeGreaterThan(0);
    stream.resume();
    peer.end();
    await once(stream, 'end');
    expect(stream.bytesRead).toBe((PIECES + 1) * PIECE.length);
  });

  test('nobody reads: no more is received than fits below the mark', async () => {
    const { stream, peer } = await connection(kind, { network });
    for (let i = 0; i < PIECES; i++) peer.write(PIECE);
    await untilStill(() => `${stream.bytesRead} ${peer.writableLength} ${queuesOf(stream)}`);
    expect(stream.bytesRead).toBeLessThanOrEqual(MOST_HELD);
  });
});

describe.each(KINDS)('$name', (kind) => {
  test('100 MiB each way at once: all arrives, and little waits in memory', async () => {
    const { stream, peer } = await connection(kind, { allowHalfOpen: true });
    const most = { read: 0, written: 0, memory: 0 };
    const before = process.memoryUsage().arrayBuffers;
    stream.on('data', () => {
      most.read = Math.max(most.read, stream.readableLength);
      most.written = Math.max(most.written, stream.writableLength);
      most.memory = Math.max(most.memory, process.memoryUsage().arrayBuffers);
    });
    let came = 0;
    peer.on('data', (chunk: Buffer) => (came += chunk.length));
    const ended = [once(stream, 'end'), once(peer, 'end')];
    await Promise.all([writeBulk(stream), writeBulk(peer)]);
    await Promise.all(ended);
    expect([came, stream.bytesRead]).toEqual([BULK, BULK]);
    expect(most.read).toBeLessThanOrEqual(MOST_HELD);
    expect(most.written).toBeLessThanOrEqual(2 * PIECE.length);
    // Chunks that are done with wait for the collector; what both directions carried is 200 MiB.
    expect(most.memory - before).toBeLessThan(100 * 1024 * 1024);
  });
});

test.each(KINDS)(
  '$name: head and what follows, and none of it twice, through a slow reader',
  async (kind) => {
    const head = pattern(200_000);
    const { stream, peer } = await connection(kind, { head });
    const rest = pattern(500_000);
    peer.end(rest);
    const hash = createHash('sha256');
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await new Promise(setImmediate);
    }
    expect(hash.digest('hex')).toBe(digestOf(Buffer.concat([head, rest])));
  },
);

/** Writes a hundred megabytes as fast as they are taken, and ends. */
async function writeBulk(stream: NativeStream): Promise<void> {
  for (let left = BULK; left > 0; left -= PIECE.length) {
    if (!stream.write(PIECE)) await once(stream, 'drain');
  }
  stream.end();
}
