/**
 * OwedAnswers: answers leave in the order of their requests, whenever their handlers finish.
 *
 * A queue of places. A handler that answers at once while nobody waits before it needs no place at all,
 * so that the usual case costs nothing.
 */
import type { Message, OutgoingMessage } from '@wireline/message';

/** A request's place in the queue. */
export interface Place {
  /** What is answered; `undefined` for a bad message, which has no request. */
  readonly request: Message | undefined;
  /** `undefined` until the handler has finished. */
  answer: OutgoingMessage | undefined;
  /** What is held for it: of the request, or of the answer that waits. */
  heldBytes: number;
}

/** The answers that a connection owes and cannot write yet. */
export class OwedAnswers {
  readonly #places: Place[] = [];

  /** How many requests are unanswered, or answered and waiting for an earlier one. */
  get size(): number {
    return this.#places.length;
  }

  /** Whether `place` has not left. */
  has(place: Place): boolean {
    return this.#places.includes(place);
  }

  /** Takes the next place. */
  add(request: Message | undefined, answer?: OutgoingMessage): Place {
    const place = { request, answer, heldBytes: 0 };
    this.#places.push(place);
    return place;
  }

  /** The first place, removed, if its answer may leave; `undefined` while it is empty or there is none. */
  next(): Place | undefined {
    return this.#places[0]?.answer === undefined ? undefined : this.#places.shift();
  }
}
