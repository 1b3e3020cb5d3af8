/** Where the repository is, from wherever this file runs: the sources, or where they were built to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository: the vectors are in it. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(directory: string): string {
  if (existsSync(join(directory, 'protocol', 'vectors'))) return directory;
  if (directory === dirname(directory)) {
    throw new Error('find the repository: no folder above has protocol/vectors; run it in a clone');
  }
  return findRoot(dirname(directory));
}
