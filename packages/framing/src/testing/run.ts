/**
 * One run: a fresh decoder, one stream, one way to cut it, one way to deliver the pieces.
 *
 * Views are found out by making them wrong. Bytes that a decoder has consumed, and bytes in the scratch
 * buffer after it was given back, are inverted once each, so a frame that still looks at them changes:
 *
 * ```
 *   before decode   |already inverted|start  unread .......... end|
 *   after decode    |already inverted|inverted now|start .... end |
 *   after settle    |already inverted|inverted    |inverted now   |   scratch only
 * ```
 *
 * Receives go to the two halves of the scratch buffer in turn, so that bytes kept for the next receive
 * never land where they were. Frames are compared when they come and once more at the end of the run.
 */
import { NEED_DATA, type Decoder } from '../decoder.ts';
import { RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { ExpectedResult, Stream } from './cases.ts';
import { chunkLengths } from './chunkings.ts';
import { Fault, isExpected, showError, showThrown, type Finding } from './fault.ts';
import { sameValue, showValue } from './values.ts';
import { WatchedBuffer } from './watched-buffer.ts';

/** How to make a decoder and judge its frames. */
export interface Subject<Frame> {
  createDecoder(): Decoder<Frame>;
  equals(actual: Frame, expected: Frame): boolean;
  heldBytes(decoder: Decoder<Frame>): number;
  readonly maxMemory: number;
}

/** What a run found. */
export interface RunReport {
  readonly finding: Finding | undefined;
  /** For each result, how many bytes of the stream were consumed when it was out. */
  readonly ends: readonly number[];
}

/**
 * Runs a fresh decoder over `stream`, cut at `cuts`.
 *
 * @param scratch twice the shared buffer to receive into; without it, chunks are appended
 */
export function runDecoder<Frame>(
  subject: Subject<Frame>,
  stream: Stream<Frame>,
  cuts: readonly number[],
  scratch: Uint8Array | undefined,
): RunReport {
  const run = new Run(subject, stream);
  try {
    run.deliver(cuts, scratch);
    run.finish();
    return { finding: undefined, ends: run.ends };
  } catch (error) {
    if (error instanceof Fault) return { finding: error.finding, ends: run.ends };
    throw error;
  }
}

class Run<Frame> {
  readonly ends: number[] = [];
  readonly #subject: Subject<Frame>;
  readonly #stream: Stream<Frame>;
  readonly #decoder: Decoder<Frame>;
  readonly #buffer = new WatchedBuffer();
  /** The frames that came, each beside the one expected, to be compared again. */
  readonly #frames: {
    readonly number: number;
    readonly actual: Frame;
    readonly expected: Frame;
  }[] = [];
  #delivered = 0;
  #receives = 0;
  #lost = false;

  constructor(subject: Subject<Frame>, stream: Stream<Frame>) {
    this.#subject = subject;
    this.#stream = stream;
    this.#decoder = subject.createDecoder();
  }

  deliver(cuts: readonly number[], scratch: Uint8Array | undefined): void {
    const { bytes } = this.#stream;
    const half = (scratch?.length ?? 0) / 2;
    const halves = scratch && ([scratch.subarray(0, half), scratch.subarray(half)] as const);
    // What an earlier run left must not make a difference.
    scratch?.fill(0xa5);
    let at = 0;
    for (const length of chunkLengths(cuts, bytes.length)) {
      const chunk = bytes.subarray(at, at + length);
      if (halves === undefined) this.#append(chunk);
      else this.#receive(chunk, halves);
      if (this.#lost) return;
      at += length;
    }
  }

  finish(): void {
    this.#compareAgain();
    if (this.#lost) return;
    const { results, usedLength, ending } = this.#stream;
    const missing = results[this.ends.length];
    if (missing !== undefined) {
      const raisedByEnd = 'error' in missing && this.ends.length === results.length - 1;
      if (!raisedByEnd) throw this.#missing(missing);
      this.#endMustThrow((error) => isExpected(error, missing.error), showError(missing.error));
      return;
    }
    const consumed = this.#buffer.offset;
    if (ending !== 'inside' && consumed !== usedLength) {
      throw new Fault({
        expected: `${usedLength} bytes consumed after the last result`,
        received: `${consumed} bytes consumed`,
        hint: 'A decoder removes exactly the bytes that it used.',
      });
    }
    if (ending === 'trailing') this.#checkTrailing();
    if (ending === 'inside') {
      this.#endMustThrow(isTruncation, 'end to throw a TruncatedFrameError: the frame is cut off');
    } else if (ending === 'boundary') {
      this.#endMustReturn();
    }
  }

  #append(chunk: Uint8Array): void {
    this.#buffer.append(chunk);
    this.#delivered += chunk.length;
    this.#decodeAll();
  }

  #receive(chunk: Uint8Array, halves: readonly [Uint8Array, Uint8Array]): void {
    const buffer = this.#buffer;
    for (let at = 0; at < chunk.length && !this.#lost;) {
      const scratch = halves[this.#receives++ % 2 === 0 ? 0 : 1];
      const room = buffer.beginReceive(scratch);
      const piece = chunk.subarray(at, at + room.length);
      room.set(piece);
      buffer.endReceive(piece.length);
      this.#delivered += piece.length;
      at += piece.length;
      this.#decodeAll();
      const { bytes, start, end } = buffer;
      buffer.settle();
      if (bytes === scratch) invert(scratch, start, end);
      this.#checkMemory();
    }
  }

  #decodeAll(): void {
    const { results, ending } = this.#stream;
    while (!this.#lost) {
      if (ending === 'trailing' && this.ends.length === results.length) return;
      if (!this.#decodeOne()) return;
    }
  }

  /** Returns whether there was a result. */
  #decodeOne(): boolean {
    const buffer = this.#buffer;
    const { bytes, start, offset } = buffer;
    let result: { readonly frame: Frame } | { readonly thrown: unknown } | undefined;
    buffer.watch();
    try {
      const frame = this.#decoder.decode(buffer);
      if (frame !== NEED_DATA) result = { frame };
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown;
      result = { thrown };
    }
    buffer.unwatch();
    this.#checkAccounts();
    this.#checkMemory();
    if (result !== undefined) this.#judge(result, buffer.offset - offset);
    invert(buffer.bytes, buffer.bytes === bytes ? start : 0, buffer.start);
    return result !== undefined;
  }

  #judge(result: { readonly frame: Frame } | { readonly thrown: unknown }, used: number): void {
    const number = this.ends.length + 1;
    const expected = this.#stream.results[number - 1];
    const fault = (received: string, hint?: string, cause?: unknown): Fault =>
      new Fault({ expected: this.#describe(number), received, hint, cause });
    if ('thrown' in result) {
      const { thrown } = result;
      if (!(thrown instanceof RemoteProtocolError)) {
        const hint = 'What the peer did wrong is a RemoteProtocolError; anything else is a bug.';
        throw fault(`decode to throw ${showThrown(thrown)}`, hint, thrown);
      }
      if (expected === undefined || !('error' in expected) || !isExpected(thrown, expected.error)) {
        throw fault(showThrown(thrown), undefined, thrown);
      }
      this.#lost = thrown.framing === 'lost';
    } else {
      const { frame } = result;
      const came = `the frame ${showValue(frame)}`;
      if (expected === undefined || !('frame' in expected)) throw fault(came, whyMore(frame, used));
      if (!this.#subject.equals(frame, expected.frame)) {
        throw fault(came, used === 0 ? whyMore(frame, used) : undefined);
      }
      this.#frames.push({ number, actual: frame, expected: expected.frame });
    }
    this.ends.push(this.#buffer.offset);
  }

  #compareAgain(): void {
    for (const { number, actual, expected } of this.#frames) {
      if (this.#subject.equals(actual, expected)) continue;
      throw new Fault({
        expected: `frame ${number} to stay ${showValue(expected)}`,
        received: `${showValue(actual)} once the buffer was used again`,
        hint: 'It holds a view of the receive buffer: take() gives bytes that the frame may keep.',
      });
    }
  }

  #checkAccounts(): void {
    const { start, end, offset } = this.#buffer;
    if (start <= end && offset + end - start === this.#delivered) return;
    throw new Fault({
      expected: `consumed and unread bytes to be the ${this.#delivered} that came`,
      received: `${offset} consumed and ${end - start} unread`,
      hint: 'Remove bytes with consume() or take() only.',
    });
  }

  #checkMemory(): void {
    const ofBuffer = this.#buffer.heldBytes;
    const ofDecoder = this.#subject.heldBytes(this.#decoder);
    const allowed = 2 * this.#delivered + this.#subject.maxMemory;
    if (ofBuffer + ofDecoder <= allowed) return;
    throw new Fault({
      expected: `at most ${allowed} bytes of memory after ${this.#delivered} bytes came`,
      received: `${ofBuffer} bytes held by the buffer and ${ofDecoder} by the decoder`,
      hint: 'Reserve nothing because a header announced it; memory follows the bytes that came.',
    });
  }

  #checkTrailing(): void {
    const { bytes, start, end } = this.#buffer;
    const expected = this.#stream.bytes.subarray(this.#stream.usedLength);
    const received = bytes.subarray(start, end);
    if (sameValue(received, expected)) return;
    throw new Fault({
      expected: `the bytes behind the last frame to stay ${showValue(expected)}`,
      received: showValue(received),
    });
  }

  #missing(missing: ExpectedResult<Frame>): Fault {
    const { length } = this.#buffer;
    return new Fault({
      expected: this.#describe(this.ends.length + 1),
      received: `NEED_DATA with all ${this.#delivered} bytes delivered and ${length} of them unread`,
      hint:
        'frame' in missing && length === 0
          ? 'Its bytes were consumed: one call returns one frame and leaves the next in the buffer.'
          : undefined,
    });
  }

  #describe(number: number): string {
    const { results } = this.#stream;
    const expected = results[number - 1];
    if (expected === undefined) return `NEED_DATA after ${results.length} results`;
    return 'error' in expected
      ? `result ${number} of ${results.length} to be ${showError(expected.error)}`
      : `result ${number} of ${results.length} to be the frame ${showValue(expected.frame)}`;
  }

  #endMustThrow(fits: (error: unknown) => boolean, expected: string): void {
    const thrown = this.#end();
    if (thrown === undefined) throw new Fault({ expected, received: 'end to return' });
    if (fits(thrown.error)) return;
    throw new Fault({ expected, received: showThrown(thrown.error), cause: thrown.error });
  }

  #endMustReturn(): void {
    const thrown = this.#end();
    if (thrown === undefined) return;
    const { error } = thrown;
    throw new Fault({
      expected: 'end to return: the stream stops between two frames',
      received: `end to throw ${showThrown(error)}`,
      cause: error,
    });
  }

  #end(): { readonly error: unknown } | undefined {
    this.#buffer.watch();
    try {
      this.#decoder.end(this.#buffer);
      return undefined;
    } catch (error) {
      if (error instanceof Fault) throw error;
      return { error };
    } finally {
      this.#buffer.unwatch();
    }
  }
}

/** Changes every byte to one that it was not. */
function invert(bytes: Uint8Array, start: number, end: number): void {
  for (let index = start; index < end; index++) bytes[index] = ~(bytes[index] ?? 0);
}

function isTruncation(error: unknown): boolean {
  return error instanceof TruncatedFrameError;
}

function whyMore(frame: unknown, used: number): string | undefined {
  if (frame === undefined || frame === null) return 'To ask for more bytes, return NEED_DATA.';
  if (used === 0) return 'It consumed nothing, so the same bytes would give frames for ever.';
  return undefined;
}
