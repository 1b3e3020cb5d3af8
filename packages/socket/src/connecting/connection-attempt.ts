/** One attempt to connect to one address, as a trace of them tells it. */
import { formatAddress, type Address } from '../address/address.ts';
import type { SystemError } from '../errors/system-error.ts';
import type { ErrnoName } from '../libc/errno.ts';

/**
 * What came of an attempt.
 *
 * - `connecting`: nothing yet;
 * - `connected`: it is the one that won;
 * - `failed`: its `error` says why;
 * - `timed-out`: the time of all attempts was over before anything came of this one;
 * - `abandoned`: another one won, or nobody wanted a connection any more (a signal, an abort).
 */
export type AttemptOutcome = 'connecting' | 'connected' | 'failed' | 'timed-out' | 'abandoned';

/** An attempt as it is at one moment; the object does not change. */
export interface ConnectionAttempt {
  readonly address: Address;
  /**
   * When it began, in milliseconds since connecting was asked for. What passed before the first attempt is the
   * look-up of the name.
   */
  readonly beganMs: number;
  /** When it ended, on the same clock. */
  readonly endedMs?: number;
  readonly outcome: AttemptOutcome;
  /** Why it came to nothing: of `failed` and `timed-out`. */
  readonly error?: SystemError;
}

/** What the errors of attempts are in two words, where there are such. */
const WORDS: Readonly<Partial<Record<ErrnoName, string>>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'no local address for it',
  EAFNOSUPPORT: 'family not supported',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  ETIMEDOUT: 'no answer',
};

/**
 * An attempt that came to nothing: `[::1]:80 refused (ECONNREFUSED) after 2 ms`.
 *
 * @param knownCode the code that is told elsewhere, and left out here
 */
export function describeAttempt(attempt: ConnectionAttempt, knownCode?: string): string {
  const { address, beganMs, endedMs = beganMs, error } = attempt;
  const code = error?.code ?? attempt.outcome;
  const word = WORDS[code as ErrnoName] ?? 'failed'; // any other code has no word
  const told = code === knownCode ? '' : ` (${code})`;
  return `${formatAddress(address)} ${word}${told} after ${Math.round(endedMs - beganMs)} ms`;
}
