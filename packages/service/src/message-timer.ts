/**
 * MessageTimer: a message that has begun must also end.
 *
 * ```
 *   first byte          header complete                 message complete
 *   |------ headerMs ------|                                   |
 *   |------------------------- messageMs ----------------------|
 * ```
 *
 * One byte and then silence, or a byte now and then, must not hold a connection for ever. The timer runs
 * only while a message is incomplete: a connection on which whole messages arrive never sets it, and one
 * that is silent between messages is not its business.
 */
import type { Clock, Timer } from '@wireline/socket/event-loop';

/** How long a message may take to arrive, in milliseconds. */
export interface MessageTimeouts {
  /** From the first byte of a message to the last of its header. */
  readonly headerMs: number;
  /** From the first byte of a message to its last. */
  readonly messageMs: number;
}

/** The time-outs that hold unless told otherwise. */
export const DEFAULT_MESSAGE_TIMEOUTS: MessageTimeouts = {
  // A header is one segment; 10 s leave room for three retransmissions of it.
  headerMs: 10_000,
  // 32 MiB in 60 s are 4.5 Mbit/s: a slow line, but a line.
  messageMs: 60_000,
};

/** What a stream is in the middle of. */
export type MessagePhase = 'between' | 'header' | 'content';

/** The phases that can take too long. */
export type TimedPhase = Exclude<MessagePhase, 'between'>;

/** Watches one stream. */
export class MessageTimer {
  readonly #clock: Clock;
  readonly #timeouts: MessageTimeouts;
  readonly #onExpired: (phase: TimedPhase) => void;
  #phase: MessagePhase = 'between';
  #message = 0;
  #began = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, timeouts: MessageTimeouts, onExpired: (phase: TimedPhase) => void) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#onExpired = onExpired;
  }

  /** Says where the stream stands: in which phase, of its how manyeth message. */
  update(phase: MessagePhase, message: number): void {
    if (phase === 'between') {
      this.stop();
    } else if (phase !== this.#phase || message !== this.#message) {
      if (this.#phase === 'between' || message !== this.#message) this.#began = this.#clock.now();
      this.#timer?.cancel();
      this.#phase = phase;
      this.#message = message;
      this.#timer = this.#clock.after(this.#remaining(phase), () => this.#onExpired(phase));
    }
  }

  /** Watches nothing until the next {@link update}. */
  stop(): void {
    this.#phase = 'between';
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #remaining(phase: TimedPhase): number {
    if (phase === 'header') return this.#timeouts.headerMs;
    return Math.max(this.#timeouts.messageMs - (this.#clock.now() - this.#began), 1);
  }
}
