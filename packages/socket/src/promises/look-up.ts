/** From what a user writes to addresses, within a time-out and a signal. */
import { isAddress, type Address, type Endpoint, type Family } from '../address.ts';
import { systemClock, type Clock } from '../event-loop/clock.ts';
import { withDeadline } from '../event-loop/with-deadline.ts';
import { resolve } from '../resolve.ts';
import { timedOut } from '../socket-mode.ts';

/** What for, and how long. */
export interface LookUpOptions {
  /** The call that wants to know, as errors name it. */
  readonly attempt: string;
  readonly family?: Family | undefined;
  /** Milliseconds; `null`, as without it, for as long as the system's resolver takes. */
  readonly timeoutMs?: number | null;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The addresses of `where`, the best first; an address is its own.
 *
 * @throws NameResolutionError, TimeoutError, the signal's reason.
 */
export async function lookUp(
  where: Address | Endpoint,
  options: LookUpOptions,
): Promise<readonly [Address, ...Address[]]> {
  const { attempt, family, timeoutMs = null, clock = systemClock, signal } = options;
  signal?.throwIfAborted();
  if (isAddress(attempt, where)) return [where];
  const { host, port } = where;
  return withDeadline(resolve(host, port, family === undefined ? {} : { family }), {
    timeoutMs: timeoutMs ?? Infinity,
    clock,
    signal,
    onTimeout: () => timedOut(attempt, timeoutMs, host),
  });
}
