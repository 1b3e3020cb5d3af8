/**
 * AnswerStream: an answer that comes in parts, as it comes.
 *
 * ```
 *   {"n": 1} more   {"n": 2} more   {"counted": 2}           bytes, more   bytes, more   bytes
 *   |---- iterated ------------|    |-- answer --|           |--------- iterated ------------|
 * ```
 *
 * Items of JSON are iterated, and the final answer is no item. Bytes are iterated to the last one, in whatever
 * pieces they come. Rules:
 *
 * - What comes faster than it is read waits, 256 KiB of it; then nothing more is received until half of it is
 *   read. So `answer` alone, with nobody who reads, settles only where so much is enough.
 * - The end of the iteration is the end of the answer: if that was an error, or does not fit, it is thrown
 *   there. What came before is read first. A stream that breaks, or is given up, throws at once.
 * - Whoever stops reading gives the rest up: the server is told, or, where it may not understand that, the
 *   connection is closed.
 */
import type { Message } from '@wireline/message';
import { IncomingParts, type IncomingPartsOwner } from '../parts/incoming-parts.ts';
import { checkAnswer } from './check-answer.ts';
import type { AnswerReceiver, PendingRequest } from './pending-request.ts';

/**
 * What a request is answered with, part by part. It is read once.
 *
 * @example
 * ```ts
 * const stream = client.stream('count', { to: 3 });
 * for await (const { n } of stream) console.log(n);
 * const { counted } = await stream.answer;
 * ```
 */
export interface AnswerStream<Item, Final> extends AsyncIterable<Item, undefined> {
  /**
   * The final answer; settles when the stream is over. Where nobody looks at it, its failure is no unhandled
   * rejection.
   */
  readonly answer: Promise<Final>;
  /** Gives the stream up: it throws StreamCancelledError. Does nothing when it is over. */
  cancel(): void;
}

/** The stream was given up by its reader. Code `stream-cancelled`. */
export class StreamCancelledError extends Error {
  override readonly name = 'StreamCancelledError';
  readonly code = 'stream-cancelled';

  constructor() {
    super('read an answer in parts: the stream was cancelled by its reader');
  }
}

/** How messages become what the reader gets. Each may take its time. */
export interface PartReader<Item, Final> {
  readonly item: (part: Message) => Item | Promise<Item>;
  readonly answer: (answer: Message) => Final | Promise<Final>;
}

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** The stream, and what a request is answered to. */
export class ReceivedStream<Item, Final>
  implements AnswerStream<Item, Final>, AnswerReceiver, IncomingPartsOwner
{
  readonly streams = true;
  readonly answer: Promise<Final>;
  readonly #reader: PartReader<Item, Final>;
  readonly #parts: IncomingParts;
  #request: PendingRequest | undefined;
  #hasBegun = false;
  #isOver = false;
  #wasLeft = false;
  #resolve: (answer: Final | Promise<Final>) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  /** @param maxQueued bytes that may wait for the reader */
  constructor(reader: PartReader<Item, Final>, maxQueued: number) {
    this.#reader = reader;
    this.#parts = new IncomingParts(this, maxQueued);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => {}); // the iteration throws it, too
  }

  /** The request that this answers was made. */
  begin(request: PendingRequest): void {
    this.#request = request;
  }

  /** Whether its answer came, or it has failed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  cancel(): void {
    this.#giveUp(new StreamCancelledError());
  }

  [Symbol.asyncIterator](): AsyncIterator<Item, undefined> {
    const parts = this.#parts[Symbol.asyncIterator]();
    return {
      next: () => this.#next(parts),
      return: async () => {
        this.#wasLeft = true;
        await parts.return?.();
        return END;
      },
    };
  }

  onPart(part: Message): void {
    this.#hasBegun = true;
    this.#parts.push(part);
  }

  onAnswer(answer: Message): void {
    this.#isOver = true;
    try {
      const final = checkAnswer(answer);
      if (final.kind === 'binary' && final.bytes.length > 0) this.#parts.push(final);
      this.#resolve(this.#reader.answer(final));
    } catch (error) {
      this.#reject(error);
    }
    this.#parts.end();
  }

  onFailure(reason: unknown): void {
    this.#isOver = true;
    this.#parts.fail(reason);
    this.#reject(reason);
  }

  maybeForgetParts(): boolean {
    return !this.#hasBegun;
  }

  hold(bytes: number): void {
    this.#request?.hold(bytes);
  }

  onFull(): void {
    this.#request?.pause();
  }

  onDrained(): void {
    this.#request?.resume();
  }

  onAbandoned(): void {
    this.#giveUp(new StreamCancelledError());
  }

  async #next(parts: AsyncIterator<Message, undefined>): Promise<IteratorResult<Item, undefined>> {
    const result = await parts.next();
    if (result.done !== true) return { done: false, value: await this.#itemOf(result.value) };
    if (!this.#wasLeft) await this.answer; // throws what the answer was, if it was an error
    return END;
  }

  async #itemOf(part: Message): Promise<Item> {
    try {
      return await this.#reader.item(part);
    } catch (error) {
      this.#giveUp(error);
      throw error;
    }
  }

  #giveUp(reason: unknown): void {
    if (this.#isOver) return;
    if (this.#request === undefined) this.onFailure(reason);
    else this.#request.giveUp(reason);
  }
}
