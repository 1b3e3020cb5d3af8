/**
 * The check that chunks make no difference, and the check of streams that are cut off.
 */
import type { Stream, StreamEnding } from './cases.ts';
import { chunkings, samplePositions } from './chunkings.ts';
import { DecoderVerificationError, type Finding } from './fault.ts';
import { createRandom, type Random } from './random.ts';
import { createManners, runDecoder, type Manner } from './run.ts';
import { shrink } from './shrink.ts';
import type { Subject } from './subject.ts';

/** Runs streams through a decoder, cut in every way that is worth trying. */
export class ChunkingCheck<Frame> {
  readonly #subject: Subject<Frame>;
  readonly #seed: number;
  readonly #random: Random;
  readonly #manners = createManners();

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

  /**
   * Cuts the stream off at each length, as far as its frames go.
   *
   * @param endCompletes whether the end of a stream may complete a frame, in any of the cases
   */
  checkTruncations(stream: Stream<Frame>, allEnds: readonly number[], endCompletes: boolean): void {
    const { results, lateCount, bytes } = stream;
    const inTime = results.length - (stream.ending === 'error' ? 1 : lateCount);
    const ends = allEnds.slice(0, inTime);
    const lastEnd = ends.at(-1) ?? 0;
    const wholeEnd = lateCount > 0 ? bytes.length : lastEnd;
    const lengths = samplePositions(wholeEnd + 1, ends, this.#random);
    for (const length of new Set([0, ...lengths])) {
      if (length >= bytes.length) continue;
      const complete = ends.filter((end) => end <= length).length;
      const atBoundary = length === 0 || ends.includes(length);
      let ending: StreamEnding = atBoundary ? 'boundary' : 'inside';
      if (endCompletes) ending = lateCount > 0 && length >= lastEnd ? 'open' : 'either';
      const truncated: Stream<Frame> = {
        name: stream.name,
        title: `${stream.title} cut off after ${length} of ${bytes.length} bytes`,
        bytes: bytes.subarray(0, length),
        usedLength: length,
        results: results.slice(0, complete),
        lateCount: 0,
        ending,
      };
      this.#check(truncated, []);
    }
  }

  #check(stream: Stream<Frame>, cuts: readonly number[]): readonly number[] {
    let ends: readonly number[] = [];
    for (const manner of this.#manners) {
      const report = runDecoder(this.#subject, stream, { cuts, manner });
      if (report.finding !== undefined) throw this.#failure(stream, cuts, manner, report.finding);
      ends = report.ends;
    }
    return ends;
  }

  #failure(
    stream: Stream<Frame>,
    cuts: readonly number[],
    manner: Manner,
    first: Finding,
  ): DecoderVerificationError {
    let finding = first;
    const smallest = shrink(cuts, (fewer) => {
      const report = runDecoder(this.#subject, stream, { cuts: fewer, manner });
      finding = report.finding ?? finding;
      return report.finding !== undefined;
    });
    return new DecoderVerificationError(stream, finding, {
      manner: manner.name,
      cuts: smallest,
      seed: this.#seed,
    });
  }
}
