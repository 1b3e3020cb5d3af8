/** Accepting where somebody waits for a connection, and not for the trouble of one that is gone already. */
import { acceptVerdict } from './accept-policy.ts';
import { SystemError } from '../errors.ts';

/**
 * Calls `tryAccept` until it answers or fails for a reason that is not the one connection's own: accept(2)
 * says to treat those like a connection that did not come. Each takes one out of the backlog, so it ends.
 */
export function acceptNext<T>(tryAccept: () => T): T {
  for (;;) {
    try {
      return tryAccept();
    } catch (error) {
      if (!(error instanceof SystemError) || acceptVerdict(error) !== 'skip') throw error;
    }
  }
}
