/**
 * One attempt to connect to one address: decided at the end of a turn, some time later, or never.
 */
import { ERRNO, formatAddress, TimeoutError, type Address } from '@wireline/socket';
import { withDeadline, type Clock, type Timer } from '@wireline/socket/event-loop';
import type { Transport } from '../transport.ts';
import type { MemoryLoop } from './memory-loop.ts';

/** How to try. */
export interface ConnectAttempt {
  readonly address: Address;
  readonly loop: MemoryLoop;
  readonly clock: Clock;
  /** How long the first packet and its answer take; Infinity when there is no answer. */
  readonly delayMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Makes the connection. */
  readonly establish: () => Transport;
}

/**
 * Tries. Nothing stays open when it rejects.
 *
 * @throws what `establish` throws, TimeoutError, or the reason of the signal.
 */
export async function attemptConnect(attempt: ConnectAttempt): Promise<Transport> {
  const { address, loop, clock, delayMs, timeoutMs, signal, establish } = attempt;
  let timer: Timer | undefined;
  let givenUp = false;
  const decided = new Promise<Transport>((resolve, reject) => {
    const decide = (): void => {
      if (givenUp) return;
      try {
        resolve(establish());
      } catch (error) {
        reject(error);
      }
    };
    if (delayMs === 0) loop.atEndOfTurn({ run: decide });
    else timer = clock.after(delayMs, decide);
  });
  try {
    return await withDeadline(decided, {
      clock,
      timeoutMs,
      signal,
      onTimeout: () => new TimeoutError('connect', ERRNO.ETIMEDOUT, formatAddress(address)),
    });
  } catch (error) {
    givenUp = true;
    timer?.cancel();
    // Decided in the very moment in which it was given up: nobody else closes it.
    decided.then(
      (transport) => transport.close(),
      () => {},
    );
    throw error;
  }
}
