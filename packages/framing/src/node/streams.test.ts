/** Frames through streams of Node's: back-pressure inside a chunk, errors, ends, and a pipeline with slow readers. */
import { once } from 'node:events';
import { Duplex, Readable, Transform, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { LocalProtocolError, RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { Framing } from '../framing.ts';
import { delimited, lines } from '../framings/delimited.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { untilClose } from '../framings/until-close.ts';
import { createDecodeStream, createEncodeStream } from './index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** All ticks, promises and immediates that are due. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function all<Frame>(stream: AsyncIterable<Frame>): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of stream) frames.push(frame);
  return frames;
}

/** What becomes of a stream: its error, or that it has none. */
async function fate(stream: Duplex): Promise<unknown> {
  return finished(stream).then(
    () => 'finished',
    (error: unknown) => error,
  );
}

describe('createDecodeStream', () => {
  test('gives frames, and is a stream of Node’s', async () => {
    const stream = createDecodeStream(lines());
    expect(stream).toBeInstanceOf(Duplex);
    expectTypeOf(stream).toEqualTypeOf<Duplex>();
    stream.write('a\nb');
    stream.end(Buffer.from('c\n'));
    const frames = await all(stream);
    expect(frames).toEqual(['a', 'bc']);
  });

  test('the end completes a frame', async () => {
    const stream = createDecodeStream(untilClose());
    stream.write('a');
    stream.end('b');
    expect(await all(stream)).toEqual([bytes('ab')]);
    expect(await fate(stream)).toBe('finished');
    const empty = createDecodeStream(untilClose());
    empty.end();
    expect(await all(empty)).toEqual([bytes('')]);
  });

  test('a chunk of 10,000 frames is decoded as it is read, and is written when it has been', async () => {
    const stream = createDecodeStream(lines(), { readableHighWaterMark: 4 });
    let isWritten = false;
    stream.write('a\n'.repeat(10_000), () => {
      isWritten = true;
    });
    await settle();
    expect(stream.readableLength).toBe(4);
    for (let count = 1; count <= 10_000; count++) {
      if (count < 10_000 - 4) expect(isWritten).toBe(false);
      if (stream.readableLength === 0) await once(stream, 'readable');
      expect(stream.read()).toBe('a');
      expect(stream.readableLength).toBeLessThanOrEqual(4);
    }
    await settle();
    expect(isWritten).toBe(true);
    const next = once(stream, 'data');
    stream.write('b\n');
    expect(await next).toEqual(['b']);
  });

  test('passes the high-water marks on', () => {
    const decoding = createDecodeStream(lines(), {
      readableHighWaterMark: 3,
      writableHighWaterMark: 5,
    });
    expect([decoding.readableHighWaterMark, decoding.writableHighWaterMark]).toEqual([3, 5]);
    expect([decoding.readableObjectMode, decoding.writableObjectMode]).toEqual([true, false]);
    const encoding = createEncodeStream(lines(), {
      readableHighWaterMark: 3,
      writableHighWaterMark: 5,
    });
    expect([encoding.readableHighWaterMark, encoding.writableHighWaterMark]).toEqual([3, 5]);
    expect([encoding.readableObjectMode, encoding.writableObjectMode]).toEqual([false, true]);
    const { readableHighWaterMark, writableHighWaterMark } = new Transform({
      readableObjectMode: true,
    });
    const usual = createDecodeStream(lines());
    expect(usual.readableHighWaterMark).toBe(readableHighWaterMark);
    expect(usual.writableHighWaterMark).toBe(writableHighWaterMark);
  });

  test('is destroyed with what the peer did wrong, behind the frames before it', async () => {
    const stream = createDecodeStream(delimited('\n', { maxLength: 4 }));
    const frames: Uint8Array[] = [];
    stream.on('data', (frame: Uint8Array) => frames.push(frame));
    stream.write('a\nb\nabcdefgh');
    const error = await fate(stream);
    expect(error).toBeInstanceOf(RemoteProtocolError);
    expect(error).toMatchObject({ code: 'frame-too-large', framing: 'lost', offset: 4 });
    expect(stream.destroyed).toBe(true);
    const cut = createDecodeStream(lines());
    cut.end('a');
    cut.resume();
    expect(await fate(cut)).toBeInstanceOf(TruncatedFrameError);
  });

  test.each([1, 2, 16])('loses none of them, with %s that may wait', async (mark) => {
    for (const chunks of [['a\nb\ncc'], ['a\n', 'b\n', 'cc'], ['a\nb\n\xff\nc\n']]) {
      const got: unknown[] = [];
      const end = pipeline(
        Readable.from(chunks.map((chunk) => Buffer.from(chunk, 'latin1'))),
        createDecodeStream(lines(), { readableHighWaterMark: mark }),
        async (incoming: AsyncIterable<string>) => {
          for await (const line of incoming) {
            got.push(line);
            await settle();
          }
        },
      );
      await expect(end).rejects.toThrow(RemoteProtocolError);
      expect(got).toEqual(['a', 'b']);
    }
  });

  test('keeps no chunk whose frames are out', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void; // the flag puts it there
    const stream = createDecodeStream(lines());
    stream.resume();
    const chunks: WeakRef<ArrayBufferLike>[] = [];
    const write = (): void => {
      const chunk = Buffer.from(new Uint8Array(1 << 16).fill(0x61).fill(0x0a, -1).buffer);
      chunks.push(new WeakRef(chunk.buffer));
      stream.write(chunk);
    };
    write();
    await settle();
    collect();
    await settle();
    collect();
    expect(chunks.map((chunk) => chunk.deref())).toEqual([undefined]);
    onTestFinished(() => void stream.destroy());
  });

  test('is destroyed also when the reader comes back to what is wrong', async () => {
    const stream = createDecodeStream(delimited('\n', { maxLength: 4 }), {
      readableHighWaterMark: 1,
    });
    stream.write('a\nb\nabcdefgh');
    await settle();
    expect(stream.errored).toBe(null);
    stream.resume();
    expect(await fate(stream)).toMatchObject({ code: 'frame-too-large' });
  });

  test('tells onError of a bad frame, and goes on', async () => {
    const codes: string[] = [];
    const framing = delimited('\n', { maxLength: 4, overlong: 'skip' });
    const onError = ({ code }: RemoteProtocolError): void => void codes.push(code);
    const stream = createDecodeStream(framing, { onError });
    stream.end('abcdef\nab\n');
    expect(await all(stream)).toEqual([bytes('ab')]);
    expect(codes).toEqual(['frame-too-large']);
    const throwing = createDecodeStream(framing, {
      onError: () => {
        throw 'text' as unknown; // callers may
      },
    });
    throwing.end('abcdef\n');
    expect(await fate(throwing)).toMatchObject({ message: 'text', cause: 'text' });
  });

  test('a frame that is null is an error: it would end the stream', async () => {
    const stream = createDecodeStream<null>(nulls());
    stream.end('a\n');
    stream.resume();
    expect(await fate(stream)).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('it is null, which would end the stream'),
    });
  });

  test('a frame above the limit may close it: a pipeline closes the source', async () => {
    let isClosed = false;
    const endless = new Readable({
      read() {
        this.push('a\nabcdefgh');
      },
      destroy(error, callback) {
        isClosed = true;
        callback(error);
      },
    });
    const frames: string[] = [];
    const framing = delimited('\n', { maxLength: 4, overlong: 'close' });
    const end = pipeline(
      endless,
      createDecodeStream(framing),
      async (stream: AsyncIterable<Uint8Array>) => {
        for await (const frame of stream) frames.push(Buffer.from(frame).toString());
      },
    );
    await expect(end).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    expect(frames).toEqual(['a']);
    expect(isClosed).toBe(true);
  });

  test('... and what is written meanwhile waits, and is dropped', async () => {
    const stream = createDecodeStream(delimited('\n', { maxLength: 4, overlong: 'close' }));
    stream.write('a\nabcdefgh');
    stream.write('\nb\n');
    stream.end('c\n');
    expect(await all(stream)).toEqual([bytes('a')]);
  });
});

describe('createEncodeStream', () => {
  test('gives the bytes of the frames', async () => {
    const stream = createEncodeStream(lines());
    stream.write('a');
    stream.end('b');
    expect(() => stream.write(null)).toThrow(/null/);
    expect(Buffer.concat(await all(stream)).toString()).toBe('a\nb\n');
  });

  test('is destroyed with a frame that cannot be written', async () => {
    const stream = createEncodeStream(fixedLength(2));
    stream.write(bytes('abc'));
    const error = await fate(stream);
    expect(error).toBeInstanceOf(LocalProtocolError);
    expect(stream.destroyed).toBe(true);
  });

  test('holds up whoever writes faster than it is read', async () => {
    const stream = createEncodeStream(lengthPrefixed('u16'), { readableHighWaterMark: 8 });
    let written = 0;
    for (let count = 0; count < 20; count++) stream.write(bytes('1234'), () => written++);
    await settle();
    expect(written).toBeLessThanOrEqual(3);
    expect(Buffer.concat(await all(stream.end())).length).toBe(20 * 6);
    expect(written).toBe(20);
  });
});

test('a pipeline: many frames, odd chunks, a slow reader, and no more waiting than allowed', async () => {
  const words = Array.from({ length: 5000 }, (_, index) => bytes('x'.repeat(index % 97)));
  const framing = lengthPrefixed('varint');
  const decoding = createDecodeStream(framing);
  onTestFinished(() => void decoding.destroy());
  const lengths: number[] = [];
  let most = 0;
  await pipeline(
    Readable.from(words),
    createEncodeStream(framing),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      // Cut at other places than the frames: by 1000 bytes.
      let rest = Buffer.alloc(0);
      for await (const chunk of chunks) {
        rest = Buffer.concat([rest, chunk]);
        for (; rest.length >= 1000; rest = rest.subarray(1000)) yield rest.subarray(0, 1000);
      }
      yield rest;
    },
    decoding,
    new Writable({
      objectMode: true,
      write(frame: Uint8Array, _encoding, callback) {
        lengths.push(frame.length);
        most = Math.max(most, decoding.readableLength);
        if (lengths.length % 7 === 0) setImmediate(callback);
        else callback();
      },
    }),
  );
  expect(lengths).toEqual(words.map(({ length }) => length));
  expect(most).toBeLessThanOrEqual(decoding.readableHighWaterMark);
});

/** Lines, whatever they say, as null. */
function nulls(): Framing<null> {
  return delimited('\n', {
    content: { keepsBytes: false, read: () => null, lengthOf: () => 0, write: () => {} },
  });
}
