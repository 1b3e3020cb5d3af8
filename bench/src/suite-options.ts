/** What the command line asks of a suite. */

/** The options that all suites take; each has its own defaults. */
export interface SuiteOptions {
  /** Names of contestants; all if not given. */
  readonly only?: readonly string[];
  /** Names of scenarios; all if not given. */
  readonly scenarios?: readonly string[];
  readonly rounds?: number;
  readonly seconds?: number;
  /** A smoke run. */
  readonly quick?: true;
  /** JSON on standard output. */
  readonly json?: true;
  /** Where the report goes, relative to the working directory. */
  readonly out?: string;
}

/** A value that the command line could not know to be wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
