/**
 * Junk: bytes that no peer should send, made of random ones and of the cases.
 */
import { concat, type Stream } from './cases.ts';
import type { Random } from './random.ts';

/** Longer cases are mutated in their first bytes only: headers are there, and runs stay short. */
const MAX_LENGTH = 256;
/** Random streams, and random tails behind whole streams. */
const RANDOM_STREAMS = 32;
const TAILS = 16;
const MAX_TAIL = 48;
/** Mutants of all cases together, and at least of each. */
const MUTANTS = 128;
const MIN_MUTANTS_OF_CASE = 8;
/** Changes to one mutant, at most. */
const MAX_CHANGES = 3;
/** The bytes that numbers and texts break at. */
const EDGE_BYTES = Uint8Array.of(0x00, 0x01, 0x0a, 0x0d, 0x20, 0x30, 0x39, 0x7f, 0x80, 0xc3, 0xff);

/** Junk streams, from the seed of `random`. */
export function* junkOf(
  streams: readonly Stream<unknown>[],
  random: Random,
): Generator<Uint8Array> {
  for (let count = 0; count < RANDOM_STREAMS; count++) {
    // The short ones first: what they show is soon made smaller.
    yield randomBytes(1 + random(2 ** (2 + Math.floor(count / 5))), random);
  }
  const whole = streams.filter(
    ({ ending, lateCount, bytes }) =>
      ending === 'boundary' && lateCount === 0 && bytes.length <= MAX_LENGTH,
  );
  for (let count = 0; count < TAILS && whole.length > 0; count++) {
    const { bytes } = pick(whole, random);
    yield concat([bytes, randomBytes(1 + random(MAX_TAIL), random)]);
  }
  const mutants = Math.max(MIN_MUTANTS_OF_CASE, Math.floor(MUTANTS / streams.length));
  for (const { bytes } of streams) {
    for (let count = 0; count < mutants && bytes.length > 0; count++) {
      yield mutate(bytes.subarray(0, MAX_LENGTH), random);
    }
  }
}

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutant = bytes;
  for (let changes = 1 + random(MAX_CHANGES); changes > 0; changes--) {
    mutant = change(mutant, random);
  }
  return mutant;
}

function change(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length + 1);
  const end = Math.min(at + 1 + random(8), bytes.length);
  const front = bytes.subarray(0, at);
  switch (random(5)) {
    case 0: // deleted
      return concat([front, bytes.subarray(end)]);
    case 1: // inserted
      return concat([front, randomBytes(1 + random(4), random), bytes.subarray(at)]);
    case 2: // doubled
      return concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 3: // a byte at an edge
      return concat([front, Uint8Array.of(pick(EDGE_BYTES, random)), bytes.subarray(at + 1)]);
    default: {
      // A bit flipped.
      const flipped = bytes.slice();
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
      return flipped;
    }
  }
}

/** So many bytes: of all values, or of edges alone. */
export function randomBytes(length: number, random: Random): Uint8Array {
  const edges = random(4) === 0;
  return Uint8Array.from({ length }, () => (edges ? pick(EDGE_BYTES, random) : random(256)));
}

function pick<Item>(items: ArrayLike<Item>, random: Random): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new RangeError('pick one of 0 items');
  return item;
}
