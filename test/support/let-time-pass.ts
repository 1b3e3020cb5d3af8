/** Time by hand for things that happen beyond the process. */
import type { ManualClock } from '@wireline/socket/testing';

/**
 * Moves `clock` second by second until `promise` settles. Real sockets do their part between the seconds,
 * and how many of them pass before does not matter.
 */
export async function letTimePass<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  const state = { settled: false };
  const settle = (): void => {
    state.settled = true;
  };
  promise.then(settle, settle);
  while (!state.settled) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return promise;
}
