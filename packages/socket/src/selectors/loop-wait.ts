/**
 * LoopWait: a wait in Node's loop for one descriptor to be readable, which ends early by time, by a signal, or when
 * it is woken. It says that it is over, and not why: who waits looks.
 */
import { whenAborted } from '../event-loop/abort-listeners.ts';
import type { Clock } from '../event-loop/clock.ts';
import type { EventLoop } from '../event-loop/event-loop.ts';
import type { ReadinessHandler, Registration } from '../event-loop/registration.ts';
import { systemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';

/** Where and how long to wait. */
export interface LoopWaitOptions {
  readonly loop: EventLoop;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A wait that has begun. */
export class LoopWait implements ReadinessHandler {
  /** Resolves when it is over. Rejects when the event loop is closed, or the wait interrupted. */
  readonly over: Promise<void>;
  #finish: () => void = () => {};
  #fail: (reason: Error) => void = () => {};

  /** @throws RangeError for a time-out that is none; SystemError when the descriptor cannot be watched. */
  constructor(fd: number, { loop, clock, timeoutMs, signal }: LoopWaitOptions) {
    let registration: Registration | undefined;
    let ignoreSignal: (() => void) | undefined;
    const timer = clock.after(timeoutMs, () => this.wake());
    const stop = (): void => {
      timer.cancel();
      ignoreSignal?.();
      registration?.unregister();
    };
    this.over = new Promise((resolve, reject) => {
      this.#finish = () => {
        stop();
        resolve();
      };
      this.#fail = (reason) => {
        stop();
        reject(reason);
      };
    });
    try {
      registration = loop.register(fd, 'read', this);
      ignoreSignal = signal && whenAborted(signal, () => this.wake());
    } catch (error) {
      stop();
      throw error;
    }
  }

  /** Ends it. */
  wake(): void {
    this.#finish();
  }

  onReady(): void {
    this.#finish();
  }

  onInterrupted(): void {
    this.#fail(systemError('ready', ERRNO.EINTR));
  }

  onLoopClosed(): void {
    this.#fail(new Error('ready: the event loop is closed, nobody will be woken any more'));
  }
}
