/**
 * RequestQueue: requests that wait their turn, in order.
 *
 * Any of them may be given up at any time, and many at once. So such a one only stays behind as a mark, and the
 * marks go when they are more than half of all: whatever is done with so many requests takes time in proportion.
 */
import type { PendingRequest } from './pending-request.ts';

/** 32 marks are not worth the way through the queue. */
const FEW = 32;

/** Requests of one kind. */
export class RequestQueue {
  /** From `#head` on: those before it were taken. Those that are over were given up. */
  #requests: (PendingRequest | undefined)[] = [];
  #head = 0;
  #length = 0;

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds the last. */
  push(request: PendingRequest): void {
    this.#requests.push(request);
    this.#length += 1;
  }

  /** Adds the first. */
  unshift(request: PendingRequest): void {
    if (this.#head === 0) this.#requests.unshift(request);
    else this.#requests[--this.#head] = request;
    this.#length += 1;
  }

  /** Takes the first. */
  shift(): PendingRequest | undefined {
    while (this.#length > 0) {
      const request = this.#requests[this.#head];
      this.#requests[this.#head++] = undefined;
      if (request === undefined || request.isOver) continue;
      this.#length -= 1;
      this.#tidy();
      return request;
    }
    return undefined;
  }

  /** One that waits here is over. */
  gaveUp(): void {
    this.#length -= 1;
    this.#tidy();
  }

  /** Takes all. */
  takeAll(): PendingRequest[] {
    const waiting = this.#waiting();
    this.#requests = [];
    this.#head = 0;
    this.#length = 0;
    return waiting;
  }

  #tidy(): void {
    if (this.#requests.length - this.#length <= Math.max(this.#length, FEW)) return;
    this.#requests = this.#waiting();
    this.#head = 0;
  }

  #waiting(): PendingRequest[] {
    return this.#requests.filter((each) => each !== undefined).filter((each) => !each.isOver);
  }
}
