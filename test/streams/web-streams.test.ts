/** Web streams over native connections, through `Duplex.toWeb`. */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { digestOf, pattern } from '../conformance/sockets.ts';
import { connection } from './connection.ts';
import { queuesOf, untilStill } from './kernel-queues.ts';
import { untilClosed } from './reading.ts';
import { KINDS } from './stream-kind.ts';

describe.each(KINDS)('$name', (kind) => {
  test('read and write, and close one side after the other', async () => {
    const { stream, peer } = await connection(kind, { allowHalfOpen: true });
    const { readable, writable } = Duplex.toWeb(stream);
    const body = pattern(3_000_000);
    peer.pipe(peer);
    const writer = writable.getWriter();
    const writing = (async () => {
      for (let at = 0; at < body.length; at += 100_000) {
        await writer.ready;
        await writer.write(body.subarray(at, at + 100_000));
      }
      await writer.close();
    })();
    const chunks: Uint8Array[] = [];
    for await (const chunk of readable) chunks.push(chunk as Uint8Array); // a stream of bytes gives bytes
    await writing;
    expect(digestOf(Buffer.concat(chunks))).toBe(digestOf(body));
    await untilClosed(stream);
  });

  test('cancel closes the connection', async () => {
    const { stream, peer } = await connection(kind);
    stream.on('error', () => {});
    const { readable } = Duplex.toWeb(stream);
    await readable.cancel();
    await untilClosed(stream);
    peer.resume();
    if (!peer.readableEnded) await once(peer, 'end');
    expect(stream.destroyed).toBe(true);
  });

  test('abort fails the writer, and closes the connection', async () => {
    const { stream, peer } = await connection(kind);
    stream.on('error', () => {});
    peer.resume();
    const { writable } = Duplex.toWeb(stream);
    const writer = writable.getWriter();
    await writer.write(Buffer.from('x'));
    await writer.abort(new Error('enough'));
    await untilClosed(stream);
    await expect(writer.write(Buffer.from('y'))).rejects.toThrow('enough');
  });

  test('nobody reads: little is received', async () => {
    const { stream, peer } = await connection(kind);
    Duplex.toWeb(stream);
    for (let i = 0; i < 32; i++) peer.write(pattern(1_000_000));
    await untilStill(() => `${stream.bytesRead} ${peer.writableLength} ${queuesOf(stream)}`);
    expect(stream.bytesRead).toBeLessThan(1_000_000);
  });
});
