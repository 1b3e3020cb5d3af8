/** Exit codes, and errors that carry one. */

/** How the command can end. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A failure with an exit code of its own. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** One line for people. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
