/**
 * Fault: what a property throws when the invariant is broken, in the two halves that a reader compares.
 */

/** A subject did what it must not do. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly expected: string;
  readonly received: string;

  constructor(expected: string, received: string, options: ErrorOptions = {}) {
    super(`expected ${expected}, received ${received}`, options);
    this.expected = expected;
    this.received = received;
  }
}

/** What was thrown, in words: with its stack, if it has one, since where it comes from is what is wanted. */
export function showThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `${typeof thrown} ${String(thrown)}`;
  const frames = thrown.stack?.indexOf('\n    at ') ?? -1;
  const trace = frames === -1 ? '' : (thrown.stack?.slice(frames) ?? '');
  return `${thrown.name}: ${thrown.message}${trace}`;
}
