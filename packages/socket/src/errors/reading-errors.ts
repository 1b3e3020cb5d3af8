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

/** Descriptors came that could not be taken, and are gone; those that could be taken were closed. */
export class DescriptorsLostError extends Error {
  override readonly name = 'DescriptorsLostError';
  readonly code = 'descriptors-lost';
  /** The bytes that came with them; the caller's own. */
  readonly bytes: Uint8Array;
  /** How many descriptors there was room for. */
  readonly maxFds: number;

  constructor(maxFds: number, bytes: Uint8Array) {
    super(
      `recvFds of up to ${maxFds} descriptors: more came, or this process may open no more; none was kept; raise maxFds, or the limit of open files (ulimit -n)`,
    );
    this.bytes = bytes;
    this.maxFds = maxFds;
  }
}
