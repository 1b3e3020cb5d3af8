import { describe, expect, test } from 'vitest';
import { createByteStream, type ByteStream } from './byte-stream.ts';
import { ChunkSource } from './chunk-source.ts';
import { CHUNK_LENGTH, CONDITIONS, type Condition } from './condition.ts';
import { plainFrames } from './plain-frames.ts';

/** Those whose bytes are made and looked through in no time. */
const QUICK = CONDITIONS.filter(({ length }) => length <= 1024 * 1024);

function named(name: string): Condition {
  const condition = CONDITIONS.find((each) => each.name === name);
  if (condition === undefined) throw new Error(`find ${name}: there is no such condition`);
  return condition;
}

function chunksOf(stream: ByteStream): Buffer[] {
  return [...new ChunkSource(stream, () => true).inStep()];
}

describe.each(QUICK)('the bytes of $name', (condition) => {
  const stream = createByteStream(condition);
  const chunks = chunksOf(stream);
  const frames = plainFrames(condition.delimitation, Buffer.concat(chunks));

  test('come in chunks of the length that was asked for, the last one excepted', () => {
    const lengths = new Set(chunks.slice(0, -1).map(({ length }) => length));
    expect([...lengths]).toEqual([condition.chunkLength]);
    expect(chunks).toHaveLength(stream.chunkCount);
  });

  test('are as many, and as many frames, as the stream says', () => {
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(stream.byteCount);
    expect(frames).toHaveLength(stream.frameCount);
    const isText = condition.delimitation === 'lines';
    const lengths = frames.map((frame) => (isText ? frame.toString() : frame).length);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(stream.lengthSum);
  });

  test('have frames of the length that was asked for', () => {
    const lengths = frames.map(({ length }) => length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(condition.length);
    const isMixed = condition.contents !== 'even';
    expect(new Set(lengths).size > 1).toBe(isMixed);
    if (!isMixed) expect(lengths[0]).toBe(condition.length);
  });
});

test.each(CONDITIONS.filter(({ group }) => group === 'small'))(
  'each frame of $name begins with its length in characters',
  (condition) => {
    const all = Buffer.concat(chunksOf(createByteStream(condition)));
    const texts = plainFrames(condition.delimitation, all).map(String);
    expect(texts.filter((text) => Number(text.slice(0, 4)) !== text.length)).toEqual([]);
  },
);

test('the lines that are not ASCII are not', () => {
  const [ascii, other] = ['lines-log', 'lines-utf8'].map((name) => {
    const { byteCount, frameCount, lengthSum } = createByteStream(named(name));
    return byteCount - frameCount - lengthSum;
  });
  expect(ascii).toBe(0);
  expect(other).toBeGreaterThan(100_000);
});

describe('a frame of 16 MiB', () => {
  const condition = named('varint-16m');
  const stream = createByteStream(condition);

  test('is one frame whose text goes on from chunk to chunk', () => {
    const bytes = Buffer.concat(chunksOf(stream));
    const [frame, ...more] = plainFrames(condition.delimitation, bytes);
    expect(more).toEqual([]);
    expect(frame).toHaveLength(condition.length);
    const mebibyte = 1024 * 1024;
    for (let at = mebibyte; at < condition.length; at += mebibyte) {
      expect(frame?.subarray(at, at + mebibyte).equals(frame.subarray(0, mebibyte))).toBe(true);
    }
  });

  test('looks into memory that all chunks share', () => {
    const stores = new Set(chunksOf(stream).map(({ buffer }) => buffer));
    expect(stores.size).toBeLessThan(4);
  });
});

test('bytes one by one are the same bytes', () => {
  const bytewise = named('growth-varint-16k-bytewise');
  const whole = { ...bytewise, chunkLength: CHUNK_LENGTH };
  const [some, others] = [bytewise, whole].map((condition) => {
    return Buffer.concat(chunksOf(createByteStream(condition)));
  });
  expect(others && some?.equals(others)).toBe(true);
});

test('a source goes on, pass after pass, until the time is over', () => {
  const stream = createByteStream(named('lines-16'));
  let asked = 0;
  const source = new ChunkSource(stream, () => {
    asked += 1;
    return asked === 3;
  });
  expect([...source.inStep()]).toHaveLength(3 * stream.chunkCount);
  expect(source.passes).toBe(3);
  expect(source.next()).toBeUndefined();
});
