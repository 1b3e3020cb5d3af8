/**
 * Errors of reading more than the next bytes: an amount, a line, everything. The socket itself is fine.
 */

/** The peer closed before all that was asked for had come. */
export class IncompleteReadError extends Error {
  override readonly name = 'IncompleteReadError';
  readonly code = 'incomplete-read';
  /** What did come, in order; the caller's own. */
  readonly partial: Uint8Array;
  /** How many bytes were asked for. */
  readonly expected: number;

  constructor(expected: number, partial: Uint8Array) {
    super(`recvExactly ${expected} bytes: the peer closed after ${partial.length}`);
    this.partial = partial;
    this.expected = expected;
  }
}

/** What was looked for did not come within the bytes that may be kept. They are kept, and can still be read. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
  readonly code = 'limit-exceeded';
  /** The limit at the time, in bytes. */
  readonly limit: number;

  /**
   * @param attempt what was tried, `readLine`
   * @param missing what did not come, `no line end`
   * @param limit in bytes: the call's option of that name
   */
  constructor(attempt: string, missing: string, limit: number) {
    super(`${attempt}: ${missing} within ${limit} bytes; raise limit`);
    this.limit = limit;
  }
}
