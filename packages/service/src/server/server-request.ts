/**
 * ServerRequest: one request, from its first part until it is answered, has come whole, and its handler is done.
 *
 * Its handler sees it as the context. It owns the request's signal, its deadline's timer, and its parts in both
 * directions; the connection decides what is written and when. Rules:
 *
 * - It is answered once, by whoever is first: the handler, a cancel, the deadline, the end of the connection. What
 *   the handler does afterwards is heard by nobody.
 * - What most handlers never ask for (signal, log, deadline, parts) is made when it is asked for.
 */
import { setMaxListeners } from 'node:events';
import type { Conversation, Message } from '@wireline/message';
import type { Clock, Timer } from '@wireline/socket/event-loop';
import type { Log } from '../log.ts';
import {
  IncomingParts,
  type IncomingPartsOwner,
  type LendableParts,
} from '../parts/incoming-parts.ts';
import type { OutgoingParts } from '../parts/outgoing-parts.ts';
import type { Deadline, Peer, RequestContext } from './handler.ts';

/** The connection, as its requests know it. */
export interface RequestOwner extends IncomingPartsOwner {
  readonly peer: Peer;
  readonly log: Log;
  readonly clock: Clock;
  /** Bytes of one request's parts that may wait for its handler. */
  readonly maxStreamQueued: number;
  /** Takes the memory of a part back that nobody uses any more. */
  giveBack(bytes: Uint8Array): void;
  /** Nothing more is given back for now. */
  forgetSpares(): void;
}

/** One request of a connection. */
export class ServerRequest implements RequestContext {
  readonly message: Message;
  readonly id: number | undefined;
  /** Whether all its parts have come. */
  isWhole: boolean;
  /** Whether its final answer is known. */
  isAnswered = false;
  /** Whether its handler works on it and will say when it is done. */
  isRunning = false;
  /** Whether nobody but its handler can bring it on; kept by `requests.ts`. */
  isBusy = false;
  /** What is held for it; kept by the connection. */
  heldBytes = 0;
  /** An answer in parts, while it is being written. */
  outgoing: OutgoingParts | undefined;
  readonly #owner: RequestOwner;
  readonly #hasLaterParts: boolean;
  /** On the owner's clock. */
  readonly #deadlineAt: number | undefined;
  #timer: Timer | undefined;
  #abort: AbortController | undefined;
  /** Why nobody wants the answer any more. */
  #abortReason: DOMException | undefined;
  #parts: IncomingParts | undefined;
  #log: Log | undefined;

  /** @param headerAt when the header was decoded */
  constructor(
    message: Message,
    conversation: Conversation,
    { owner, headerAt }: { readonly owner: RequestOwner; readonly headerAt: number | undefined },
  ) {
    const { id, more, deadlineMs } = conversation;
    this.message = message;
    this.id = id;
    this.isWhole = !more;
    this.#hasLaterParts = more;
    this.#owner = owner;
    this.#deadlineAt =
      deadlineMs === undefined ? undefined : (headerAt ?? owner.clock.now()) + deadlineMs;
  }

  get peer(): Peer {
    return this.#owner.peer;
  }

  get deadline(): Deadline {
    const at = this.#deadlineAt;
    if (at === undefined) return NO_DEADLINE;
    const { clock } = this.#owner;
    return {
      get remainingMs() {
        return Math.max(at - clock.now(), 0);
      },
    };
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      // A handler may ask for many things at once, each of which listens: that is no leak to be warned of.
      setMaxListeners(0, this.#abort.signal);
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  get log(): Log {
    const facts =
      this.id === undefined
        ? { connection: this.peer.connection }
        : { connection: this.peer.connection, request: this.id };
    return (this.#log ??= this.#owner.log.child(facts));
  }

  get parts(): LendableParts<Message> {
    return this.#incoming();
  }

  /** Adds what came after the first part; after the last one it becomes whole. */
  addPart(part: Message, isLast: boolean): void {
    // The message that ends JSON items is no item; the one that ends bytes may have some.
    if (!this.isAnswered && (!isLast || hasBytes(part))) this.#incoming().push(part);
  }

  /** Its last part is through. */
  becameWhole(): void {
    this.isWhole = true;
    this.#parts?.end();
  }

  /** Calls `onExpired` when its deadline passes, unless it is answered before. */
  watchDeadline(onExpired: () => void): void {
    if (this.#deadlineAt === undefined || this.isAnswered) return;
    const remaining = this.#deadlineAt - this.#owner.clock.now();
    if (remaining <= 0) {
      onExpired();
      return;
    }
    // Timers know whole milliseconds, may ring a little early, and wait no longer than 24 days at a time.
    this.#timer = this.#owner.clock.after(Math.ceil(remaining), () =>
      this.watchDeadline(onExpired),
    );
  }

  /** The final answer is known: whatever else worked on it stops. */
  answered(): void {
    this.isAnswered = true;
    this.#timer?.cancel();
    this.outgoing?.stop();
    this.outgoing = undefined;
    if (this.#parts === undefined) return;
    this.#owner.forgetSpares();
    // What was not read is held for nobody any more.
    this.#parts.fail(unread());
  }

  /** Nobody wants the answer any more. */
  abandon(why: string, name: 'AbortError' | 'TimeoutError'): void {
    const reason = abandonment(why, name);
    this.#abortReason = reason;
    this.#parts?.fail(reason);
    this.#abort?.abort(reason);
  }

  #incoming(): IncomingParts {
    if (this.#parts !== undefined) return this.#parts;
    this.#parts = new IncomingParts(this.#owner, this.#owner.maxStreamQueued, (bytes) => {
      if (!this.isAnswered) this.#owner.giveBack(bytes);
    });
    if (!this.#hasLaterParts) this.#parts.end();
    else if (this.#abortReason !== undefined) this.#parts.fail(this.#abortReason);
    else if (this.isAnswered) this.#parts.fail(unread());
    else if (this.isWhole) this.#parts.end();
    return this.#parts;
  }
}

const NO_DEADLINE: Deadline = Object.freeze({ remainingMs: Infinity });

function hasBytes(part: Message): boolean {
  return part.kind === 'binary' && part.bytes.length > 0;
}

/** Its parts are thrown away once it is answered. */
function unread(): DOMException {
  return abandonment('it was answered before its parts were read');
}

/** The names are those that signals use: AbortSignal.abort and AbortSignal.timeout. */
function abandonment(
  why: string,
  name: 'AbortError' | 'TimeoutError' = 'AbortError',
): DOMException {
  return new DOMException(`answer a request: ${why}`, name);
}
