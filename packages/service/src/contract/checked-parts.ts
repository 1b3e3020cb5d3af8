/**
 * CheckedParts: an iterable that is read through a check, in either direction.
 *
 * Nothing is read ahead: one step here is one step of the source, unless it is passed over. When a value does not
 * fit, the source is told that nobody reads on, so that its `finally` blocks run, and then the reader gets the
 * error. A reader that stops early has the source told so, too.
 */
import { isPromise, type MaybePromise } from './maybe-promise.ts';

/** Instead of a value: it is none, the next one counts. */
export const PASSED_OVER = Symbol('passed over');

/** What becomes of what a source yields and returns. */
export interface PartsCheck<In, Out, Last> {
  /** @throws Error when it does not fit. */
  item(value: In): MaybePromise<Out | typeof PASSED_OVER>;
  /** @throws Error when it does not fit. */
  last(value: unknown): MaybePromise<Last>;
}

/** One reading of a source. */
export class CheckedParts<In, Out, Last> implements AsyncIterable<Out, Last | undefined> {
  readonly #source: AsyncIterable<In, unknown>;
  readonly #check: PartsCheck<In, Out, Last>;
  readonly #first: readonly In[];

  /** @param first what comes before all that the source yields, if anything does */
  constructor(
    source: AsyncIterable<In, unknown>,
    check: PartsCheck<In, Out, Last>,
    first: readonly In[] = [],
  ) {
    this.#source = source;
    this.#check = check;
    this.#first = first;
  }

  [Symbol.asyncIterator](): AsyncIterator<Out, Last | undefined> {
    return new Reading(this.#source[Symbol.asyncIterator](), this.#check, this.#first);
  }
}

class Reading<In, Out, Last> implements AsyncIterator<Out, Last | undefined> {
  readonly #source: AsyncIterator<In, unknown>;
  readonly #check: PartsCheck<In, Out, Last>;
  readonly #first: In[];
  #isOver = false;

  constructor(
    source: AsyncIterator<In, unknown>,
    check: PartsCheck<In, Out, Last>,
    first: readonly In[],
  ) {
    this.#source = source;
    this.#check = check;
    this.#first = [...first];
  }

  async next(): Promise<IteratorResult<Out, Last | undefined>> {
    while (!this.#isOver) {
      const step = await this.#next();
      if (step.done === true) {
        this.#isOver = true;
        return { done: true, value: await this.#check.last(step.value) };
      }
      const checked = this.#checked(step.value);
      const value = isPromise(checked) ? await checked : checked;
      if (value !== PASSED_OVER) return { done: false, value };
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Out, undefined>> {
    this.#isOver = true;
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  #next(): MaybePromise<IteratorResult<In, unknown>> {
    const value = this.#first.shift();
    return value === undefined ? this.#source.next() : { done: false, value };
  }

  #checked(value: In): MaybePromise<Out | typeof PASSED_OVER> {
    try {
      const checked = this.#check.item(value);
      return isPromise(checked) ? checked.then(undefined, (error) => this.#fail(error)) : checked;
    } catch (error) {
      return this.#fail(error);
    }
  }

  async #fail(failure: unknown): Promise<never> {
    // What fails while it cleans up is told by nobody: the first error counts, as in a `for await`.
    await this.return().catch(() => {});
    throw failure;
  }
}
