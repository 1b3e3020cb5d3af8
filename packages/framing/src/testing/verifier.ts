/**
 * verifyDecoder: checks a decoder against the contract in `decoder.ts`, for its author's own tests.
 *
 * For each case it tries
 *
 * - the whole stream at once, every cut in two, byte by byte, and random cuts in more;
 * - each of these appended, received into one shared scratch buffer, and received into a scratch buffer
 *   so small that the bytes move to the stream's own store; used bytes are overwritten each time;
 * - the stream cut off at every length: exactly the complete frames come, and `end` tells a cut inside a
 *   frame from one between two. The part of a stream that ends in an error, or in silence, is exempt;
 * - all cases that end cleanly, back to back on one decoder, in several orders.
 *
 * Then it makes streams of its own from the cases:
 *
 * - time: the bytes read are counted, byte by byte in cases stretched to long frames that are never
 *   complete, and with many frames in one chunk. They grow with what comes: `linear-time.ts`;
 * - junk: random bytes, random bytes behind frames, cases with bytes changed, left out and doubled. Any
 *   result will do that every chunking gives: `junk-check.ts`;
 * - with `maxFrameLength`, endless streams: what is held stays under the cap: `endless.ts`.
 *
 * Long streams are sampled: 256 cuts near the ends of frames and elsewhere, fewer the longer they are, and
 * only the first 32 KiB byte by byte.
 *
 * What it cannot see. Time: what is read through `bytes.buffer` or in copies, and a second look at frames
 * that no case and no stretched case makes a few hundred bytes long; so give a case with such a frame.
 * Memory of a decoder's own: only what `heldBytes` tells. It takes filler that belongs to no frame for
 * part of the frame behind it, and a frame to be out as soon as its last byte is in.
 *
 * It throws plain errors and needs no test runner, no clock and nothing that a browser lacks. While reads
 * are counted `TextDecoder` has a stand-in, put back before the verifier returns or throws.
 */
import type { Decoder } from '../decoder.ts';
import { joinStreams, toStream, type DecoderCase } from './cases.ts';
import { ChunkingCheck } from './chunking-check.ts';
import { checkCap } from './endless.ts';
import { checkJunk } from './junk-check.ts';
import { checkReads } from './linear-time.ts';
import { createRandom, type Random } from './random.ts';
import type { Subject } from './subject.ts';
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
  /**
   * The most bytes of one frame that the decoder accepts. Where it is told, endless streams are tried, and
   * buffer and decoder may never hold more than twice that and `maxMemory`. Give the decoder a small limit
   * for this: the streams are as long.
   */
  readonly maxFrameLength?: number;
  /** Picks the random cuts and the junk; the same seed gives the same run. */
  readonly seed?: number;
}

/**
 * Checks a decoder against the contract, with every case cut in every way that is worth trying, and with
 * junk and long streams made from the cases.
 *
 * @throws DecoderVerificationError at the first fault, with the smallest chunking found that shows it, and
 *   for streams that it made itself with their smallest bytes.
 * @throws TypeError when there is no case, or a case asks for what no decoder may do.
 * @example
 * ```ts
 * import { verifyDecoder } from '@wireline/framing/testing';
 *
 * test('lines', () => {
 *   verifyDecoder({
 *     createDecoder: () => new LineDecoder(),
 *     cases: [
 *       { name: 'two lines', bytes: Uint8Array.of(97, 10, 98, 10), frames: ['a', 'b'] },
 *       { name: 'nothing', bytes: new Uint8Array(0), frames: [] },
 *     ],
 *   });
 * });
 * ```
 */
export function verifyDecoder<Frame>(options: VerifyDecoderOptions<Frame>): void {
  const streams = options.cases.map(toStream);
  if (streams.length === 0) throw new TypeError('verify decoder: 0 cases, pass at least one');
  const seed = options.seed ?? DEFAULT_SEED;
  const subject: Subject<Frame> = {
    createDecoder: options.createDecoder,
    equals: options.equals ?? sameValue,
    heldBytes: options.heldBytes ?? (() => 0),
    maxMemory: options.maxMemory ?? DEFAULT_MAX_MEMORY,
  };
  const check = new ChunkingCheck<Frame>(subject, seed);
  const endCompletes = streams.some((stream) => stream.lateCount > 0);
  for (const stream of streams) {
    const ends = check.checkChunkings(stream);
    check.checkTruncations(stream, ends, endCompletes);
  }
  const clean = streams.filter(({ ending, lateCount }) => ending === 'boundary' && lateCount === 0);
  for (const order of orders(clean, createRandom(seed))) check.checkChunkings(joinStreams(order));
  checkReads(subject, streams, seed);
  checkJunk(subject, streams, seed);
  const { maxFrameLength } = options;
  if (maxFrameLength !== undefined) checkCap(subject, streams, { maxFrameLength, seed });
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
