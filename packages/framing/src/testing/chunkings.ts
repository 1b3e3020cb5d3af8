/**
 * Chunkings: the ways to cut a stream into pieces.
 *
 * A chunking is written as its cuts, the ascending positions between the first byte and the last:
 *
 * ```
 *   bytes   a b c d e f g h i        cuts [1, 6]        chunks of [1, 5, 3] bytes
 *            |         |
 * ```
 *
 * Everything random comes from a seed, so that a failure repeats. Streams longer than a few hundred
 * bytes are sampled, since the number of ways grows with the length and each way reads the whole.
 */
import type { Random } from './random.ts';

/** Every cut of a stream this short is tried: some 250 runs of 250 bytes take a few milliseconds. */
const MAX_EXHAUSTIVE_LENGTH = 256;
/** Bytes to be decoded for the samples of one stream: a second or so for a slow decoder. */
const SAMPLED_WORK = 4 * 1024 * 1024;
/** The longest streams are still cut in so many ways. */
const MIN_SAMPLES = 6;
/** So many bytes are delivered one by one; the rest of a longer stream follows as one chunk. */
const MAX_SINGLE_BYTES = 32 * 1024;
/** Cuts this close to the end of a frame are always tried: lengths and delimiters are cut there. */
const EDGE = 4;
/** Random chunkings of each stream; each cuts in up to {@link MAX_RANDOM_CUTS} places. */
const RANDOM_CHUNKINGS = 12;
const MAX_RANDOM_CUTS = 9;

/** Every way to cut `length` bytes that is worth trying, smallest first; `ends` are the ends of frames. */
export function* chunkings(
  length: number,
  ends: readonly number[],
  random: Random,
): Generator<number[]> {
  yield [];
  if (length < 2) return;
  for (const cut of samplePositions(length, ends, random)) yield [cut];
  yield Array.from({ length: Math.min(length - 1, MAX_SINGLE_BYTES) }, (_, index) => index + 1);
  for (let round = sampleCount(length, RANDOM_CHUNKINGS); round > 0; round--) {
    const cuts = new Set<number>();
    for (let count = 2 + random(MAX_RANDOM_CUTS - 1); count > 0; count--) {
      cuts.add(1 + random(length - 1));
    }
    yield ascending(cuts);
  }
}

/** Positions inside a stream, from 1 to `length - 1`: all of a short one, some of a long one. */
export function samplePositions(
  length: number,
  ends: readonly number[],
  random: Random,
): readonly number[] {
  const inside = length - 1;
  if (length <= MAX_EXHAUSTIVE_LENGTH)
    return Array.from({ length: inside }, (_, index) => index + 1);
  const wanted = sampleCount(length, MAX_EXHAUSTIVE_LENGTH);
  const positions = new Set<number>();
  const edges = [0, length, ...ends];
  for (let tries = 0; tries < wanted; tries++) {
    const edge = edges[random(edges.length)] ?? 0;
    const near = edge - EDGE + random(2 * EDGE + 1);
    // Half of the samples are anywhere, half are near the end of some frame.
    const position = tries % 2 === 0 ? near : 1 + random(inside);
    positions.add(Math.min(Math.max(position, 1), inside));
  }
  return ascending(positions);
}

/** The lengths of the chunks that `cuts` make of `length` bytes. */
export function chunkLengths(cuts: readonly number[], length: number): number[] {
  if (length === 0) return [];
  const edges = [...cuts, length];
  return edges.map((edge, index) => edge - (edges[index - 1] ?? 0));
}

function sampleCount(length: number, most: number): number {
  return Math.min(most, Math.max(MIN_SAMPLES, Math.floor(SAMPLED_WORK / length)));
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((left, right) => left - right);
}
