/**
 * What stands where a Unix socket was to be bound: for the message of an error.
 *
 * The file of a Unix socket outlives it. bind(2) says the same of a server that listens and of a file that was left
 * behind; here they are told apart, from the file itself and from `/proc/net/unix`. A guess: the table does not have
 * the sockets of other network namespaces, and relative paths are in it as they were given.
 */
import { lstatSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What is known of the path; `undefined` where nothing is. */
export function explainPath(path: string): string | undefined {
  if (path.startsWith('\0'))
    return 'the name is in use: a socket has it; `ss -xa` shows which process';
  switch (pathUse(path)) {
    case 'other file':
      return 'the path is in use: a file stands there that is no socket; choose another path';
    case 'bound':
      return 'the path is in use: a socket has it; `ss -xap` shows which process; stop it or choose another path';
    case 'left behind':
      return 'the path is in use: a file of a socket stands there, but no socket that has it is seen; if it was left behind, remove it, as createServer does by itself';
    case 'unknown':
      return undefined;
  }
}

/** What a path is used for. */
export type PathUse = 'bound' | 'left behind' | 'other file' | 'unknown';

/** What `path` is used for, as far as can be seen. */
export function pathUse(path: string, table: string = '/proc/net/unix'): PathUse {
  try {
    if (!lstatSync(path).isSocket()) return 'other file';
    // Num, reference count, protocol, flags, type, state, inode, path
    const lines = readFileSync(table, 'utf8').split('\n');
    const names = new Set([path, resolve(path)]);
    return lines.some((line) => names.has(pathOf(line) ?? '')) ? 'bound' : 'left behind';
  } catch {
    return 'unknown'; // nothing there, or nothing to see
  }
}

function pathOf(line: string): string | undefined {
  return /^(?:\S+ +){7}(.+)$/.exec(line)?.[1];
}
