/**
 * OwedAnswers: answers leave in the order of their requests, whenever their handlers finish.
 *
 * A queue of places. A handler that answers at once while nobody waits before it needs no place at all,
 * so that the usual case costs nothing.
 */
import type { OutgoingMessage } from '@wireline/message';

/** A request's place in the queue: empty until its answer is there. */
export interface Place {
  answer: OutgoingMessage | undefined;
}

/** The answers that a connection owes and cannot write yet. */
export class OwedAnswers {
  readonly #places: Place[] = [];

  /** How many requests are unanswered, or answered and waiting for an earlier one. */
  get size(): number {
    return this.#places.length;
  }

  /** Takes the next place. */
  add(answer?: OutgoingMessage): Place {
    const place = { answer };
    this.#places.push(place);
    return place;
  }

  /** The next answer that may leave, removed; `undefined` while the first place is empty or there is none. */
  next(): OutgoingMessage | undefined {
    const answer = this.#places[0]?.answer;
    if (answer !== undefined) this.#places.shift();
    return answer;
  }
}
