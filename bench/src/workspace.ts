/** Where things are: the sources of the benchmark, and where it may write what it builds. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, from wherever this file runs: `bench/src`, or where it was built to. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Programs in C are built here. */
export const BUILD_DIRECTORY = join(ROOT, '.cache', 'bench');

function findRoot(directory: string): string {
  if (existsSync(join(directory, 'bench', 'package.json'))) return directory;
  if (directory === dirname(directory)) {
    throw new Error(
      'find the repository: no folder above has bench/package.json; run it in a clone',
    );
  }
  return findRoot(dirname(directory));
}
