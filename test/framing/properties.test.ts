/** What holds for all framings, one by one and in one another. */
import fc from 'fast-check';
import { LocalProtocolError, SendBuffer } from '@wireline/framing';
import { describe, expect, test } from 'vitest';
import { Dice, frameFor } from '../fuzz/framed-values.ts';
import { readStream, type FramedResult } from '../fuzz/framed-reader.ts';
import { framingRecipes } from '../fuzz/framing-draw.ts';
import { isTransparent, mostHeld } from '../fuzz/framing-facts.ts';
import { buildFraming, type Built, type FramingRecipe } from '../fuzz/framing-recipes.ts';

const RUNS = { numRuns: 400 };
function withRoom(recipe: FramingRecipe): FramingRecipe {
  return { ...recipe, maxLength: 1 << 16 };
}

/** Enough for every kind to have many frames. */
const framings = framingRecipes().map(buildFraming);
const seeds = fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 8 });
const chunks = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 });
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc
    .array(fc.constantFrom(0, 1, 2, 0x0a, 0x0d, 0x23, 0x2a, 0x2c, 0x31, 0x3a, 0x61, 0xff), {
      maxLength: 80,
    })
    .map((each) => Uint8Array.from(each)),
);

function read(
  { framing, recipe }: Built,
  stream: Uint8Array,
  lengths: readonly number[] = [],
): readonly FramedResult[] {
  return readStream(framing.createDecoder(), stream, {
    chunks: lengths,
    mostHeld: mostHeld(recipe),
  }).results;
}

/** The frames that can be written, and their bytes. */
function write(
  built: Built,
  numbers: readonly number[],
): { readonly frames: unknown[]; readonly stream: Uint8Array } {
  const encoder = built.framing.createEncoder();
  const buffer = new SendBuffer();
  const frames = numbers
    .map((number) => frameFor(built, new Dice(number)))
    .filter((frame) => {
      const before = buffer.length;
      try {
        encoder.encode(frame, buffer);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(LocalProtocolError);
        expect(buffer.length).toBe(before);
        return false;
      }
    });
  return { frames, stream: buffer.bytes.slice(buffer.start, buffer.end) };
}

test('any split of any bytes gives the same', () => {
  const property = fc.property(framings, bytes, chunks, (built, stream, lengths) => {
    expect(read(built, stream, lengths)).toEqual(read(built, stream));
  });
  fc.assert(property, RUNS);
});

test('random bytes parse or raise a RemoteProtocolError, and nothing else', () => {
  // Whatever else is thrown is a Fault of the reader.
  fc.assert(
    fc.property(framings, bytes, (built, stream) => void read(built, stream)),
    RUNS,
  );
});

test('what is written is read, and what would not be is refused', () => {
  let written = 0;
  const property = fc.property(framings, seeds, chunks, (built, numbers, lengths) => {
    const { frames, stream } = write(built, numbers);
    fc.pre(frames.length > 0);
    written += frames.length;
    const results = read(built, stream, lengths);
    const found = results.map((each) => ('frame' in each ? each.frame : each.code));
    if (isTransparent(built.recipe)) expect(found).toEqual(frames);
    expect(found).toHaveLength(frames.length);
    const again = new SendBuffer();
    const encoder = built.framing.createEncoder();
    for (const frame of found) encoder.encode(frame, again);
    expect(again.bytes.slice(again.start, again.end)).toEqual(stream);
  });
  fc.assert(property, RUNS);
  expect(written).toBeGreaterThan(400);
});

describe('a frame above the limit', () => {
  const wide = framingRecipes().map(withRoom);

  test('that is skipped takes no good frame with it', () => {
    let skipped = 0;
    const property = fc.property(
      wide,
      seeds,
      fc.integer({ min: 4, max: 60 }),
      chunks,
      (recipe, numbers, maxLength, lengths) => {
        const roomy = buildFraming(recipe);
        fc.pre(isTransparent(recipe) && recipe.kind !== 'fixed' && recipe.kind !== 'until-close');
        const { frames, stream } = write(roomy, numbers);
        fc.pre(frames.length > 0);
        const narrow = buildFraming({ ...recipe, maxLength, overlong: 'skip' });
        // Those that fit by themselves have to come, in their order.
        const fitting = frames.filter((frame) => {
          try {
            narrow.framing.createEncoder().encode(frame, new SendBuffer());
            return true;
          } catch {
            return false;
          }
        });
        const results = read(narrow, stream, lengths);
        // A head above its own limit, or a frame that ends with the stream, is another matter.
        const isLost = results.some((each) => 'code' in each && each.framing === 'lost');
        fc.pre(!isLost);
        skipped += frames.length - fitting.length;
        expect(results.flatMap((each) => ('frame' in each ? [each.frame] : []))).toEqual(fitting);
        expect(results).toHaveLength(frames.length);
      },
    );
    fc.assert(property, RUNS);
    expect(skipped).toBeGreaterThan(50);
  });

  test('is refused by the encoder exactly where the decoder refuses it', () => {
    const property = fc.property(
      wide,
      fc.nat(0xffff),
      fc.integer({ min: 1, max: 60 }),
      (recipe, number, maxLength) => {
        fc.pre(recipe.kind !== 'fixed');
        const { frames, stream } = write(buildFraming(recipe), [number]);
        fc.pre(frames.length > 0 && stream.length > 0);
        const narrow = buildFraming({ ...recipe, maxLength, overlong: 'fail' });
        const isWritten = write(narrow, [number]).frames.length > 0;
        const results = read(narrow, stream);
        const isRead = results.length === 1 && results.every((each) => 'frame' in each);
        expect(isWritten).toBe(isRead);
        expect(isWritten).toBe(stream.length <= maxLength);
      },
    );
    fc.assert(property, RUNS);
  });
});
