/** Programs in C and Go, compiled when the benchmark starts: they are small, and so none is ever stale. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Program } from './program.ts';
import { BUILD_DIRECTORY, ROOT } from './workspace.ts';

/** By what the name of a source file ends with: what makes a program of it, without the two files. */
const COMPILERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  '.c': ['cc', '-O2'],
  '.go': ['go', 'build'],
};

/**
 * Compiles one source file.
 *
 * @param source relative to the root of the repository
 * @returns the path of the program
 * @throws if there is no compiler, or it refuses the file
 */
export async function compile(source: string): Promise<string> {
  const extension = extname(source);
  const command = COMPILERS[extension];
  if (command === undefined) throw new Error(`compile ${source}: no compiler is known for it`);
  const program = join(BUILD_DIRECTORY, basename(source, extension));
  // Another run of the benchmark may be running the old program, or compiling a new one.
  const unfinished = `${program}.${process.pid}`;
  await mkdir(BUILD_DIRECTORY, { recursive: true });
  const [name] = command;
  const compiler = await Program.start(name, [...command, '-o', unfinished, join(ROOT, source)]);
  try {
    await compiler.result();
    await rename(unfinished, program);
    return program;
  } finally {
    await rm(unfinished, { force: true });
  }
}
