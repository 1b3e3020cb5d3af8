/**
 * IncomingParts: the later parts of a message, as they come, for one reader.
 *
 * What waits for the reader is bounded: above the bound the owner hears `onFull` and is to receive nothing more
 * until `onDrained`, when half of it is gone. So whoever sends feels how fast the reader is, through TCP.
 */
import type { Message } from '@wireline/message';

/** Parts that may be read in two ways, once. */
export interface LendableParts<Part> extends AsyncIterable<Part> {
  /**
   * The same parts, with memory that is used again: the bytes of a part are good until the next one is asked for. A
   * long body then makes no garbage. For whoever is done with each part at once: writes it to a file, counts it, sends
   * it on.
   *
   * @example
   * ```ts
   * for await (const bytes of context.parts.lent()) await file.write(bytes);
   * ```
   */
  lent(): AsyncIterable<Part>;
}

/** Who brings the parts. */
export interface IncomingPartsOwner {
  /** So many bytes more are held for the reader, or fewer where it is negative. */
  hold(bytes: number): void;
  /** More waits than may wait. */
  onFull(): void;
  /** At most half of what may wait is left. Follows each `onFull`. */
  onDrained(): void;
  /** The reader has stopped before the end: what still comes is wanted by nobody. */
  onAbandoned(): void;
}

/** What a part costs besides its content: so that empty parts are bounded as well. */
const PART_COST = 256;

type Result = IteratorResult<Message, undefined>;

interface Waiting {
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** One message's. */
export class IncomingParts implements LendableParts<Message> {
  readonly #owner: IncomingPartsOwner;
  readonly #maxQueued: number;
  readonly #giveBack: (bytes: Uint8Array) => void;
  readonly #queue: Message[] = [];
  readonly #waiting: Waiting[] = [];
  #queuedBytes = 0;
  #isFull = false;
  #isRead = false;
  #end: 'open' | 'ended' | 'failed' | 'abandoned' = 'open';
  #failure: unknown;

  /**
   * @param maxQueued bytes that may wait for the reader
   * @param giveBack gets the bytes of parts that were lent and are done with
   */
  constructor(
    owner: IncomingPartsOwner,
    maxQueued: number,
    giveBack: (bytes: Uint8Array) => void = () => {},
  ) {
    this.#owner = owner;
    this.#maxQueued = maxQueued;
    this.#giveBack = giveBack;
  }

  /** Bytes that wait for the reader. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Whether somebody waits for a part that has not come. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Adds a part. */
  push(part: Message): void {
    if (this.#end !== 'open') return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: part });
      return;
    }
    this.#queue.push(part);
    this.#count(costOf(part));
    if (this.#isFull || this.#queuedBytes <= this.#maxQueued) return;
    this.#isFull = true;
    this.#owner.onFull();
  }

  /** There are no more: the reader gets what waits, and then the end. */
  end(): void {
    if (this.#end !== 'open') return;
    this.#end = 'ended';
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(END);
  }

  /** There will be no more, for a reason. What waits is thrown away: nobody is to take it for the whole. */
  fail(reason: unknown): void {
    if (this.#end === 'failed' || this.#end === 'abandoned') return;
    if (this.#end === 'ended' && this.#queue.length === 0) return;
    this.#end = 'failed';
    this.#failure = reason;
    this.#clear();
    for (const waiting of this.#waiting.splice(0)) waiting.reject(reason);
  }

  /** @throws Error when the parts are being read already: they are there once. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    this.#begin();
    return { next: () => this.#next(), return: () => this.#abandon() };
  }

  /** @throws Error when the parts are being read already: they are there once. */
  lent(): AsyncIterable<Message, undefined> {
    return { [Symbol.asyncIterator]: () => this.#lend() };
  }

  #begin(): void {
    if (this.#isRead) throw new Error('read the parts of a message: they are read already');
    this.#isRead = true;
  }

  #lend(): AsyncIterator<Message, undefined> {
    this.#begin();
    let last: Message | undefined;
    const giveBack = (): void => {
      if (last?.kind === 'binary') this.#giveBack(last.bytes);
      last = undefined;
    };
    const remember = (step: Result): Result => {
      last = step.value;
      return step;
    };
    return {
      next: () => {
        giveBack();
        const part = this.#shift();
        if (part === undefined) return this.#wait().then(remember);
        return Promise.resolve(remember({ done: false, value: part }));
      },
      // Whoever leaves keeps the last one: nobody has asked for the next.
      return: () => this.#abandon(),
    };
  }

  #next(): Promise<Result> {
    const part = this.#shift();
    return part === undefined ? this.#wait() : Promise.resolve({ done: false, value: part });
  }

  /** The next part, if it is there. */
  #shift(): Message | undefined {
    const part = this.#queue.shift();
    if (part === undefined) return undefined;
    this.#count(-costOf(part));
    this.#drained();
    return part;
  }

  /** What comes when nothing is there. */
  #wait(): Promise<Result> {
    switch (this.#end) {
      case 'failed':
        // Whatever the owner gave is passed on.
        return Promise.reject(this.#failure);
      case 'ended':
      case 'abandoned':
        return Promise.resolve(END);
      case 'open':
        return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
  }

  #abandon(): Promise<Result> {
    const wasOpen = this.#end === 'open';
    if (this.#end !== 'failed') this.#end = 'abandoned';
    this.#clear();
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(END);
    if (wasOpen) this.#owner.onAbandoned();
    return Promise.resolve(END);
  }

  #clear(): void {
    this.#queue.length = 0;
    if (this.#queuedBytes > 0) this.#count(-this.#queuedBytes);
    this.#drained();
  }

  #drained(): void {
    if (!this.#isFull || this.#queuedBytes > this.#maxQueued / 2) return;
    this.#isFull = false;
    this.#owner.onDrained();
  }

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    this.#owner.hold(bytes);
  }
}

const END: Result = Object.freeze({ done: true, value: undefined });

function costOf({ header }: Message): number {
  return header.contentLength + PART_COST;
}
