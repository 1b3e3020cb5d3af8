/**
 * OwedAnswers: answers to requests without ids leave in the order of the requests, whenever their handlers finish.
 *
 * A queue of places. A handler that answers at once while nobody waits before it needs no place at all,
 * so that the usual case costs nothing.
 */
import type { OutgoingMessage } from '@wireline/message';
import type { ServerRequest } from './server-request.ts';

/** A request's place in the queue. */
export interface Place {
  /** What is answered; `undefined` for a bad message, which has no request. */
  readonly request: ServerRequest | undefined;
  /** `undefined` until the answer is known. */
  answer: OutgoingMessage | undefined;
  /** What is held for the answer while it waits. */
  heldBytes: number;
}

/** The answers that a connection owes and cannot write yet. */
export class OwedAnswers {
  readonly #places: Place[] = [];
  /** Of requests with ids: these are in no order, and wait for nothing but room. */
  readonly #free: Place[] = [];
  #ready = 0;

  /** How many requests are unanswered, or answered and waiting for an earlier one. */
  get size(): number {
    return this.#places.length + this.#free.length;
  }

  /** How many answers wait for an earlier one. */
  get ready(): number {
    return this.#ready;
  }

  /** The place of `request`, if it has one that has not left. */
  placeOf(request: ServerRequest): Place | undefined {
    return this.#places.find((place) => place.request === request);
  }

  /** Whether `place` has not left. */
  has(place: Place): boolean {
    return this.#places.includes(place) || this.#free.includes(place);
  }

  /** Takes the next place. */
  add(request: ServerRequest | undefined, answer?: OutgoingMessage): Place {
    const place = { request, answer, heldBytes: 0 };
    if (request?.id === undefined) this.#places.push(place);
    else this.#free.push(place);
    if (answer !== undefined) this.#ready += 1;
    return place;
  }

  /** Fills a place. */
  fill(place: Place, answer: OutgoingMessage): void {
    place.answer = answer;
    this.#ready += 1;
  }

  /** The first place, removed, if its answer may leave; `undefined` while it is empty or there is none. */
  next(): Place | undefined {
    const next = this.#places[0]?.answer === undefined ? this.#free.shift() : this.#places.shift();
    if (next !== undefined) this.#ready -= 1;
    return next;
  }
}
