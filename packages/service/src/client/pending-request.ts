/**
 * PendingRequest: a request on its way to an answer, from the moment it is made.
 */
import type { Message, OutgoingMessage } from '@wireline/message';

/** Options of one request. */
export interface RequestOptions {
  /** Doing it twice is the same as doing it once, so it may be repeated if the connection breaks. */
  readonly idempotent?: boolean;
  /** How long it may take, waiting included; the client's `requestTimeoutMs` unless told. */
  readonly timeoutMs?: number;
  /** Gives it up; the request rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How often an idempotent request is repeated: once. If that fails too, it is not bad luck. */
const MAX_REPEATS = 1;

/** A request that has no answer yet. */
export class PendingRequest {
  readonly message: OutgoingMessage;
  readonly answer: Promise<Message>;
  readonly #idempotent: boolean;
  #resolve: (answer: Message) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #repeats = 0;

  constructor(message: OutgoingMessage, idempotent: boolean) {
    this.message = message;
    this.#idempotent = idempotent;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Asked when its connection ended: whether it may be sent again, which is counted. */
  mayRepeat(): boolean {
    return this.#idempotent && this.#repeats++ < MAX_REPEATS;
  }

  resolve(answer: Message): void {
    this.#resolve(answer);
  }

  reject(reason: unknown): void {
    this.#reject(reason);
  }
}
