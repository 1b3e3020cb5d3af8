/** Bytes both ways, at once: however they are cut, gathered, paused and read, the same bytes arrive. */
import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf, pattern } from '../conformance/sockets.ts';
import { Peer, PEER_KINDS } from '../conformance/peer.ts';
import * as awaited from '@wireline/socket/promises';
import { CASES, connection, kept } from './connection.ts';
import { turn, WAYS_TO_READ, type ReadToEnd } from './reading.ts';
import { DUPLEX, KINDS, type NativeStream } from './stream-kind.ts';

/** Each is a conversation over sockets. */
const RUNS = 12;

/** Beyond what one `recv` of the loop brings, and what is gathered. */
const MAX_WRITE = 200_000;

/** What the writer does: how long the next piece is, and whether it corks, or waits, before it. */
interface Step {
  readonly length: number;
  readonly before: 'nothing' | 'cork' | 'uncork' | 'a turn' | 'its callback';
}

const steps = fc.array(
  fc.record<Step>({
    length: fc.oneof(fc.constantFrom(0, 1, 65_535, 65_536, 65_537), fc.nat(MAX_WRITE)),
    before: fc.constantFrom('nothing', 'cork', 'uncork', 'a turn', 'its callback'),
  }),
  { maxLength: 12 },
);

const readers = fc.constantFrom(...Object.values(WAYS_TO_READ));

/** Whether each chunk is followed by a pause: a pattern that repeats. */
const pausing = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }).map((turns) => {
  let at = 0;
  return () => turns[at++ % turns.length] ?? false;
});

const sides = fc.record({ steps, read: readers, pauses: pausing });

interface Side {
  readonly steps: readonly Step[];
  readonly read: ReadToEnd;
  readonly pauses: () => boolean;
}

describe.each(CASES)('$title', ({ kind, network }) => {
  test('any cut, any way to read, any pauses: what arrives is what was written', async () => {
    await fc.assert(
      fc.asyncProperty(sides, sides, async (ours: Side, theirs: Side) => {
        const { stream, peer } = await connection(kind, { network, allowHalfOpen: true });
        const [sent, , received, answered] = await Promise.all([
          writeAll(stream, ours.steps),
          writeAll(peer, theirs.steps),
          ours.read(stream, ours.pauses),
          theirs.read(peer, theirs.pauses),
        ]);
        expect(answered).toBe(digestOf(sent));
        expect(received).toBe(digestOf(bytesOf(theirs.steps)));
        expect(stream.bytesRead).toBe(bytesOf(theirs.steps).length);
        expect(stream.bytesWritten).toBe(sent.length);
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each(PEER_KINDS)('a peer of $name', (peerKind) => {
  let peer: Peer;
  beforeAll(() => {
    peer = new Peer(peerKind);
  });
  afterAll(() => peer.close());

  test.each(KINDS)('$name: what comes back from an echo', async (kind) => {
    const bytes = pattern(3_000_000);
    const { port, report } = await peer.listen('127.0.0.1', [['echo']]);
    const stream = kept(kind.make(await awaited.createConnection({ host: '127.0.0.1', port })));
    const came = WAYS_TO_READ['data']?.(stream, () => false);
    for (let at = 0; at < bytes.length; at += 70_001) stream.write(bytes.subarray(at, at + 70_001));
    stream.end();
    expect(await came).toBe(digestOf(bytes));
    expect(await report).toMatchObject({ error: null, digest: digestOf(bytes) });
  });
});

describe.each(KINDS)('$name', (kind) => {
  test('texts, in the encoding that is asked for', async () => {
    const { stream, peer } = await connection(kind);
    stream.setEncoding('utf8');
    const texts: string[] = [];
    stream.on('data', (text: string) => texts.push(text));
    const ended = once(stream, 'end');
    const euro = Buffer.from('€');
    peer.write(euro.subarray(0, 1));
    await turn();
    peer.end(euro.subarray(1));
    stream.end(Buffer.from('ä'));
    const [came] = (await once(peer, 'data')) as [Buffer]; // what the event carries
    expect(came.toString()).toBe('ä');
    await ended;
    expect(texts.join('')).toBe('€');
  });

  test('memory that the writer uses again after the callback', async () => {
    const { stream, peer } = await connection(kind);
    const memory = Buffer.alloc(50_000);
    const digest = WAYS_TO_READ['data']?.(peer, () => false);
    for (let value = 0; value < 20; value++) {
      memory.fill(value);
      await new Promise((resolve) => stream.write(memory, () => resolve(undefined)));
    }
    stream.end();
    const all = Buffer.concat(
      Array.from({ length: 20 }, (_, value) => Buffer.alloc(50_000, value)),
    );
    expect(await digest).toBe(digestOf(all));
  });

  test('bytesWritten counts each byte once, also while some of them wait', async () => {
    const { stream, peer } = await connection(kind);
    const written = 20_000_000;
    stream.write(Buffer.alloc(written - 4));
    stream.write('tail');
    expect(stream.bytesWritten).toBe(written);
    stream.end();
    peer.resume();
    await once(peer, 'end');
    expect(stream.bytesWritten).toBe(written);
  });
});

test("the chunks of toDuplex are the reader's own: the next one does not change them", async () => {
  const { stream, peer } = await connection(DUPLEX);
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const text of ['first', 'other']) {
    peer.write(text);
    await once(stream, 'data');
  }
  expect(chunks.map(String)).toEqual(['first', 'other']);
});

async function writeAll(stream: NativeStream, todo: readonly Step[]): Promise<Buffer> {
  const bytes = bytesOf(todo);
  let at = 0;
  let callback: Promise<unknown> = Promise.resolve();
  for (const { length, before } of todo) {
    if (before === 'cork') stream.cork();
    if (before === 'uncork') stream.uncork();
    if (before === 'a turn') await turn();
    if (before === 'its callback' && stream.writableCorked === 0) await callback;
    const chunk = bytes.subarray(at, at + length);
    callback = new Promise((resolve) => stream.write(chunk, () => resolve(undefined)));
    at += length;
  }
  while (stream.writableCorked > 0) stream.uncork();
  stream.end();
  return bytes;
}

function bytesOf(todo: readonly Step[]): Buffer {
  return pattern(todo.reduce((sum, { length }) => sum + length, 0));
}
