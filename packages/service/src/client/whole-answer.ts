/**
 * WholeAnswer: an answer as one message, for the promise that waits for it.
 *
 * Bytes that come in parts are joined: where they were cut means nothing. Items are no message and cannot be
 * joined; who asks for them asks with `stream`, and so does who asks for more bytes than a message may have.
 */
import type { Message } from '@wireline/message';
import { AnswerInPartsError } from './answer-in-parts-error.ts';
import { checkAnswer } from './check-answer.ts';
import type { AnswerReceiver, PendingRequest } from './pending-request.ts';

/** Options of {@link WholeAnswer}. */
export interface WholeAnswerOptions {
  /** The most bytes of an answer that comes in parts. */
  readonly maxContentLength: number;
  readonly resolve: (answer: Message) => void;
  readonly reject: (reason: unknown) => void;
}

/** One request's. */
export class WholeAnswer implements AnswerReceiver {
  readonly streams = false;
  readonly #options: WholeAnswerOptions;
  /** What came in parts, and room for more; `undefined` where nothing did. */
  #joined: Uint8Array | undefined;
  #length = 0;

  constructor(options: WholeAnswerOptions) {
    this.#options = options;
  }

  onPart(part: Message, request: PendingRequest): void {
    if (part.kind === 'json') {
      request.giveUp(new AnswerInPartsError('it comes as items; ask for it with stream()'));
      return;
    }
    const { maxContentLength } = this.#options;
    if (this.#length + part.bytes.length > maxContentLength) {
      const problem = `it is longer than ${maxContentLength} bytes; ask for it with stream(), or raise maxContentLength`;
      request.giveUp(new AnswerInPartsError(problem));
      return;
    }
    const before = this.#joined?.length ?? 0;
    this.#add(part.bytes);
    request.hold((this.#joined?.length ?? 0) - before);
  }

  onAnswer(answer: Message): void {
    try {
      this.#options.resolve(this.#whole(checkAnswer(answer)));
    } catch (error) {
      this.#options.reject(error);
    }
  }

  onFailure(reason: unknown): void {
    this.#joined = undefined;
    this.#options.reject(reason);
  }

  maybeForgetParts(): boolean {
    this.#joined = undefined;
    this.#length = 0;
    return true;
  }

  #whole(last: Message): Message {
    if (this.#joined === undefined || last.kind === 'json') return last;
    this.#add(last.bytes);
    return { kind: 'binary', header: last.header, bytes: this.#joined.subarray(0, this.#length) };
  }

  /** Adds bytes. The room doubles, so that each byte is moved twice at most. */
  #add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (this.#joined === undefined || length > this.#joined.length) {
      const joined = new Uint8Array(Math.max(length, 2 * this.#length));
      if (this.#joined !== undefined) joined.set(this.#joined.subarray(0, this.#length));
      this.#joined = joined;
    }
    this.#joined.set(bytes, this.#length);
    this.#length = length;
  }
}
