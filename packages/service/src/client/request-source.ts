/**
 * RequestSource: what a user gives to be sent in parts, made into messages and let go of once, whatever happens.
 *
 * A request may fail before anything was taken from its source: no server, no time, no room. A generator that never
 * began has nothing to clean up. But a stream of Node's holds its file from when it was made, and what iterates it
 * lets go only of what it has begun to read. So such a one is destroyed, and of anything else `return` is called.
 */
import type { OutgoingMessage } from '@wireline/message';
import type { MaybePromise } from '../contract/maybe-promise.ts';
import type { Parts } from './client-options.ts';

/** The end of a source that says nothing at its end. */
const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** How parts become messages. */
export interface PartWriter<T> {
  readonly part: (part: T) => MaybePromise<OutgoingMessage>;
  /** What the source returned, as the last message; `undefined` where it says nothing. */
  readonly last: (value: unknown) => OutgoingMessage | undefined;
}

/** Parts that are messages already; a generator of them may return the last one. */
export const MESSAGES: PartWriter<OutgoingMessage> = {
  part: (part) => part,
  // By its type a source of messages returns one, or nothing.
  last: (value) => value as OutgoingMessage | undefined,
};

/** The parts of one request. It is iterated once. */
export class RequestSource<T>
  implements
    AsyncIterable<OutgoingMessage, OutgoingMessage | undefined>,
    AsyncIterator<OutgoingMessage, OutgoingMessage | undefined>
{
  readonly #given: Parts<T>;
  readonly #writer: PartWriter<T>;
  #iterator: AsyncIterator<T, unknown> | Iterator<T, unknown> | undefined;
  #isOver = false;

  constructor(given: Parts<T>, writer: PartWriter<T>) {
    this.#given = given;
    this.#writer = writer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<OutgoingMessage, OutgoingMessage | undefined>> {
    if (this.#isOver) return END;
    const isAsync = Symbol.asyncIterator in this.#given;
    this.#iterator ??= iteratorOf(this.#given);
    const result = await this.#iterator.next();
    if (result.done === true) {
      this.#isOver = true;
      // What a list or a plain generator returns has never been a part.
      return isAsync ? { done: true, value: this.#writer.last(result.value) } : END;
    }
    return { done: false, value: await this.#writer.part(await result.value) };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    if (this.#isOver) return END;
    this.#isOver = true;
    if (isDestroyable(this.#given)) this.#given.destroy();
    else await (this.#iterator ?? iteratorOf(this.#given)).return?.();
    return END;
  }

  /** Lets go of it, where nobody waits for that. Calling it again does nothing. */
  close(): void {
    // Nobody is left who would hear that its cleaning up failed.
    this.return().catch(() => {});
  }
}

function iteratorOf<T>(parts: Parts<T>): AsyncIterator<T, unknown> | Iterator<T, unknown> {
  return Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]();
}

/** Whether it is let go of as Node's streams are. */
function isDestroyable(parts: object): parts is { destroy: () => void } {
  return 'destroy' in parts && typeof parts.destroy === 'function';
}
