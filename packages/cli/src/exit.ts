/** Exit codes, and how an error is told. */
import { oneLine } from './terminal/plain-text.ts';

/** How the command can end. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Longer ones are cut: some lines of a terminal. */
const MAX_LENGTH = 600;

/** An error in one line for people. Part of it may be the peer's words, so it is made safe to print. */
export function describeError(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), MAX_LENGTH);
}
