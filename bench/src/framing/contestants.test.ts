import { describe, expect, test } from 'vitest';
import { createByteStream } from './byte-stream.ts';
import { ChunkSource } from './chunk-source.ts';
import { CONDITIONS, type Condition } from './condition.ts';
import type { Taken } from './consumer.ts';
import { CONTESTANTS, takesPart } from './contestants.ts';
import { plainFrames } from './plain-frames.ts';

/** Large frames as `large` has them; more would only take longer. */
const TRIED = CONDITIONS.filter(({ length }) => length <= 1024 * 1024);

/** Passes: each begins in the middle of what the one before left a decoder with. */
const PASSES = 2;

describe.each(TRIED)('of $name', (condition) => {
  const stream = createByteStream(condition);
  const bytes = Buffer.concat([...new ChunkSource(stream, () => true).inStep()]);
  const pass = plainFrames(condition.delimitation, bytes);
  const sent = Array.from({ length: PASSES }, () => pass).flat();
  const entrants = CONTESTANTS.filter((contestant) => takesPart(contestant, condition));

  test.each(entrants)('$name gives all frames', async ({ load }) => {
    const consumer = await load();
    const taken: Taken[] = [];
    let asked = 0;
    const source = new ChunkSource(stream, () => {
      asked += 1;
      return asked === PASSES;
    });
    const { delimitation, length: longest } = condition;
    await consumer(source, { delimitation, longest, onFrame: (frame) => taken.push(frame) });
    expect(taken).toHaveLength(sent.length);
    // One comparison of all: a matcher for each of 130,000 frames takes seconds.
    expect(taken.findIndex((frame, index) => !isSame(frame, sent[index]))).toBe(-1);
  });
});

/** Whether a frame is what was sent: the text, the bytes, or the number that it begins with. */
function isSame(frame: Taken, content: Buffer | undefined): boolean {
  if (content === undefined) return false;
  if (typeof frame === 'number') return frame === Number(content.subarray(0, 4));
  if (typeof frame === 'string') return frame === content.toString();
  if (frame instanceof Uint8Array) return content.equals(frame);
  return 'slice' in frame && content.equals((frame as { slice(): Uint8Array }).slice()); // a list of bytes
}

describe('who takes part', () => {
  const namesFor = (name: string): string[] => {
    const isAsked = (each: Condition): boolean => each.name === name;
    return CONTESTANTS.filter((contestant) => {
      return CONDITIONS.filter(isAsked).some((condition) => takesPart(contestant, condition));
    }).map((contestant) => contestant.name);
  };

  test('in small lines', () => {
    expect(namesFor('lines-16').filter((name) => !name.startsWith('wireline-'))).toEqual([
      'wireline',
      'split2',
      'readline',
      'readline-awaited',
    ]);
  });

  test('in large frames with a length', () => {
    expect(namesFor('varint-64m')).toEqual([
      'wireline',
      'wireline-frames',
      'wireline-transform',
      'length-prefixed-stream',
      'it-length-prefixed',
      'it-length-prefixed-pieces',
    ]);
  });

  test('in the cost of a byte', () => {
    expect(namesFor('growth-newline-64m-bytewise')).toEqual(['wireline']);
  });
});
