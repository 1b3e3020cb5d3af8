/**
 * verifyDecoder: checks a decoder against the contract in `decoder.ts`, for its author's own tests.
 *
 * For each case it tries
 *
 * - the whole stream at once, every cut in two, byte by byte, and random cuts in more;
 * - each of these appended, received into one shared scratch buffer, and received into a scratch buffer
 *   so small that the bytes move to the stream's own store; used bytes are overwritten each time;
 * - the stream cut off at every length: exactly the complete frames come, and `end` tells a cut inside a
 *   frame from one between two. The part of a stream that ends in an error is exempt;
 * - all cases that end cleanly, back to back on one decoder, in several orders.
 *
 * Long streams are sampled: 256 cuts near the ends of frames and elsewhere, fewer the longer they are, and
 * only the first 32 KiB byte by byte.
 *
 * Two rules it cannot see. Time: that bytes are not scanned twice would take a clock, which lies on a busy
 * machine, or counted reads, which `indexOf` and `TextDecoder` go past; measure that in a benchmark.
 * Memory of a decoder's own: only what `heldBytes` tells. It takes filler that belongs to no frame for
 * part of the frame behind it, and a frame to be out as soon as its last byte is in.
 *
 * It throws plain errors and needs no test runner, no clock and nothing that a browser lacks.
 */
import type { Decoder } from '../decoder.ts';
import { joinStreams, toStream, type DecoderCase, type Stream } from './cases.ts';
import { chunkings, createRandom, samplePositions, shrinkCuts, type Random } from './chunkings.ts';
import { DecoderVerificationError, type Finding } from './fault.ts';
import { runDecoder, type Subject } from './run.ts';
import { sameValue } from './values.ts';

/** What a receive buffer keeps free to receive into in place, so a decoder cannot be held to less. */
const DEFAULT_MAX_MEMORY = 64 * 1024;
/** Any fixed number: the same run every time. */
const DEFAULT_SEED = 1;
/** Orders in which the cases are put back to back. */
const BACK_TO_BACK_ORDERS = 4;

/** What a decoder must hold up to. */
export interface VerifyDecoderOptions<Frame> {
  /** Makes a decoder at the beginning of a stream. */
  readonly createDecoder: () => Decoder<Frame>;
  readonly cases: readonly DecoderCase<Frame>[];
  /** Compares two frames; by content unless told. */
  readonly equals?: (actual: Frame, expected: Frame) => boolean;
  /** Bytes that a decoder keeps outside the buffer; 0 unless told. */
  readonly heldBytes?: (decoder: Decoder<Frame>) => number;
  /** Bytes that buffer and decoder may hold beyond twice what came. 64 KiB unless told, and at least. */
  readonly maxMemory?: number;
  /** Picks the random cuts; the same seed gives the same run. */
  readonly seed?: number;
}

/**
 * Checks a decoder against the contract, with every case cut in every way that is worth trying.
 *
 * @throws DecoderVerificationError at the first fault, with the smallest chunking found that shows it.
 * @throws TypeError when there is no case, or a case asks for what no decoder may do.
 * @example
 * ```ts
 * import { verifyDecoder } from '@wireline/framing/testing';
 *
 * test('lines', () => {
 *   verifyDecoder({
 *     createDecoder: () => new LineDecoder(),
 *     cases: [
 *       { name: 'two lines', bytes: ascii('a\nb\n'), frames: ['a', 'b'] },
 *       { name: 'nothing', bytes: ascii(''), frames: [] },
 *     ],
 *   });
 * });
 * ```
 */
export function verifyDecoder<Frame>(options: VerifyDecoderOptions<Frame>): void {
  const streams = options.cases.map(toStream);
  if (streams.length === 0) throw new TypeError('verify decoder: 0 cases, pass at least one');
  const seed = options.seed ?? DEFAULT_SEED;
  const verification = new Verification<Frame>(
    {
      createDecoder: options.createDecoder,
      equals: options.equals ?? sameValue,
      heldBytes: options.heldBytes ?? (() => 0),
      maxMemory: options.maxMemory ?? DEFAULT_MAX_MEMORY,
    },
    seed,
  );
  for (const stream of streams) {
    const ends = verification.checkChunkings(stream);
    verification.checkTruncations(stream, ends);
  }
  const clean = streams.filter((stream) => stream.ending === 'boundary');
  for (const order of orders(clean, createRandom(seed))) {
    verification.checkChunkings(joinStreams(order));
  }
}

interface Delivery {
  readonly manner: string;
  /** Twice the shared buffer: see `run.ts`. */
  readonly scratch: Uint8Array | undefined;
}

class Verification<Frame> {
  readonly #subject: Subject<Frame>;
  readonly #seed: number;
  readonly #random: Random;
  readonly #deliveries: readonly Delivery[] = [
    { manner: 'appended', scratch: undefined },
    // 64 KiB, as an event loop has: short streams stay in it, only tails are copied away.
    { manner: 'received into a shared buffer', scratch: new Uint8Array(2 * 64 * 1024) },
    // 16 bytes: whatever is longer than 8 goes to the stream's own store and is received there.
    { manner: 'received into a shared buffer of 16 bytes', scratch: new Uint8Array(2 * 16) },
  ];

  constructor(subject: Subject<Frame>, seed: number) {
    this.#subject = subject;
    this.#seed = seed;
    this.#random = createRandom(seed);
  }

  /** Returns where each result of the stream ends. */
  checkChunkings(stream: Stream<Frame>): readonly number[] {
    const ends = this.#check(stream, []);
    for (const cuts of chunkings(stream.bytes.length, ends, this.#random)) {
      this.#check(stream, cuts);
    }
    return ends;
  }

  /** Cuts the stream off at each length, as far as its frames go. */
  checkTruncations(stream: Stream<Frame>, allEnds: readonly number[]): void {
    const ends = stream.ending === 'error' ? allEnds.slice(0, stream.results.length - 1) : allEnds;
    const wholeEnd = ends.at(-1) ?? 0;
    const lengths = samplePositions(wholeEnd + 1, ends, this.#random);
    for (const length of new Set([0, ...lengths])) {
      if (length >= stream.bytes.length) continue;
      const complete = ends.filter((end) => end <= length).length;
      const results = stream.results.slice(0, complete);
      const atBoundary = length === 0 || ends.includes(length);
      const truncated: Stream<Frame> = {
        name: stream.name,
        title: `${stream.title} cut off after ${length} of ${stream.bytes.length} bytes`,
        bytes: stream.bytes.subarray(0, length),
        usedLength: length,
        results,
        ending: atBoundary ? 'boundary' : 'inside',
      };
      this.#check(truncated, []);
    }
  }

  #check(stream: Stream<Frame>, cuts: readonly number[]): readonly number[] {
    let ends: readonly number[] = [];
    for (const delivery of this.#deliveries) {
      const report = runDecoder(this.#subject, stream, cuts, delivery.scratch);
      if (report.finding !== undefined) throw this.#failure(stream, cuts, delivery, report.finding);
      ends = report.ends;
    }
    return ends;
  }

  #failure(
    stream: Stream<Frame>,
    cuts: readonly number[],
    { manner, scratch }: Delivery,
    first: Finding,
  ): DecoderVerificationError {
    let finding = first;
    const smallest = shrinkCuts(cuts, (fewer) => {
      const report = runDecoder(this.#subject, stream, fewer, scratch);
      finding = report.finding ?? finding;
      return report.finding !== undefined;
    });
    return new DecoderVerificationError(stream, finding, {
      manner,
      cuts: smallest,
      length: stream.bytes.length,
      seed: this.#seed,
    });
  }
}

/** The streams in the order given and once more, reversed, and shuffled. */
function orders<Item>(items: readonly Item[], random: Random): readonly (readonly Item[])[] {
  if (items.length === 0) return [];
  const twice = [...items, ...items];
  if (items.length === 1) return [twice];
  const shuffled = Array.from({ length: BACK_TO_BACK_ORDERS - 2 }, () =>
    items
      .map((item) => ({ item, rank: random(2 ** 31) }))
      .sort((left, right) => left.rank - right.rank)
      .map(({ item }) => item),
  );
  return [twice, items.toReversed(), ...shuffled];
}
