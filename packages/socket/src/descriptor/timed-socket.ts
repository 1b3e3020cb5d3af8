/**
 * TimedSocket: a socket that knows how long its calls may wait. What both faces have in common beyond the
 * descriptor.
 */
import type { Family } from '../address/address.ts';
import { SocketDescriptor } from './socket-descriptor.ts';
import { checkTimeout } from '../socket-mode.ts';

/** A socket with a mode: blocking, non-blocking or timed. */
export abstract class TimedSocket<F extends Family> extends SocketDescriptor<F> {
  /** Milliseconds; 0 for non-blocking, `null` for ever. */
  #timeout: number | null = null;

  /**
   * `setBlocking(true)` is `setTimeout(null)`, and `setBlocking(false)` is `setTimeout(0)`: what would have to
   * wait fails with `BlockingIOError`.
   */
  setBlocking(blocking: boolean): void {
    this.#timeout = blocking ? null : 0;
  }

  /**
   * How long each call may wait, in milliseconds: `null` for ever, 0 for not at all. What waits longer fails
   * with `TimeoutError`.
   *
   * @throws RangeError when it is negative or no number.
   */
  setTimeout(ms: number | null): void {
    this.#timeout = checkTimeout(ms);
  }

  /** How long each call may wait, in milliseconds; `null` for ever. */
  getTimeout(): number | null {
    return this.#timeout;
  }
}
