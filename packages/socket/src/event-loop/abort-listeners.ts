/**
 * One listener per signal, however many wait with it.
 *
 * A server has one signal for everything that it waits for. Node takes more than ten listeners of one signal
 * for a leak and warns, and each of them would make the removal of the others slower.
 */

/** What a signal is to call, and the one listener that does. */
interface Listeners {
  readonly callbacks: Set<() => void>;
  readonly callAll: () => void;
}

const listenersOf = new WeakMap<AbortSignal, Listeners>();

/**
 * Calls `callback` once when `signal` aborts: the same function once, however often it is added.
 *
 * @returns a function that takes it back
 */
export function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  const listeners = listenersOf.get(signal) ?? makeListeners(signal);
  const { callbacks, callAll } = listeners;
  if (callbacks.size === 0) signal.addEventListener('abort', callAll);
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) {
      signal.removeEventListener('abort', callAll);
    }
  };
}

function makeListeners(signal: AbortSignal): Listeners {
  const callbacks = new Set<() => void>();
  const callAll = (): void => {
    signal.removeEventListener('abort', callAll); // it does not abort twice
    // A callback may take back others.
    for (const callback of callbacks) {
      if (callbacks.delete(callback)) callback();
    }
  };
  const listeners = { callbacks, callAll };
  listenersOf.set(signal, listeners);
  return listeners;
}
