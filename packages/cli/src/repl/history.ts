/**
 * The lines of earlier sessions, in a file that only its user can read. Node keeps it; a file that cannot be written
 * costs the history and a warning.
 */
import { closeSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { REPLServer } from 'node:repl';
import { describeError } from '../exit.ts';

/** The variable that names the file; empty, there is no history. */
export const HISTORY_VARIABLE = 'WIRELINE_REPL_HISTORY';

/** The file where none is named. */
export const HISTORY_FILE = '.wireline_repl_history';

/** The file for the lines, if there is to be one and it can be written; if it cannot, that is said. */
export function historyFile(): string | undefined {
  const file = process.env[HISTORY_VARIABLE] ?? fileAtHome();
  return file.trim() !== '' && isWritable(file) ? file : undefined;
}

/** Keeps the lines of `server` in `file`. Calls `onRead` when those of earlier sessions are there, or cannot be. */
export function keepHistory(server: REPLServer, file: string, onRead: () => void): void {
  server.setupHistory(file, (error) => {
    if (error !== null) warn(file, error);
    onRead();
  });
}

/** Empty where nobody is at home, as in some containers. */
function fileAtHome(): string {
  try {
    return join(homedir(), HISTORY_FILE);
  } catch (error) {
    warn(`~/${HISTORY_FILE}`, error);
    return '';
  }
}

function isWritable(file: string): boolean {
  try {
    closeSync(openSync(file, 'a+', 0o600)); // as Node will
    return true;
  } catch (error) {
    warn(file, error);
    return false;
  }
}

function warn(file: string, error: unknown): void {
  console.error(
    `warning: keep the history in ${file}: ${describeError(error)}; ${HISTORY_VARIABLE} names another file, or none`,
  );
}
