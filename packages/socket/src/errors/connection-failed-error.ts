/** No address of a host answered: what was tried, and how each attempt ended. */
import { describeAttempt, type ConnectionAttempt } from '../connecting/connection-attempt.ts';
import type { SystemError } from './system-error.ts';

/**
 * Several addresses were tried, and none could be connected to. Code `connection-failed`.
 *
 * `createConnection` throws it when the attempts failed for different reasons. When they agree it throws the
 * error of the class that all of them have, and this is its `cause`.
 */
export class ConnectionFailedError extends AggregateError {
  override readonly name = 'ConnectionFailedError';
  readonly code = 'connection-failed';
  /** How each attempt failed, in the order in which they began. */
  declare readonly errors: SystemError[];
  /** Every attempt, in the order in which they began. */
  readonly attempts: readonly ConnectionAttempt[];

  /**
   * @param target what was to be connected to, `localhost:80`
   * @param attempts all of them, ended
   */
  constructor(target: string, attempts: readonly ConnectionAttempt[]) {
    const errors = attempts.flatMap(({ error }) => error ?? []);
    super(errors, `connect ${target}: ${describeAttempts(attempts)}`);
    this.attempts = attempts;
  }
}

/**
 * `none of 2 addresses answered: [::1]:80 refused (ECONNREFUSED) after 2 ms; 127.0.0.1:80 ...`.
 *
 * @param knownCode the code that is told elsewhere, and left out here
 */
export function describeAttempts(
  attempts: readonly ConnectionAttempt[],
  knownCode?: string,
): string {
  const { length } = attempts;
  if (length === 0) return 'no address was tried';
  const told = attempts.map((attempt) => describeAttempt(attempt, knownCode)).join('; ');
  return `none of ${length} address${length === 1 ? '' : 'es'} answered: ${told}`;
}
