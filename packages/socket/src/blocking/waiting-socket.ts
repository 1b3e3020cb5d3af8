/**
 * WaitingSocket: how the calls of the face that blocks wait. What they are is in `message-socket.ts` and `socket.ts`.
 *
 * A call is tried; when it would have to wait, this thread sleeps until the socket is ready (`blocking-wait.ts`), and
 * it is tried again, until the time of `setTimeout` is over.
 */
import {
  isAddress,
  withoutLookUp,
  type AddressOf,
  type Family,
  type Where,
} from '../address/address.ts';
import { pollUntil, waitUntilReady } from './blocking-wait.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import { hasErrorQueue } from '../messages/error-queue.ts';
import { neverWaits } from '../messages/message-flags.ts';
import { familyToLookUp, resolveWaiting } from '../names/resolve.ts';
import { isWritableInVain, SEND_REST_MS, timedOut, wouldBlock } from '../socket-mode.ts';
import { TimedSocket } from '../descriptor/timed-socket.ts';

const NO_DESCRIPTORS = new Int32Array(0);

/** A socket whose calls sleep. */
export abstract class WaitingSocket<F extends Family> extends TimedSocket<F> {
  /** When a call that begins now has to give up. 0: at once. */
  protected deadline(): number {
    const timeout = this.getTimeout();
    if (timeout === null) return Infinity;
    return timeout === 0 ? 0 : performance.now() + timeout;
  }

  /** What `call` answers, as soon as it does not have to wait. `flags` may say that it must not. */
  protected blocking<T>(
    attempt: string,
    readiness: 'read' | 'write',
    flags: number,
    call: () => T | WouldBlock,
  ): T {
    const deadline = neverWaits(flags, readiness) ? 0 : this.deadline();
    return this.until(attempt, readiness, deadline, call);
  }

  /** As {@link blocking}, with a deadline that may be that of several calls. */
  protected until<T>(
    attempt: string,
    readiness: 'read' | 'write',
    deadline: number,
    call: () => T | WouldBlock,
  ): T {
    for (let waits = 0; ; waits++) {
      const result = call();
      if (result !== WOULD_BLOCK) return result;
      if (deadline === 0) throw wouldBlock(attempt);
      if (waits > 0 && readiness === 'write' && isWritableInVain(this))
        this.#rest(attempt, deadline);
      // A socket may be ready again and again for a call that still has to wait: time counts all the same.
      if (performance.now() >= deadline || !this.sleep(attempt, readiness, deadline)) {
        throw timedOut(attempt, this.getTimeout());
      }
    }
  }

  /** Sleeps until the socket is ready. False when the deadline came first. */
  protected sleep(attempt: string, readiness: 'read' | 'write', deadline: number): boolean {
    const fd = this.descriptor(attempt);
    return waitUntilReady(this.libc, {
      fd,
      readiness,
      deadline,
      attempt,
      hasErrorQueue: hasErrorQueue(this.family),
    });
  }

  /** Sleeps a little, whether the socket is ready or not. */
  #rest(attempt: string, deadline: number): void {
    const until = Math.min(deadline, performance.now() + SEND_REST_MS);
    pollUntil(this.libc, { fds: NO_DESCRIPTORS, count: 0, deadline: until, attempt });
  }

  /** The address that `where` is, or that its host has. */
  protected addressOf(attempt: string, where: Where<F>): AddressOf<F> {
    this.descriptor(attempt);
    const place = withoutLookUp(attempt, where);
    const address = isAddress(place)
      ? place
      : resolveWaiting(this.libc, place.host, place.port, {
          family: familyToLookUp(attempt, place, this.family),
        })[0];
    return address as AddressOf<F>; // of the family that was asked for; an address is checked when it is used
  }
}
