/** Programs in C, compiled when the benchmark starts: they are small, and so none is ever stale. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Program } from './program.ts';
import { BUILD_DIRECTORY, ROOT } from './workspace.ts';

/**
 * Compiles one source file.
 *
 * @param source relative to the root of the repository
 * @returns the path of the program
 * @throws if there is no compiler, or it refuses the file
 */
export async function compile(source: string): Promise<string> {
  const program = join(BUILD_DIRECTORY, basename(source, '.c'));
  // Another run of the benchmark may be running the old program, or compiling a new one.
  const unfinished = `${program}.${process.pid}`;
  await mkdir(BUILD_DIRECTORY, { recursive: true });
  const compiler = await Program.start('cc', ['cc', '-O2', '-o', unfinished, join(ROOT, source)]);
  try {
    await compiler.result();
    await rename(unfinished, program);
    return program;
  } finally {
    await rm(unfinished, { force: true });
  }
}
