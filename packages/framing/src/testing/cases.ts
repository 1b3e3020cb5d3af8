/**
 * What a decoder is checked against: streams of bytes, each with what must come out of it.
 *
 * A case is written by a person, in whichever of two forms is shorter; `toStream` turns both into the
 * one form that the rest of the verifier reads.
 */
import type { FramingAfterError } from '../errors.ts';

/** The error that a stream must raise. Its message and facts are free. */
export interface ExpectedError {
  readonly code: string;
  readonly framing: FramingAfterError;
}

/** One thing that comes out of a stream. */
export type ExpectedResult<Frame> = { readonly frame: Frame } | { readonly error: ExpectedError };

interface CaseOfAnyForm {
  /** What the case shows; failures quote it. */
  readonly name: string;
  /** The bytes of the stream. */
  readonly bytes: Uint8Array;
  /**
   * Bytes that follow the last frame and belong to somebody else, as after a protocol upgrade. `decode`
   * is not called again once the last result is out, and they must still be in the buffer then.
   */
  readonly trailing?: Uint8Array;
}

/** A stream of frames, and the error that may end it. */
export interface FramesCase<Frame> extends CaseOfAnyForm {
  readonly frames: readonly Frame[];
  /** Raised after the frames, by `decode` or, where the stream is cut off, by `end`. */
  readonly error?: ExpectedError;
}

/** A stream in which errors stand between frames: those that leave the framing intact. */
export interface ResultsCase<Frame> extends CaseOfAnyForm {
  readonly expected: readonly ExpectedResult<Frame>[];
}

/**
 * One stream and what must come out of it.
 *
 * @example
 * ```ts
 * const cases: DecoderCase<string>[] = [
 *   { name: 'two lines', bytes: ascii('a\nb\n'), frames: ['a', 'b'] },
 *   { name: 'cut off', bytes: ascii('a\nb'), frames: ['a'], error: { code: 'truncated', framing: 'lost' } },
 * ];
 * ```
 */
export type DecoderCase<Frame> = FramesCase<Frame> | ResultsCase<Frame>;

/**
 * How a stream ends. `boundary`: between two frames. `inside`: within one, so `end` must complain.
 * `error`: with the last result. `trailing`: with bytes of somebody else, so `end` is not called.
 */
export type StreamEnding = 'boundary' | 'inside' | 'error' | 'trailing';

/** A case as the verifier runs it. */
export interface Stream<Frame> {
  readonly name: string;
  /** Which stream this is, as failures say it: `case 'two lines'`. */
  readonly title: string;
  /** Everything that is delivered, trailing bytes included. */
  readonly bytes: Uint8Array;
  /** How many of `bytes` the decoder must consume. */
  readonly usedLength: number;
  readonly results: readonly ExpectedResult<Frame>[];
  readonly ending: StreamEnding;
}

/**
 * Brings a case into the form that the verifier runs.
 *
 * @throws TypeError when the case asks for what no decoder may do.
 */
export function toStream<Frame>(testCase: DecoderCase<Frame>): Stream<Frame> {
  const { name, bytes, trailing = new Uint8Array(0) } = testCase;
  const results = resultsOf(testCase);
  const lostAt = results.findIndex(losesFraming);
  if (lostAt !== -1 && lostAt !== results.length - 1) {
    throw new TypeError(
      `read case '${name}': result ${lostAt + 1} loses the framing, so end there`,
    );
  }
  if (lostAt !== -1 && trailing.length > 0) {
    throw new TypeError(`read case '${name}': it loses the framing, so leave out trailing`);
  }
  const clean = trailing.length > 0 ? 'trailing' : 'boundary';
  return {
    name,
    title: `case '${name}'`,
    bytes: concat([bytes, trailing]),
    usedLength: bytes.length,
    results,
    ending: lostAt === -1 ? clean : 'error',
  };
}

/** The streams one after the other, as one. All but the last must end at a boundary. */
export function joinStreams<Frame>(streams: readonly Stream<Frame>[]): Stream<Frame> {
  const bytes = concat(streams.map((stream) => stream.bytes));
  return {
    name: streams.map((stream) => stream.name).join(', '),
    title: `back to back ${streams.map((stream) => stream.title).join(', ')}`,
    bytes,
    usedLength: bytes.length,
    results: streams.flatMap((stream) => stream.results),
    ending: 'boundary',
  };
}

function resultsOf<Frame>(testCase: DecoderCase<Frame>): readonly ExpectedResult<Frame>[] {
  if ('expected' in testCase) return testCase.expected;
  const results: ExpectedResult<Frame>[] = testCase.frames.map((frame) => ({ frame }));
  if (testCase.error !== undefined) results.push({ error: testCase.error });
  return results;
}

function losesFraming(result: ExpectedResult<unknown>): boolean {
  return 'error' in result && result.error.framing === 'lost';
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
