/**
 * Requests: those of one connection that were not answered within the call in which they came, until nothing is
 * left of them: not answered, not whole, or their handlers at work.
 *
 * It counts what decides whether the connection is read on. A request that was cancelled counts as busy until its
 * handler is done: otherwise a peer could have any number of handlers at work by cancelling each request at once.
 * Most connections never have such a request, so nothing is made before the first.
 */
import type { ServerRequest } from './server-request.ts';

/** One connection's. */
export class Requests {
  #all: Set<ServerRequest> | undefined;
  /** Those with ids, until these are free again. */
  #byId: Map<number, ServerRequest> | undefined;
  #unanswered = 0;
  #busy = 0;
  #incomplete = 0;

  /** How many have no final answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** How many wait for nothing but their handlers. */
  get busy(): number {
    return this.#busy;
  }

  /** How many have not come whole. */
  get incomplete(): number {
    return this.#incomplete;
  }

  /** The request that an id belongs to. */
  withId(id: number | undefined): ServerRequest | undefined {
    return id === undefined ? undefined : this.#byId?.get(id);
  }

  /** All of them. One may be over while they are gone through. */
  [Symbol.iterator](): Iterator<ServerRequest> {
    return (this.#all ?? NONE)[Symbol.iterator]();
  }

  /** Adds one that is not answered. */
  add(request: ServerRequest): void {
    this.#all = (this.#all ?? new Set()).add(request);
    if (request.id !== undefined) this.#byId = (this.#byId ?? new Map()).set(request.id, request);
    this.#unanswered += 1;
    if (!request.isWhole) this.#incomplete += 1;
  }

  /** Its handler goes to work. */
  begun(request: ServerRequest): void {
    request.isRunning = true;
    this.#review(request);
  }

  /** Its handler is done. */
  done(request: ServerRequest): void {
    request.isRunning = false;
    this.#review(request);
  }

  /** Its final answer is known. */
  answered(request: ServerRequest): void {
    this.#unanswered -= 1;
    request.answered();
    this.#review(request);
  }

  /** Its last part is through. */
  whole(request: ServerRequest): void {
    this.#incomplete -= 1;
    request.becameWhole();
    this.#review(request);
  }

  #review(request: ServerRequest): void {
    const { isRunning, isWhole, isAnswered, id } = request;
    const isBusy = isRunning && (isWhole || isAnswered);
    if (isBusy !== request.isBusy) {
      request.isBusy = isBusy;
      this.#busy += isBusy ? 1 : -1;
    }
    if (!isAnswered || !isWhole) return;
    // Its id may be used again, although a handler that was not waited for may be at work.
    if (id !== undefined && this.#byId?.get(id) === request) this.#byId.delete(id);
    if (!isRunning) this.#all?.delete(request);
  }
}

const NONE: ReadonlySet<ServerRequest> = new Set();
