/**
 * Session: one decoder at work on one stream, its results judged one by one as they come.
 *
 * Frames are compared when they come and once more at the end, when the memory that they came from has
 * been made wrong: see `feed.ts`.
 */
import { NEED_DATA, type Decoder } from '../decoder.ts';
import { RemoteProtocolError } from '../errors.ts';
import type { Stream } from './cases.ts';
import { Fault, isExpected, showError, showThrown } from './fault.ts';
import { Feed, type Outcome } from './feed.ts';
import type { Subject } from './subject.ts';
import { showValue } from './values.ts';

/** A decoder, the stream that it reads, and what came of it so far. */
export class Session<Frame> {
  readonly stream: Stream<Frame>;
  readonly decoder: Decoder<Frame>;
  readonly feed: Feed;
  /** For each result that came, how many bytes were consumed by then. */
  readonly ends: number[] = [];
  readonly #subject: Subject<Frame>;
  /** The frames that came, each beside the one expected, to be compared again. */
  readonly #frames: {
    readonly number: number;
    readonly actual: Frame;
    readonly expected: Frame;
  }[] = [];
  #lost = false;

  constructor(subject: Subject<Frame>, stream: Stream<Frame>, scratch: Uint8Array | undefined) {
    this.stream = stream;
    this.feed = new Feed(scratch);
    this.decoder = subject.createDecoder();
    this.#subject = subject;
  }

  /** Whether an error has said that nothing later may be parsed. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Decodes all that can be decoded with the bytes at hand. Returns whether more may be delivered. */
  decodeAll(): boolean {
    const { results, ending } = this.stream;
    while (!this.#lost) {
      // What follows the last result belongs to somebody else.
      if (ending === 'trailing' && this.ends.length === results.length) return true;
      if (!this.#decodeOne()) return true;
    }
    return false;
  }

  /** Asks for a result that is not judged. */
  decode(): Outcome<Frame | typeof NEED_DATA> {
    return this.feed.call((buffer) => this.decoder.decode(buffer));
  }

  /** Says that the stream has ended. */
  end(): Outcome<void> {
    return this.feed.call((buffer) => this.decoder.end(buffer));
  }

  /** What must come as result `number`, from 1, in words. */
  describe(number: number): string {
    const { results } = this.stream;
    const expected = results[number - 1];
    if (expected === undefined) return `NEED_DATA after ${results.length} results`;
    return 'error' in expected
      ? `result ${number} of ${results.length} to be ${showError(expected.error)}`
      : `result ${number} of ${results.length} to be the frame ${showValue(expected.frame)}`;
  }

  /** Checks that no frame has changed since it came. */
  compareAgain(): void {
    for (const { number, actual, expected } of this.#frames) {
      if (this.#subject.equals(actual, expected)) continue;
      throw new Fault({
        expected: `frame ${number} to stay ${showValue(expected)}`,
        received: `${showValue(actual)} once the buffer was used again`,
        hint: 'It holds a view of the receive buffer: take() gives bytes that the frame may keep.',
      });
    }
  }

  /** Checks what is held against what came. */
  checkMemory(): void {
    const { buffer, delivered } = this.feed;
    const ofBuffer = buffer.heldBytes;
    const ofDecoder = this.#subject.heldBytes(this.decoder);
    const allowed = 2 * delivered + this.#subject.maxMemory;
    if (ofBuffer + ofDecoder <= allowed) return;
    throw new Fault({
      expected: `at most ${allowed} bytes of memory after ${delivered} bytes came`,
      received: `${ofBuffer} bytes held by the buffer and ${ofDecoder} by the decoder`,
      hint: 'Reserve nothing because a header announced it; memory follows the bytes that came.',
    });
  }

  /** Returns whether there was a result. */
  #decodeOne(): boolean {
    const { buffer } = this.feed;
    const { offset } = buffer;
    const outcome = this.decode();
    this.checkMemory();
    const wants = 'value' in outcome && outcome.value === NEED_DATA;
    if ('thrown' in outcome) this.#judgeError(outcome.thrown);
    else if (outcome.value !== NEED_DATA) this.#judgeFrame(outcome.value, buffer.offset - offset);
    this.feed.spoil();
    return !wants;
  }

  #judgeError(thrown: unknown): void {
    if (!(thrown instanceof RemoteProtocolError)) {
      throw new Fault({
        expected: this.describe(this.ends.length + 1),
        received: `decode to throw ${showThrown(thrown)}`,
        hint: 'What the peer did wrong is a RemoteProtocolError; anything else is a bug.',
        cause: thrown,
      });
    }
    const expected = this.stream.results[this.ends.length];
    if (expected === undefined || !('error' in expected) || !isExpected(thrown, expected.error)) {
      throw new Fault({
        expected: this.describe(this.ends.length + 1),
        received: showThrown(thrown),
        cause: thrown,
      });
    }
    this.#lost = thrown.framing === 'lost';
    this.ends.push(this.feed.buffer.offset);
  }

  #judgeFrame(frame: Frame, used: number): void {
    const number = this.ends.length + 1;
    const expected = this.stream.results[number - 1];
    const frameExpected = expected !== undefined && 'frame' in expected;
    if (!frameExpected || !this.#subject.equals(frame, expected.frame)) {
      throw new Fault({
        expected: this.describe(number),
        received: `the frame ${showValue(frame)}`,
        hint: !frameExpected || used === 0 ? whyMore(frame, used) : undefined,
      });
    }
    this.#frames.push({ number, actual: frame, expected: expected.frame });
    this.ends.push(this.feed.buffer.offset);
  }
}

function whyMore(frame: unknown, used: number): string | undefined {
  if (frame === undefined || frame === null) return 'To ask for more bytes, return NEED_DATA.';
  if (used === 0) return 'It consumed nothing, so the same bytes would give frames for ever.';
  return undefined;
}
