/** What was thrown, in words. */

/** The message of an error, or of whatever else was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
