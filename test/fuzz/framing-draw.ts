/** What one run of the subject `framings` is made from, drawn. */
import fc from 'fast-check';
import { isTransparent } from './framing-facts.ts';
import { DELIMITERS, FORMATS, type FramingRecipe } from './framing-recipes.ts';

/** One thing that is done to a stream. */
export interface StreamDamage {
  readonly kind: 'set' | 'insert' | 'remove' | 'double';
  readonly at: number;
  readonly value: number;
}

/** A framing, frames for it, and how the bytes arrive. */
export interface FramingRun {
  readonly recipe: FramingRecipe;
  /** A number for each frame: all else of it follows from that. */
  readonly frames: readonly number[];
  readonly damages: readonly StreamDamage[];
  /** Bytes behind the frames. */
  readonly junk: Uint8Array;
  /** So many bytes are missing at the end. */
  readonly missing: number;
  /** Lengths of chunks, over and over; none for one chunk. */
  readonly chunks: readonly number[];
}

/** Draws runs. */
export function framingRuns(): fc.Arbitrary<FramingRun> {
  return fc.record({
    recipe: framingRecipes(),
    frames: fc.array(fc.nat(0xffff), { maxLength: 8 }),
    damages: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(damages(), { maxLength: 3 }) },
    ),
    junk: fc.oneof({ weight: 2, arbitrary: fc.constant(new Uint8Array(0)) }, junkBytes()),
    missing: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(20)),
    chunks: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
  });
}

/** Draws framings, nested up to three deep. */
export function framingRecipes(): fc.Arbitrary<FramingRecipe> {
  const inner = fc.oneof(
    { weight: 4, arbitrary: plainRecipes() },
    { weight: 1, arbitrary: nestedRecipes(plainRecipes()) },
  );
  return fc.oneof(
    { weight: 3, arbitrary: plainRecipes() },
    { weight: 2, arbitrary: nestedRecipes(inner) },
  );
}

const NETSTRING = FORMATS.indexOf('netstring');

/** One in three has room for all. */
const common = {
  maxLength: fc.oneof(
    fc.constant(1 << 16),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 8, max: 300 }),
  ),
  overlong: fc.constantFrom('fail', 'skip', 'close'),
  content: fc.constantFrom('bytes', 'text', 'replaced'),
};

function plainRecipes(): fc.Arbitrary<FramingRecipe> {
  const fixed = fc.record({
    ...common,
    kind: fc.constant('fixed'),
    length: fc.integer({ min: 1, max: 12 }),
    padding: fc.option(fc.constantFrom(0, 0x23, 0x61, 0xc3), { nil: undefined }),
    side: fc.constantFrom('end', 'start'),
    keepPadding: fc.boolean(),
  });
  const between = fc.record({
    ...common,
    kind: fc.constant('delimited'),
    delimiters: fc.nat(DELIMITERS.length - 1),
    keepDelimiter: fc.boolean(),
    unterminated: fc.constantFrom('fail', 'frame'),
  });
  const behind = fc.record({
    ...common,
    kind: fc.constant('length'),
    // Netstrings can be wrong in one way more than all others.
    format: fc.oneof({ weight: 3, arbitrary: fc.nat(FORMATS.length - 1) }, fc.constant(NETSTRING)),
    offset: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(3)),
    adjustment: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: -9, max: 9 })),
    strip: fc.option(fc.nat(12), { nil: undefined, freq: 2 }),
  });
  const toTheEnd = fc.record({ ...common, kind: fc.constant('until-close') });
  const plain: fc.Arbitrary<FramingRecipe> = fc.oneof(
    { weight: 2, arbitrary: fixed },
    { weight: 5, arbitrary: between },
    { weight: 5, arbitrary: behind },
    { weight: 1, arbitrary: toTheEnd },
  );
  // Text with a length or padding written into it is none.
  return plain.map((recipe) => (isTransparent(recipe) ? recipe : withBytes(recipe)));
}

function withBytes(recipe: FramingRecipe): FramingRecipe {
  return { ...recipe, content: 'bytes' };
}

function nestedRecipes(inner: fc.Arbitrary<FramingRecipe>): fc.Arbitrary<FramingRecipe> {
  const parts = fc.array(
    fc.oneof({ weight: 1, arbitrary: fc.nat(9) }, { weight: 3, arbitrary: inner }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  // A head that the encoder completes is not the one that was asked about the body.
  const heads = inner.filter(isTransparent);
  return fc.oneof(
    fc.record({ ...common, kind: fc.constant('type'), entries: parts }),
    fc.record({ ...common, kind: fc.constant('headed'), head: heads, bodies: parts }),
  );
}

function damages(): fc.Arbitrary<StreamDamage> {
  return fc.record({
    kind: fc.constantFrom('set', 'insert', 'remove', 'double'),
    at: fc.nat(200),
    value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x0a, 0x0d, 0x23, 0x31, 0x61, 0x80, 0xff)),
  });
}

function junkBytes(): fc.Arbitrary<Uint8Array> {
  const likely = fc.constantFrom(
    0,
    1,
    2,
    5,
    0x0a,
    0x0d,
    0x20,
    0x23,
    0x2a,
    0x2c,
    0x30,
    0x31,
    0x3a,
    0x61,
    0xc3,
    0xff,
  );
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: likely }, fc.nat(255)), { maxLength: 60 })
    .map((bytes) => Uint8Array.from(bytes));
}
