/**
 * Every way to read frames, held to the same: whatever the cuts, the frames are those of the whole stream.
 */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, test, expect } from 'vitest';
import {
  decodeFrames,
  delimited,
  fixedLength,
  FrameDecoderStream,
  FrameEncoderStream,
  headed,
  lengthPrefixed,
  lines,
  readFrames,
  SendBuffer,
  streamFrames,
  switching,
  typeByte,
  untilClose,
  type ComposableFraming,
  type Framing,
} from '@wireline/framing';
import { createDecodeStream, createEncodeStream } from '@wireline/framing/node';

/** Reads all frames from chunks. */
type ReadAll = <Frame>(
  chunks: readonly Uint8Array[],
  framing: Framing<Frame>,
) => Promise<readonly Frame[]>;

const READERS: Readonly<Record<string, ReadAll>> = {
  readFrames: (chunks, framing) => all(readFrames(chunks, framing)),
  'readFrames over a generator': (chunks, framing) => all(readFrames(oneByOne(chunks), framing)),
  'readFrames over a stream of Node’s': (chunks, framing) =>
    all(readFrames(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), framing)),
  'readFrames over a web stream': (chunks, framing) =>
    all(readFrames(ReadableStream.from(chunks), framing)),
  FrameDecoderStream: (chunks, framing) =>
    all(ReadableStream.from(chunks).pipeThrough(new FrameDecoderStream(framing))),
  'FrameDecoderStream that decodes ahead': (chunks, framing) =>
    all(
      ReadableStream.from(chunks).pipeThrough(
        new FrameDecoderStream(framing, { highWaterMark: 4 }),
      ),
    ),
  createDecodeStream: (chunks, framing) => {
    const decoding = createDecodeStream(framing, { readableHighWaterMark: 2 });
    return all(Readable.from(chunks).pipe(decoding));
  },
};

/** Encodes all frames, as one stream of bytes. */
type WriteAll = <Frame>(frames: readonly Frame[], framing: Framing<Frame>) => Promise<Uint8Array>;

const WRITERS: Readonly<Record<string, WriteAll>> = {
  FrameEncoderStream: async (frames, framing) => {
    const chunks = ReadableStream.from(frames).pipeThrough(new FrameEncoderStream(framing));
    return Buffer.concat(await all(chunks));
  },
  createEncodeStream: async (frames, framing) => {
    const encoding = createEncodeStream(framing);
    return Buffer.concat(await all<Uint8Array>(Readable.from(frames).pipe(encoding)));
  },
};

const content = fc.uint8Array({ maxLength: 40 });
const word = fc.string({ unit: 'grapheme', maxLength: 12 }).map((each) => each.replace(/\n/g, ''));

/** A framing and its frames, whatever their type. */
interface Sample {
  readonly name: string;
  readonly run: (check: Check) => Promise<void>;
}

type Check = <Frame>(framing: Framing<Frame>, frames: fc.Arbitrary<Frame[]>) => Promise<void>;

const SAMPLES: readonly Sample[] = [
  sample('fixedLength', fixedLength(5), fc.uint8Array({ minLength: 5, maxLength: 5 })),
  sample(
    'delimited',
    delimited('\r\n'),
    content.filter((each) => !Buffer.from(each).toString('latin1').includes('\r')),
  ),
  sample(
    'lines',
    lines(),
    word.filter((each) => !each.includes('\r')),
  ),
  sample('lengthPrefixed', lengthPrefixed('u16'), content),
  sample('varint', lengthPrefixed('varint'), fc.uint8Array({ maxLength: 300 })),
  sample('netstring', lengthPrefixed('netstring'), content),
  sample(
    'typeByte',
    typeByte({ 1: 2, 2: lengthPrefixed('u8') }),
    fc.oneof(
      fc.record({ type: fc.constant(1), content: fc.uint8Array({ minLength: 2, maxLength: 2 }) }),
      fc.record({ type: fc.constant(2), content }),
    ),
  ),
  sample(
    'headed',
    headed(lengthPrefixed('u8'), (head) => head.length),
    content.map((head) => ({ head, body: head.toReversed() })),
  ),
  sample(
    'switching',
    switching(lengthPrefixed('u8'), () => lengthPrefixed('u16le')),
    content,
  ),
];

function sample<Frame>(name: string, framing: Framing<Frame>, frame: fc.Arbitrary<Frame>): Sample {
  return { name, run: (check) => check(framing, fc.array(frame, { maxLength: 8 })) };
}

/** Where to cut: shares of the length. */
const CUTS = fc.array(fc.nat({ max: 999 }), { maxLength: 12 });

describe.each(SAMPLES)('$name', ({ run }) => {
  test.each(Object.entries(READERS))('%s', async (_name, readAll) => {
    await run((framing, arbitrary) =>
      fc.assert(
        fc.asyncProperty(arbitrary, CUTS, async (frames, cuts) => {
          const stream = streamOf(frames, framing);
          expect(await readAll(cut(stream, cuts), framing)).toEqual(frames);
        }),
        { numRuns: 40 },
      ),
    );
  });

  test.each(Object.entries(WRITERS))('%s', async (_name, writeAll) => {
    await run((framing, arbitrary) =>
      fc.assert(
        fc.asyncProperty(arbitrary, async (frames) => {
          const stream = await writeAll(frames, framing);
          expect(Buffer.compare(stream, streamOf(frames, framing))).toBe(0);
          expect(decodeFrames(framing, stream)).toEqual(frames);
        }),
        { numRuns: 20 },
      ),
    );
  });
});

test.each<[string, ComposableFraming<Uint8Array>]>([
  ['lengthPrefixed', lengthPrefixed('u16')],
  ['delimited', delimited('\0')],
  ['netstring', lengthPrefixed('netstring')],
])('streamFrames of %s: the pieces of a frame are the frame', async (_name, framing) => {
  const frames = fc.array(
    content.map((each) => each.map((byte) => byte || 1)),
    { maxLength: 8 },
  );
  const reading = fc.array(fc.nat({ max: 3 }), { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(frames, CUTS, reading, async (expected, cuts, limits) => {
      const chunks = cut(streamOf(expected, framing), cuts);
      let index = 0;
      for await (const frame of streamFrames(chunks, framing)) {
        const whole = Buffer.from(expected[index] ?? []);
        const limit = limits[index] ?? 0;
        // 0: it is not read; 1, 2: so many pieces of it; 3: to its end.
        const pieces: Uint8Array[] = [];
        if (limit > 0) {
          for await (const piece of frame) {
            pieces.push(piece);
            if (limit < 3 && pieces.length === limit) break;
          }
        }
        const read = Buffer.concat(pieces);
        expect(read.equals(whole.subarray(0, read.length))).toBe(true);
        if (limit === 3) expect(read.length).toBe(whole.length);
        index++;
      }
      expect(index).toBe(expected.length);
    }),
  );
});

test.each(Object.entries(READERS))('%s: a frame that the end completes', async (_name, readAll) => {
  await fc.assert(
    fc.asyncProperty(content, CUTS, async (bytes, cuts) => {
      expect(await readAll(cut(bytes, cuts), untilClose())).toEqual([bytes]);
    }),
    { numRuns: 30 },
  );
});

test.each(Object.entries(READERS))(
  '%s: random bytes fail as everywhere',
  async (_name, readAll) => {
    const framing = lengthPrefixed('netstring', { maxLength: 16 });
    const bytes = fc.oneof(
      content,
      fc.stringMatching(/^[0-3]?:?a{0,3},?/).map((each) => Buffer.from(each)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, CUTS, async (stream, cuts) => {
        const outcome = await outcomeOf(() => readAll(cut(stream, cuts), framing));
        expect(outcome).toEqual(await outcomeOf(() => decodeFrames(framing, stream)));
      }),
    );
  },
);

/** What a reading comes to: frames, or the code of its error. */
async function outcomeOf(read: () => unknown): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    // Whatever has no code is shown as it is, and equals nothing.
    return (error as { readonly code?: string }).code ?? error;
  }
}

/** All frames, written by one encoder. */
function streamOf<Frame>(frames: readonly Frame[], framing: Framing<Frame>): Uint8Array {
  const encoder = framing.createEncoder();
  const buffer = new SendBuffer();
  for (const frame of frames) encoder.encode(frame, buffer);
  return buffer.bytes.slice(buffer.start, buffer.end);
}

/** The stream in chunks, some of which may be empty. */
function cut(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = cuts.map((share) => Math.floor((share * (stream.length + 1)) / 1000));
  const edges = [0, ...places.sort((one, other) => one - other), stream.length];
  return edges.slice(1).map((end, index) => stream.slice(edges[index], end));
}

async function* oneByOne(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(Math.max(0, ...chunks.map(({ length }) => length)));
  for (const chunk of chunks) {
    memory.set(chunk);
    yield memory.subarray(0, chunk.length);
  }
}

async function all<Frame>(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const list: Frame[] = [];
  for await (const frame of frames) list.push(frame);
  return list;
}
