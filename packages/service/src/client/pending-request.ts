/**
 * PendingRequest: a request from the moment it is made until its answer, or whatever ends it instead.
 *
 * It knows how long it may take, who gives it up, whether it may be repeated, and what follows it in parts. Where
 * it is, only its owner knows, and while it is in flight its connection, the carrier. What becomes of the answer is
 * the receiver's: one whole message (`whole-answer.ts`) or a stream (`answer-stream.ts`).
 *
 * The time-out of a request is for the whole of it. Where parts come or go, it is for the time without any,
 * and it stands still while our own reader is the one who holds everything up.
 */
import type { Message, OutgoingMessage } from '@wireline/message';
import { whenAborted, type Clock, type Timer } from '@wireline/socket/event-loop';
import type { PartsSource } from '../parts/outgoing-parts.ts';
import { RequestParts, type PartsCarrier } from './request-parts.ts';

/** The connection on which a request is in flight. */
export interface Carrier extends PartsCarrier {
  /** Receives nothing until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Says that so many bytes more are held for this connection, or fewer where it is negative. */
  hold(bytes: number): void;
  /** Nobody wants the answer any more. */
  giveUp(request: PendingRequest): void;
}

/** Who gets what becomes of a request: parts, as many as there are, then one answer or one failure. */
export interface AnswerReceiver {
  /** Whether parts of the answer are wanted as they come: such a request has a connection of its own. */
  readonly streams: boolean;
  /** A part that is not the last came. */
  onPart(part: Message, request: PendingRequest): void;
  /** The final answer, which may be an error answer. */
  onAnswer(answer: Message): void;
  onFailure(reason: unknown): void;
  /** Forgets the parts that came. Returns false when they were handed on already. */
  maybeForgetParts(): boolean;
}

/** Who has a request, and ends it when its time is over. */
export interface RequestOwner {
  readonly clock: Clock;
  onTimeout(request: PendingRequest): void;
  /** Ends a request, wherever it is. */
  giveUp(request: PendingRequest, reason: unknown): void;
}

/** What follows a request, from whoever gave it. */
export type ClosableSource = PartsSource & {
  /** Lets go of it, whether or not anything was taken from it. Calling it again does nothing. */
  readonly close: () => void;
};

/** What is known of a request besides its message. */
export interface PendingRequestFacts {
  readonly idempotent: boolean;
  readonly timeoutMs: number;
  /** What to send as `deadline-ms`; `undefined` for what is left of the time. */
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** What follows the message. */
  readonly parts: ClosableSource | undefined;
}

/** How often an idempotent request is repeated: once. If that fails too, it is not bad luck. */
const MAX_REPEATS = 1;

/** How often a request is repeated because servers said goodbye: three restarts in a row are an outage. */
const MAX_GOODBYES = 3;

/** A request that has no answer yet. */
export class PendingRequest {
  readonly message: OutgoingMessage;
  readonly timeoutMs: number;
  /** While it is in flight: its `message-id`, or its number where ids are not sent. */
  id = 0;
  /** The content type of the first part of its answer. */
  partType: string | undefined;
  readonly #facts: PendingRequestFacts;
  readonly #receiver: AnswerReceiver;
  readonly #owner: RequestOwner;
  /** When its time is over: its owner's clock says so, in milliseconds. */
  readonly #expiresAt: number;
  #timer: Timer | undefined;
  readonly #ignoreSignal: (() => void) | undefined;
  #carrier: Carrier | undefined;
  #parts: RequestParts | undefined;
  #heldBytes = 0;
  #repeats = 0;
  #goodbyes = 0;
  #isOver = false;

  /** @throws RangeError when the time-out is no number, or negative. */
  constructor(
    message: OutgoingMessage,
    {
      facts,
      receiver,
      owner,
    }: { facts: PendingRequestFacts; receiver: AnswerReceiver; owner: RequestOwner },
  ) {
    const { timeoutMs, signal } = facts;
    this.message = message;
    this.timeoutMs = timeoutMs;
    this.#facts = facts;
    this.#receiver = receiver;
    this.#owner = owner;
    this.#timer = this.#startTimer();
    this.#expiresAt = timeoutMs === Infinity ? Infinity : owner.clock.now() + timeoutMs;
    this.#ignoreSignal = signal && whenAborted(signal, () => owner.giveUp(this, signal.reason));
  }

  /** Whether it or its answer is a conversation in parts, which has a connection of its own. */
  get isInParts(): boolean {
    return this.#receiver.streams || this.hasParts;
  }

  /** Whether parts of it follow its message. */
  get hasParts(): boolean {
    return this.#facts.parts !== undefined;
  }

  /** Whether it was answered, or has failed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The connection on which it is in flight. */
  get carrier(): Carrier | undefined {
    return this.#carrier;
  }

  /** What to send as `deadline-ms` now; `undefined` for nothing. */
  maybeDeadlineMs(): number | undefined {
    const told = this.#facts.deadlineMs;
    if (told === undefined && this.isInParts) return undefined;
    const left = told ?? this.#expiresAt - this.#owner.clock.now();
    // What no header can hold is as good as for ever.
    return left > Number.MAX_SAFE_INTEGER ? undefined : Math.max(Math.ceil(left), 1);
  }

  /** Its message was written on `carrier`; what follows it goes there, too. */
  sentOn(carrier: Carrier): void {
    this.#carrier = carrier;
    const { parts } = this.#facts;
    if (parts === undefined) return;
    this.#parts = new RequestParts(parts, {
      carrier,
      request: this,
      onSent: () => this.#partPassed(),
      onFailed: (error) => this.giveUp(error),
    });
    this.#parts.start();
  }

  /** There may be room for parts of it again. */
  resumeSending(): void {
    this.#parts?.resume();
  }

  /** Sends no more parts of it. Returns whether its last one was still to be sent. */
  stopSending(): boolean {
    return this.#parts?.stop() ?? false;
  }

  /** Asked when its connection ended before its answer: whether it may be sent again, which is counted. */
  mayRepeat(interruption: 'unprocessed' | 'unknown'): boolean {
    // What was taken from its source, or handed on to its reader, is not there a second time.
    if (this.#isOver || this.#parts !== undefined) return false;
    if (!this.#receiver.maybeForgetParts()) return false;
    this.#detach();
    this.partType = undefined;
    if (interruption === 'unprocessed' && this.#goodbyes++ < MAX_GOODBYES) return true;
    return this.#facts.idempotent && this.#repeats++ < MAX_REPEATS;
  }

  /** A part of its answer came, and it is not the last. */
  partCame(part: Message): void {
    this.#partPassed();
    this.#receiver.onPart(part, this);
  }

  /** Its final answer came. */
  answered(answer: Message): void {
    if (this.#isOver) return;
    this.#end();
    this.#receiver.onAnswer(answer);
  }

  /** It will not be answered. */
  failed(reason: unknown): void {
    if (this.#isOver) return;
    // Its receiver lets go of what it holds up while the connection is still known.
    this.#isOver = true;
    this.#receiver.onFailure(reason);
    this.#end();
  }

  /** Nobody wants its answer any more. */
  giveUp(reason: unknown): void {
    this.#owner.giveUp(this, reason);
  }

  /** Says that its receiver holds so many bytes more, or fewer where it is negative. */
  hold(bytes: number): void {
    if (this.#carrier === undefined) return;
    this.#heldBytes += bytes;
    this.#carrier.hold(bytes);
  }

  /** Its receiver takes no more for now: nothing is received, and no time passes. */
  pause(): void {
    if (this.#carrier === undefined) return;
    this.#carrier.pause();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Takes {@link pause} back. */
  resume(): void {
    if (this.#carrier === undefined) return;
    this.#carrier.resume();
    if (!this.#isOver) this.#timer ??= this.#startTimer();
  }

  #startTimer(): Timer {
    return this.#owner.clock.after(this.timeoutMs, () => this.#owner.onTimeout(this));
  }

  /** A part went by, this way or that: the time without any begins anew. */
  #partPassed(): void {
    if (this.isInParts) this.#timer?.restart();
  }

  #end(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#ignoreSignal?.();
    if (this.#parts === undefined) this.#facts.parts?.close();
    else this.#parts.stop();
    this.#detach();
  }

  /** What its receiver still holds is its user's from now on. */
  #detach(): void {
    if (this.#heldBytes !== 0) this.#carrier?.hold(-this.#heldBytes);
    this.#heldBytes = 0;
    this.#carrier = undefined;
  }
}
