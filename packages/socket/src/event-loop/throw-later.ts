/**
 * What becomes of an error that one handler throws while others still wait for their turn.
 */

/**
 * Throws `error` as soon as the JavaScript now running is done: it becomes an uncaught exception with the
 * stack it has, and nobody else is kept from running. Several errors become several exceptions.
 */
export function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
