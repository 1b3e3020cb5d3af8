/**
 * FrameReader: the frames of a source of bytes, to be iterated over.
 *
 * ```
 *            next()                       next()
 *   caller ---------> a frame is there? ---------> a promise that has it already
 *                        | no                          ^
 *                        v                             |
 *                     wait for a chunk  ---------------'
 * ```
 *
 * Rules:
 *
 * - Nothing is decoded ahead. Between two calls of `next` the bytes behind the last frame are untouched: they can go
 *   to another framing (`switchTo`) or to somebody else (`rest`).
 * - So there is one `next` at a time. A second one, before the first has settled, is refused and changes nothing.
 * - The source is given back (its iterator's `return` is called, as `for await` does) by whoever ends the reading
 *   before the source does: `return`, an error of the framing, a stream that a frame above the limit has closed.
 *   `rest` does not, nor does the source's own end or error.
 *
 * It is written by hand: a frame that is there already costs one promise and no function of its own, which is a third
 * of what an async generator takes.
 */
import { NEED_DATA } from '../decoder.ts';
import { LocalProtocolError } from '../errors.ts';
import type { Framing } from '../framing.ts';
import { chunksOf, letGo, type ByteSource, type Chunks } from './chunks.ts';
import { Intake, type ReadOptions } from './intake.ts';

/** What iterating over frames gives. */
type Result<Frame> = IteratorResult<Frame, undefined>;

/** Whoever waits for the next frame. */
interface Waiter<Frame> {
  readonly resolve: (result: Result<Frame> | Promise<Result<Frame>>) => void;
  readonly reject: (reason: unknown) => void;
}

const DONE = { done: true, value: undefined } as const;

/**
 * Reads the frames of `source`, one for each step of the loop.
 *
 * The source is what gives bytes in chunks: a `Socket` of `@wireline/socket/promises`, a stream of Node's, the body of
 * a `fetch`, an array. It is read no further than the loop has come, so whoever sends too fast is held up.
 *
 * @throws TypeError when the source gives no chunks.
 * @example
 * ```ts
 * for await (const line of readFrames(socket, lines())) console.log(line);
 * ```
 * @example A bad frame is reported, and reading goes on behind it.
 * ```ts
 * const framing = delimited('\n', { maxLength: 80, overlong: 'skip' });
 * const onError = (error: RemoteProtocolError) => console.error(error.message);
 * for await (const frame of readFrames(socket, framing, { onError })) handle(frame);
 * ```
 */
export function readFrames<Frame>(
  source: ByteSource,
  framing: Framing<Frame>,
  options: ReadOptions = {},
): FrameReader<Frame> {
  return new FrameReader(source, framing, options);
}

/**
 * The frames of a source of bytes; made by {@link readFrames}.
 *
 * `next` rejects with `RemoteProtocolError` for what the peer did wrong, with `TypeError` when a chunk is no bytes, and
 * with whatever the source fails with. It is over then.
 *
 * @example A head of lines, then bytes of which the head has told the length.
 * ```ts
 * await using reader = readFrames<string | Uint8Array>(socket, lines());
 * const head = await reader.next();
 * reader.switchTo(fixedLength(Number(head.value)));
 * const body = await reader.next();
 * ```
 */
export class FrameReader<Frame>
  implements AsyncIterableIterator<Frame, undefined>, AsyncDisposable
{
  readonly #chunks: Chunks;
  readonly #intake: Intake<Frame>;
  #waiter: Waiter<Frame> | undefined;
  #isDone = false;
  /** Whether a frame is being taken out of what has come: `onError` may be running. */
  #isTaking = false;
  /** Whether the source has more to give, for all that is known, and is to be told when nobody wants it. */
  #isSourceOpen = true;

  /** @throws TypeError when the source gives no chunks. */
  constructor(source: ByteSource, framing: Framing<Frame>, options: ReadOptions = {}) {
    this.#intake = new Intake(framing, options);
    this.#chunks = chunksOf(source);
  }

  /**
   * Whether a frame above the limit has closed the stream, where the framing says `overlong: 'close'`: it tells that from
   * a clean end.
   */
  get closed(): boolean {
    return this.#intake.isClosed;
  }

  /**
   * The next frame, or that there is none. To be called again when its promise has settled.
   *
   * @throws (rejects) RemoteProtocolError, TypeError, what the source fails with; see above.
   * @throws (rejects) LocalProtocolError `reader-busy` when the frame before is still being waited for, also in `onError`.
   */
  next(): Promise<Result<Frame>> {
    if (this.#waiter !== undefined || this.#isTaking) {
      return Promise.reject(readerBusy('read the next frame'));
    }
    if (this.#isDone) return Promise.resolve(DONE);
    try {
      const result = this.#take();
      if (result !== NEED_DATA) return Promise.resolve(result);
    } catch (error) {
      return this.#giveUp(error);
    }
    if (this.#intake.isOver) return this.return();
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#receive();
    });
  }

  /**
   * Ends the reading and gives the source back. Leaving a `for await` loop does so. A `next` that waits resolves: there
   * is no more frame; what its chunk brings is lost then, and this does not wait for the source.
   *
   * @throws (rejects) what the source throws when it is given back.
   */
  async return(): Promise<Result<Frame>> {
    if (this.#isDone) return DONE;
    this.#isDone = true;
    this.#intake.stop();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    const givenBack = this.#giveBack();
    if (waiter === undefined) {
      await givenBack;
    } else {
      waiter.resolve(DONE);
      // A generator that waits for bytes returns behind them, which may be never.
      givenBack.catch(() => {});
    }
    return DONE;
  }

  /** Ends the reading as {@link return} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Goes on with frames of another kind, from the very next byte. Returns this reader, under its new type.
   *
   * @throws LocalProtocolError `reader-busy` while a frame is being waited for: some of its bytes may be used.
   * @example
   * ```ts
   * const reader = readFrames(socket, lines());
   * if ((await reader.next()).value === 'BINARY') return reader.switchTo(lengthPrefixed('u32'));
   * ```
   */
  switchTo<Next>(framing: Framing<Next>): FrameReader<Next> {
    if (this.#waiter !== undefined) throw readerBusy('switch to another framing');
    // It has given its last frame of the old type: nothing in it remembers one.
    const next = this as unknown as FrameReader<Next>;
    next.#intake.switchTo(framing);
    return next;
  }

  /**
   * Ends the reading and gives the bytes that came behind the last frame: yours, and maybe none. The source stays
   * open, for somebody else. Behind a `for await` loop that was left early it has them, too.
   *
   * What comes next is in the source. The loop above has no claim to a socket; a stream of Node's or the web is to be
   * given as an iterator that lets go of it without closing it.
   *
   * @throws LocalProtocolError `reader-busy` while a frame is being waited for.
   * @example
   * ```ts
   * const chunks = stream.iterator({ destroyOnReturn: false }); // of the web: stream.values({ preventCancel: true })
   * const reader = readFrames(chunks, lines());
   * const { value: request } = await reader.next();
   * stream.unshift(reader.rest());
   * await chunks.return?.();
   * ```
   */
  rest(): Uint8Array {
    if (this.#waiter !== undefined) throw readerBusy('take the rest');
    this.#isDone = true;
    this.#intake.stop();
    letGo(this.#chunks);
    return this.#intake.rest();
  }

  /** What has come, as what `next` gives; `NEED_DATA` when it is no whole frame, or can be none. */
  #take(): Result<Frame> | typeof NEED_DATA {
    this.#isTaking = true;
    try {
      const frame = this.#intake.take();
      if (frame === NEED_DATA) return this.#isDone ? DONE : NEED_DATA;
      return { done: false, value: frame };
    } finally {
      this.#isTaking = false;
    }
  }

  /** Asks the source for a chunk. */
  #receive(): void {
    try {
      this.#chunks.next().then(this.#received, this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** One function for all chunks. */
  readonly #received = (chunk: IteratorResult<Uint8Array, unknown>): void => {
    const waiter = this.#waiter;
    if (waiter === undefined) return; // the reading has ended meanwhile
    // Nobody waits while `onError` runs: it may switch, or take the rest, as it may when no chunk was waited for.
    this.#waiter = undefined;
    try {
      if (chunk.done === true) {
        this.#isSourceOpen = false;
        this.#intake.end();
      } else {
        this.#intake.feed(chunk.value);
      }
      const result = this.#take();
      if (result !== NEED_DATA) return waiter.resolve(result);
    } catch (error) {
      return waiter.resolve(this.#giveUp(error));
    }
    if (this.#intake.isOver) return waiter.resolve(this.return());
    this.#waiter = waiter;
    this.#receive();
  };

  /** The source has thrown. */
  readonly #failed = (error: unknown): void => {
    this.#isSourceOpen = false;
    this.#isDone = true;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(error);
  };

  /** Ends the reading at an error. */
  async #giveUp(reason: unknown): Promise<never> {
    this.#isDone = true;
    // What the source says to that comes second: the first error says why.
    await this.#giveBack().catch(() => {});
    throw reason;
  }

  async #giveBack(): Promise<void> {
    if (!this.#isSourceOpen) return;
    this.#isSourceOpen = false;
    await this.#chunks.return?.();
  }
}

/** Says that there is one `next` at a time. */
export function readerBusy(attempt: string): LocalProtocolError {
  return new LocalProtocolError(
    'reader-busy',
    `${attempt}: the one before is still being waited for; await next() first`,
  );
}
