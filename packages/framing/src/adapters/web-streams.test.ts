/** Frames through streams of the web: order, back-pressure, and what each end hears of the other's end. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { LocalProtocolError, RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import { delimited, lines } from '../framings/delimited.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { untilClose } from '../framings/until-close.ts';
import { FrameDecoderStream, FrameEncoderStream } from './web-streams.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Whether a promise has settled once all jobs that are due have run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

async function all<Frame>(stream: ReadableStream<Frame>): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of stream) frames.push(frame);
  return frames;
}

function source(...chunks: readonly string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map(bytes));
}

describe('FrameDecoderStream', () => {
  test('is piped through, and says of which type its frames are', async () => {
    const frames = source('a\nb', 'c\n', '', 'd\n').pipeThrough(new FrameDecoderStream(lines()));
    expectTypeOf(frames).toEqualTypeOf<ReadableStream<string>>();
    expect(await all(frames)).toEqual(['a', 'bc', 'd']);
  });

  test('gives the frame that only the end completes', async () => {
    const whole = source('a', 'b').pipeThrough(new FrameDecoderStream(untilClose()));
    expect(await all(whole)).toEqual([bytes('ab')]);
    const last = source('a\nb').pipeThrough(
      new FrameDecoderStream(lines({ unterminated: 'frame' })),
    );
    expect(await all(last)).toEqual(['a', 'b']);
  });

  test('decodes a frame when it is asked for: the chunk waits, and with it whoever writes', async () => {
    let decoded = 0;
    const framing = {
      ...lines(),
      createDecoder: () => {
        const decoder = lines().createDecoder();
        return {
          decode: (buffer: Parameters<typeof decoder.decode>[0]) => {
            decoded++;
            return decoder.decode(buffer);
          },
          end: (buffer: Parameters<typeof decoder.end>[0]) => decoder.end(buffer),
          closed: false,
        };
      },
    };
    const { readable, writable } = new FrameDecoderStream(framing);
    const writer = writable.getWriter();
    const written = writer.write(bytes('a\n'.repeat(10_000)));
    const reader = readable.getReader();
    expect(await isSettled(written)).toBe(false);
    expect(decoded).toBe(0);
    for (let count = 1; count < 10_000; count++) {
      expect((await reader.read()).value).toBe('a');
      expect(decoded).toBe(count);
    }
    expect(await isSettled(written)).toBe(false);
    expect((await reader.read()).value).toBe('a');
    await written;
    const next = reader.read();
    await writer.write(bytes('b\n'));
    expect((await next).value).toBe('b');
    // Closing waits for nobody: what is left is one frame at most.
    await writer.close();
    expect((await reader.read()).done).toBe(true);
  });

  test('decodes as many ahead as it was told to', async () => {
    const { readable, writable } = new FrameDecoderStream(lines(), { highWaterMark: 3 });
    const writer = writable.getWriter();
    await writer.write(bytes('a\nb\n'));
    const written = writer.write(bytes('c\nd\ne\n'));
    expect(await isSettled(written)).toBe(false);
    const reader = readable.getReader();
    for (const line of 'abcd') expect((await reader.read()).value).toBe(line);
    await written;
    await writer.close();
    expect((await reader.read()).value).toBe('e');
    expect((await reader.read()).done).toBe(true);
  });

  test('has both ends fail with what the peer did wrong, and its source cancelled', async () => {
    let reason: unknown;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes('a\nabcdef')),
      cancel: (why) => {
        reason = why;
      },
    });
    const framing = delimited('\n', { maxLength: 4 });
    const reader = endless.pipeThrough(new FrameDecoderStream(framing)).getReader();
    expect((await reader.read()).value).toEqual(bytes('a'));
    await expect(reader.read()).rejects.toThrow(RemoteProtocolError);
    await expect(reader.closed).rejects.toMatchObject({ code: 'frame-too-large' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(reason).toBeInstanceOf(RemoteProtocolError);
  });

  test.each([0, 1, 3, 16, Infinity])(
    'fails behind the frames before, with %s ahead',
    async (ahead) => {
      for (const delay of [false, true]) {
        const stream = new FrameDecoderStream(lines(), { highWaterMark: ahead });
        const frames = source('a\nb\nc\nd\n', 'ee').pipeThrough(stream);
        if (delay) await new Promise((resolve) => setImmediate(resolve));
        const reader = frames.getReader();
        for (const line of 'abcd') expect((await reader.read()).value).toBe(line);
        await expect(reader.read()).rejects.toThrow(TruncatedFrameError);
      }
    },
  );

  test('... whose reader takes them while they come', async () => {
    const framing = delimited('\n', { maxLength: 4 });
    const { readable, writable } = new FrameDecoderStream(framing, { highWaterMark: 8 });
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    writer.closed.catch(() => {});
    await writer.write(bytes('a\nb\n'));
    const wrong = writer.write(bytes('c\nabcdefgh'));
    expect(await isSettled(wrong)).toBe(false);
    for (const line of 'abc') expect((await reader.read()).value).toEqual(bytes(line));
    await Promise.all([
      expect(wrong).rejects.toThrow(RemoteProtocolError),
      expect(reader.read()).rejects.toThrow(RemoteProtocolError),
    ]);
  });

  test('rejects the write that is wrong', async () => {
    const { readable, writable } = new FrameDecoderStream(delimited('\n', { maxLength: 4 }));
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    const outcomes = Promise.allSettled([
      reader.read(),
      writer.write(bytes('abcdef')),
      writer.closed,
    ]);
    expect(await outcomes).toEqual(
      Array.from({ length: 3 }, () => ({
        status: 'rejected',
        reason: expect.objectContaining({ code: 'frame-too-large' }),
      })),
    );
  });

  test.each([
    ['text', 'a\n'],
    ['null', null],
  ])('refuses a chunk of %s', async (_name, chunk) => {
    const { readable, writable } = new FrameDecoderStream(lines());
    const writer = writable.getWriter();
    const outcomes = Promise.allSettled([
      // A caller without types.
      writer.write(chunk as unknown as Uint8Array),
      writer.closed,
      readable.getReader().read(),
    ]);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(TypeError) });
    }
  });

  test('a stream that ends in a frame: closing it fails, and so does reading', async () => {
    const { readable, writable } = new FrameDecoderStream(lines());
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    writer.closed.catch(() => {});
    const [line, end] = [reader.read(), reader.read()];
    await writer.write(bytes('a\nb'));
    expect((await line).value).toBe('a');
    await Promise.all([
      expect(writer.close()).rejects.toThrow(TruncatedFrameError),
      expect(end).rejects.toThrow(TruncatedFrameError),
    ]);
  });

  test('tells onError of a bad frame, and goes on', async () => {
    const codes: string[] = [];
    const options = { onError: ({ code }: RemoteProtocolError) => void codes.push(code) };
    const framing = delimited('\n', { maxLength: 4, overlong: 'skip' });
    const frames = source('abcdef\na', 'b\n').pipeThrough(new FrameDecoderStream(framing, options));
    expect(await all(frames)).toEqual([bytes('ab')]);
    expect(codes).toEqual(['frame-too-large']);
  });

  test('a frame above the limit may close it: reading ends, and the source is cancelled', async () => {
    let cancelled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes('a\nabcdef')),
      cancel: () => void cancelled++,
    });
    const framing = delimited('\n', { maxLength: 4, overlong: 'close' });
    const frames = endless.pipeThrough(new FrameDecoderStream(framing));
    expect(await all(frames)).toEqual([bytes('a')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(cancelled).toBe(1);
  });

  test('who stops reading has the writer fail with his reason, though a chunk waits', async () => {
    const { readable, writable } = new FrameDecoderStream(lines());
    const writer = writable.getWriter();
    const written = writer.write(bytes('a\nb\n'));
    const reader = readable.getReader();
    await reader.read();
    const reason = new Error('enough');
    await Promise.all([
      expect(written).rejects.toBe(reason),
      expect(writer.closed).rejects.toBe(reason),
      reader.cancel(reason),
    ]);
  });

  test('who stops writing has the reader fail with his reason, though a chunk waits', async () => {
    const { readable, writable } = new FrameDecoderStream(lines());
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    const written = writer.write(bytes('a\nb\n'));
    writer.closed.catch(() => {});
    expect((await reader.read()).value).toBe('a');
    const reason = new Error('gone');
    await Promise.all([
      expect(written).rejects.toBe(reason),
      writer.abort(reason),
      expect(reader.read()).rejects.toBe(reason),
    ]);
    const idle = new FrameDecoderStream(lines());
    const next = idle.readable.getReader().read();
    await idle.writable.abort(reason);
    await expect(next).rejects.toBe(reason);
  });
});

describe('FrameEncoderStream', () => {
  test('gives a chunk for each frame', async () => {
    const stream = new FrameEncoderStream(lines());
    expectTypeOf(stream.writable).toEqualTypeOf<WritableStream<string>>();
    expectTypeOf(stream.readable).toEqualTypeOf<ReadableStream<Uint8Array>>();
    const chunks = ReadableStream.from(['a', 'b']).pipeThrough(stream);
    expect(await all(chunks)).toEqual([bytes('a\n'), bytes('b\n')]);
  });

  test('holds up whoever writes faster than it is read', async () => {
    const { readable, writable } = new FrameEncoderStream(lines());
    const writer = writable.getWriter();
    const first = writer.write('a');
    expect(await isSettled(first)).toBe(false);
    const reader = readable.getReader();
    expect((await reader.read()).value).toEqual(bytes('a\n'));
    await first;
  });

  test('fails at both ends with a frame that cannot be written', async () => {
    const { readable, writable } = new FrameEncoderStream(fixedLength(2));
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    writer.closed.catch(() => {});
    await Promise.all([
      expect(writer.write(bytes('abc'))).rejects.toThrow(LocalProtocolError),
      expect(reader.read()).rejects.toThrow(LocalProtocolError),
    ]);
  });

  test('what one encodes the other decodes', async () => {
    const words = ['one', '', 'drei', '🐰'];
    const frames = ReadableStream.from(words)
      .pipeThrough(new FrameEncoderStream(lines()))
      .pipeThrough(new FrameDecoderStream(lines()));
    expect(await all(frames)).toEqual(words);
  });
});
