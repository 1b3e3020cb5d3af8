/**
 * The error queue of a socket: what the network said about datagrams that were sent, where IP_RECVERR asks for
 * it. See ip(7).
 *
 * While something is in it, the socket counts as ready, and a call that waits would be woken for ever. Nothing
 * here hands those reports out, so who waits throws them away; the next call still fails with the error itself.
 */
import type { Family } from '../address/address.ts';
import type { Libc } from '../libc/libc.ts';

const MSG_ERRQUEUE = 0x2000;

/** More than a queue holds: each report is accounted to the receive buffer. */
const MOST_REPORTS = 10_000;

const scratch = new Uint8Array(1);

/** Whether sockets of a family have such a queue. Unix sockets have none, and take the question for a plain `recv`. */
export function hasErrorQueue(family: Family): boolean {
  return family !== 'unix';
}

/** Empties the error queue of `fd`, which has one. */
export function drainErrorQueue(libc: Libc, fd: number): void {
  for (let i = 0; i < MOST_REPORTS; i++) {
    if (libc.recv(fd, scratch, scratch.length, MSG_ERRQUEUE) < 0) return;
  }
}
