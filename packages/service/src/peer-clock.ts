/**
 * PeerClock: since when a peer has kept us waiting, and for what.
 *
 * It sets no timer: somebody looks at it now and then, and the first look at silence starts its clock. So
 * nothing is measured while whole messages come and go. Times are rounded up to milliseconds: a time-out is
 * never early, and small numbers need no memory of their own.
 */
import type { Clock } from '@wireline/socket/event-loop';
import type { Timeouts } from './timeouts.ts';

/** Where in the incoming stream we stand. */
export type InputPhase = 'between' | 'header' | 'content';

/** No time of any clock's. */
const NEVER = -1;

/** One connection's. */
export class PeerClock {
  readonly #timeouts: Timeouts;
  #phase: InputPhase = 'between';
  /** When the message began that is coming; between messages, when silence was first seen. */
  #inputSince = NEVER;
  /** When it was first seen that the peer takes nothing. */
  #stalledSince = NEVER;

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts;
  }

  get phase(): InputPhase {
    return this.#phase;
  }

  /** No message is on its way, or nobody asks how long it takes. */
  between(): void {
    this.#phase = 'between';
    this.#inputSince = NEVER;
  }

  /** A part of a message has come; if it is the first, its time begins now. */
  inside(phase: 'header' | 'content', clock: Clock): void {
    if (this.#phase === 'between') this.#inputSince = Math.ceil(clock.now());
    this.#phase = phase;
  }

  /** Something came or went: the silence is over. */
  active(): void {
    if (this.#phase === 'between') this.#inputSince = NEVER;
  }

  /** The peer took something of what waits for it. */
  taken(): void {
    this.#stalledSince = NEVER;
    this.active();
  }

  /** The time-out that has passed for what comes in, if one has. */
  overdue(now: number): 'idleMs' | 'headerMs' | 'messageMs' | undefined {
    const { idleMs, headerMs, messageMs } = this.#timeouts;
    if (this.#inputSince === NEVER) this.#inputSince = Math.ceil(now);
    const passed = now - this.#inputSince;
    if (this.#phase === 'between') return passed >= idleMs ? 'idleMs' : undefined;
    if (this.#phase === 'header' && passed >= headerMs) return 'headerMs';
    return passed >= messageMs ? 'messageMs' : undefined;
  }

  /** Whether what waits to be sent has waited too long. */
  stalled(now: number): boolean {
    if (this.#stalledSince === NEVER) this.#stalledSince = Math.ceil(now);
    return now - this.#stalledSince >= this.#timeouts.writeStallMs;
  }
}
