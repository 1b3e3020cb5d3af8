/** What stands on the command line, as values. What makes none is an `InvalidArgumentError`. */
import { InvalidArgumentError } from 'commander';

/** More than any wait of a check is worth, and less than timers can count. */
const MAX_TIMEOUT_S = 600;

/** Names with commas between. */
export function parseNames(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

/** A port that somebody can listen on. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw new InvalidArgumentError('expected a port from 1 to 65535.');
}

/** The number of one process. */
export function parsePid(text: string): number {
  const pid = Number(text);
  // 1 is init, and what is not positive stands for groups of processes.
  if (Number.isInteger(pid) && pid > 1) return pid;
  throw new InvalidArgumentError('expected the number of a process.');
}

/** A time. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= MAX_TIMEOUT_S) return seconds;
  throw new InvalidArgumentError(`expected seconds, more than 0 and at most ${MAX_TIMEOUT_S}.`);
}
