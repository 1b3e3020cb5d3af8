/**
 * Throttle: how often the same thing is said. What somebody else can bring about as often as he likes must
 * not fill a log, but it must not go unsaid either.
 */
import { systemClock, type Clock } from '@wireline/socket/event-loop';

/** 1 s: a person reads no faster, and a day of it is 86,400 lines. */
const QUIET_MS = 1_000;

/** Lets each topic pass once a second, and counts what it held back. */
export class Throttle {
  readonly #clock: Clock;
  readonly #topics = new Map<string, { since: number; missed: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** How many were held back since the last one that passed, if this one may pass; else undefined. */
  pass(topic: string): number | undefined {
    const now = this.#clock.now();
    const last = this.#topics.get(topic);
    if (last !== undefined && now - last.since < QUIET_MS) {
      last.missed += 1;
      return undefined;
    }
    this.#topics.set(topic, { since: now, missed: 0 });
    return last?.missed ?? 0;
  }
}
