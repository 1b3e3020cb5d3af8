/** How streams end: each write hears of its fate once, `close` comes once, and errors have the codes that Node's have. */
import { once } from 'node:events';
import { attach } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { CASES, connection, IPV4, UNIX } from './connection.ts';
import { until } from './kernel-queues.ts';
import { turn, untilClosed } from './reading.ts';
import { KINDS, type NativeStream } from './stream-kind.ts';

/** More than the kernel takes. */
const TOO_MUCH = Buffer.alloc(16_000_000);

/** What a stream has told. */
interface Told {
  readonly codes: (string | undefined)[];
  readonly closes: number;
}

/** Notes the errors and the ends of a stream. */
function noting(stream: NativeStream): Told {
  const told = { codes: [] as (string | undefined)[], closes: 0 };
  stream.on('error', ({ code }: NodeJS.ErrnoException) => told.codes.push(code));
  stream.on('close', () => told.closes++);
  return told;
}

/** Writes, and counts how often each is called back. */
function writeAndCount(stream: NativeStream, chunks: readonly Uint8Array[]): number[] {
  const calls = chunks.map(() => 0);
  for (const [index, chunk] of chunks.entries()) {
    stream.write(chunk, () => (calls[index] = (calls[index] ?? 0) + 1));
  }
  return calls;
}

async function settled(stream: NativeStream): Promise<void> {
  await untilClosed(stream);
  for (let i = 0; i < 5; i++) await turn();
}

describe.each(CASES)('$title', ({ kind, network }) => {
  const ways: Readonly<Record<string, (stream: NativeStream) => unknown>> = {
    // Unix sockets have no reset: the one of Node's throws.
    ...(network !== UNIX && {
      resetAndDestroy: (stream: NativeStream) => stream.resetAndDestroy(),
    }),
    destroy: (stream) => stream.destroy(),
    'destroy with an error': (stream) => stream.destroy(new Error('enough')),
    'destroy, twice': (stream) => stream.destroy().destroy(),
  };

  test.each(Object.keys(ways))('%s in mid-write: each write is called back once', async (way) => {
    const { stream, peer } = await connection(kind, { network });
    peer.pause();
    const told = noting(stream);
    const calls = writeAndCount(stream, [TOO_MUCH, TOO_MUCH, Buffer.from('x')]);
    await turn();
    ways[way]?.(stream);
    await settled(stream);
    expect(calls).toEqual([1, 1, 1]);
    expect(told.closes).toBe(1);
    expect(told.codes).toHaveLength(way === 'destroy with an error' ? 1 : 0);
  });

  test('the peer ends, and nobody reads: the stream ends by itself', async () => {
    const { stream, peer } = await connection(kind, { network });
    const told = noting(stream);
    peer.end();
    await settled(stream);
    expect(told).toEqual({ codes: [], closes: 1 });
  });

  test.runIf(network !== UNIX)('the peer resets, and nobody reads: it is told', async () => {
    const { stream, peer } = await connection(kind, { network });
    const told = noting(stream);
    stream.write('x');
    peer.resetAndDestroy();
    await settled(stream);
    expect(told).toEqual({ codes: ['ECONNRESET'], closes: 1 });
  });

  test('the peer goes in mid-write: each write is called back once, and there is one error', async () => {
    const { stream, peer } = await connection(kind, { network });
    peer.pause();
    const told = noting(stream);
    const calls = writeAndCount(stream, [TOO_MUCH, TOO_MUCH]);
    await turn();
    peer.destroy();
    await settled(stream);
    expect(calls).toEqual([1, 1]);
    expect(told.closes).toBe(1);
    expect(told.codes).toHaveLength(1);
    expect(['ECONNRESET', 'EPIPE']).toContain(told.codes[0]);
  });

  test('writes to a peer that is gone: EPIPE or ECONNRESET', async () => {
    const { stream, peer } = await connection(kind, { network, allowHalfOpen: true });
    const told = noting(stream);
    stream.resume();
    peer.destroy();
    await once(stream, 'end');
    while (told.codes.length === 0) {
      stream.write('x');
      await turn();
    }
    await settled(stream);
    expect(['ECONNRESET', 'EPIPE']).toContain(told.codes[0]);
    expect(told).toMatchObject({ codes: [expect.anything()], closes: 1 });
  });

  test('destroy tells the peer, and what is written then is refused', async () => {
    const { stream, peer } = await connection(kind, { network });
    const told = noting(stream);
    peer.resume();
    const ended = once(peer, 'end');
    stream.destroy();
    await ended;
    expect([stream.destroyed, stream.writable, stream.readable]).toEqual([true, false, false]);
    const code = await new Promise((resolve) => {
      stream.write('x', (error) => resolve((error as NodeJS.ErrnoException | null)?.code));
    });
    expect(code).toBe('ERR_STREAM_DESTROYED');
    await settled(stream);
    expect(told).toEqual({ codes: [], closes: 1 });
  });

  test('destroySoon: what was written goes out first', async () => {
    const { stream, peer } = await connection(kind, { network });
    const told = noting(stream);
    let came = 0;
    peer.on('data', (chunk: Buffer) => (came += chunk.length));
    stream.write(TOO_MUCH);
    stream.destroySoon();
    await once(peer, 'end');
    expect(came).toBe(TOO_MUCH.length);
    await settled(stream);
    expect(told).toEqual({ codes: [], closes: 1 });
    expect(() => stream.destroySoon()).not.toThrow();
  });

  test('setTimeout and the others do no harm to one that is over', async () => {
    const { stream } = await connection(kind, { network });
    stream.destroy();
    await settled(stream);
    expect(() => {
      stream.setNoDelay().setKeepAlive(true, 1000).setTimeout(0).ref().unref();
      stream.end();
      stream.destroySoon();
    }).not.toThrow();
    await turn();
  });
});

describe.each(KINDS)('$name', (kind) => {
  test('a reset while it reads: ECONNRESET', async () => {
    const { stream, peer } = await connection(kind);
    const told = noting(stream);
    stream.resume();
    peer.resetAndDestroy();
    await settled(stream);
    expect(told).toEqual({ codes: ['ECONNRESET'], closes: 1 });
    expect(stream.readableEnded).toBe(false);
  });

  test('a reset that lies there when the stream is made', async () => {
    const { stream, peer } = await connection(kind);
    const told = noting(stream);
    peer.resetAndDestroy();
    await until(() => attach(stream).tcpInfo().state === 'CLOSE');
    stream.resume();
    await settled(stream);
    expect(told).toEqual({ codes: ['ECONNRESET'], closes: 1 });
  });

  test('resetAndDestroy: the peer gets a reset, not an end', async () => {
    const { stream, peer } = await connection(kind, { network: IPV4 });
    const told = noting(stream);
    peer.resume();
    const code = new Promise((resolve) =>
      peer.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    );
    stream.resetAndDestroy();
    expect(await code).toBe('ECONNRESET');
    await settled(stream);
    expect(told).toEqual({ codes: [], closes: 1 });
  });

  test('a time-out that was set before does not come behind the end', async () => {
    const { stream } = await connection(kind);
    stream.on('timeout', () => expect.unreachable('it is destroyed'));
    stream.setTimeout(1).destroy();
    await once(stream, 'close');
    stream.setTimeout(1);
    // Two timers of the same length, set later: Node keeps their order.
    await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
  });
});
