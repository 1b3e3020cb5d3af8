/** The end of one direction, and of the other one later. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { CASES, connection } from './connection.ts';
import { textOf, turn } from './reading.ts';

describe.each(CASES)('$title', ({ kind, network }) => {
  test('end, and then it still reads', async () => {
    const { stream, peer } = await connection(kind, { network });
    stream.end('question');
    expect(await textOf(peer)).toBe('question');
    peer.end('answer');
    expect(await textOf(stream)).toBe('answer');
  });

  test('allowHalfOpen: the peer ends, and then it still writes', async () => {
    const { stream, peer } = await connection(kind, { network, allowHalfOpen: true });
    peer.end('question');
    expect(await textOf(stream)).toBe('question');
    expect(stream.writable).toBe(true);
    await new Promise((resolve) => stream.write('ans', resolve));
    await turn();
    stream.end('wer');
    const closed = once(stream, 'close');
    expect(await textOf(peer)).toBe('answer');
    await closed;
  });

  test('without it, the end of the peer ends both', async () => {
    const { stream, peer } = await connection(kind, { network });
    const closed = once(stream, 'close');
    stream.resume();
    peer.end();
    peer.resume();
    await Promise.all([once(peer, 'end'), closed]);
    expect([stream.writableFinished, stream.readableEnded]).toEqual([true, true]);
    expect(stream.destroyed).toBe(true);
  });

  test('what was written before the end of the peer still goes out', async () => {
    const { stream, peer } = await connection(kind, { network });
    const length = 8_000_000;
    stream.resume().write(Buffer.alloc(length));
    peer.end();
    await once(stream, 'end');
    expect((await textOf(peer)).length).toBe(length);
  });

  test('a stream that is full ends once it is read, not before', async () => {
    const { stream, peer } = await connection(kind, { network });
    const length = 300_000;
    peer.end(Buffer.alloc(length));
    await once(stream, 'readable');
    await turn();
    expect(stream.readableEnded).toBe(false);
    expect((await textOf(stream)).length).toBe(length);
  });
});
