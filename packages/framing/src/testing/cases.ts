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
  /**
   * The last frame is complete only when the stream ends: it comes from the first `decode` after `end`.
   * Where one case says so, a stream that is cut off inside a frame may also end with a frame of what came.
   */
  readonly lastFrameEndsWithStream?: boolean;
  /**
   * Behind the last result the decoder goes quiet: its `closed` is true, it consumes all that comes and gives
   * nothing, and `end` returns.
   */
  readonly closes?: boolean;
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
 *   { name: 'two lines', bytes: Uint8Array.of(97, 10, 98, 10), frames: ['a', 'b'] },
 *   { name: 'cut off', bytes: Uint8Array.of(97, 10, 98), frames: ['a'], error: { code: 'truncated', framing: 'lost' } },
 * ];
 * ```
 */
export type DecoderCase<Frame> = FramesCase<Frame> | ResultsCase<Frame>;

/**
 * How a stream ends. `boundary`: between two frames. `inside`: within one, so `end` must complain.
 * `error`: with the last result. `trailing`: with bytes of somebody else, so `end` is not called.
 * `closed`: with a decoder that went quiet. `open`: within a frame that the end completes, so `end`
 * returns and one more result of any kind may come. `either`: as `inside` or as `open`.
 */
export type StreamEnding =
  'boundary' | 'inside' | 'error' | 'trailing' | 'closed' | 'open' | 'either';

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
  /** How many of `results` come only after `end` has returned. */
  readonly lateCount: number;
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
  checkEndingOf(testCase, results);
  const late = testCase.lastFrameEndsWithStream === true;
  let ending: StreamEnding = 'boundary';
  if (results.some(losesFraming)) ending = 'error';
  else if (testCase.closes === true) ending = 'closed';
  else if (trailing.length > 0) ending = 'trailing';
  return {
    name,
    title: `case '${name}'`,
    bytes: concat([bytes, trailing]),
    usedLength: bytes.length,
    results,
    lateCount: late ? 1 : 0,
    ending,
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
    lateCount: 0,
    ending: 'boundary',
  };
}

function resultsOf<Frame>(testCase: DecoderCase<Frame>): readonly ExpectedResult<Frame>[] {
  if ('expected' in testCase) return testCase.expected;
  const results: ExpectedResult<Frame>[] = testCase.frames.map((frame) => ({ frame }));
  if (testCase.error !== undefined) results.push({ error: testCase.error });
  return results;
}

/** Refuses endings that exclude each other. */
function checkEndingOf(
  { name, trailing, closes, lastFrameEndsWithStream }: CaseOfAnyForm,
  results: readonly ExpectedResult<unknown>[],
): void {
  const refuse = (problem: string): never => {
    throw new TypeError(`read case '${name}': ${problem}`);
  };
  const lostAt = results.findIndex(losesFraming);
  if (lostAt !== -1 && lostAt !== results.length - 1) {
    refuse(`result ${lostAt + 1} loses the framing, so end there`);
  }
  const endings = [
    ...(lostAt === -1 ? [] : ['it loses the framing']),
    ...(closes === true ? ['it has closes'] : []),
    ...(lastFrameEndsWithStream === true ? ['it has lastFrameEndsWithStream'] : []),
    ...(trailing !== undefined && trailing.length > 0 ? ['trailing'] : []),
  ];
  if (endings.length > 1) refuse(`${endings[0]}, so leave out ${lastWord(endings[1])}`);
  const last = results.at(-1);
  if (lastFrameEndsWithStream === true && (last === undefined || 'error' in last)) {
    refuse('it has lastFrameEndsWithStream, so let its last result be a frame');
  }
}

function lastWord(text = ''): string {
  return text.slice(text.lastIndexOf(' ') + 1);
}

function losesFraming(result: ExpectedResult<unknown>): boolean {
  return 'error' in result && result.error.framing === 'lost';
}

/** The parts as one array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
