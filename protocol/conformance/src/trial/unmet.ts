/** A check failed: what was expected, and what came instead. */
export class UnmetError extends Error {
  override readonly name = 'UnmetError';
  readonly code = 'unmet';
  readonly expected: string;
  readonly came: string;

  constructor(expected: string, came: string) {
    super(`expected ${expected}; ${came}`);
    this.expected = expected;
    this.came = came;
  }
}

/** A check cannot be made here, and says why. It is not counted as a failure. */
export class SkippedError extends Error {
  override readonly name = 'SkippedError';
  readonly code = 'skipped';
}
