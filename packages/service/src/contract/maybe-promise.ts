/**
 * Values that may be there at once or later. Most schemas and many handlers are done at once, and then no promise
 * is made: it would cost more than all that they do.
 */

/** A value, or the promise of one. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a value is a promise of whatever make. Data never is: JSON has no functions. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Has `use` use the value: at once if it is there, and otherwise when it is. */
export function afterwards<T, R>(
  value: MaybePromise<T>,
  use: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return isPromise(value) ? Promise.resolve(value).then(use) : use(value);
}
