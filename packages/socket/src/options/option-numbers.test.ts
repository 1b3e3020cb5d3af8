/**
 * Every number and level of the table against the header files of this machine, asked by a C program.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { OPTION_LEVELS, type OptionEntry } from './option-entry.ts';
import { OPTIONS } from './option-table.ts';

const run = promisify(execFile);

const HEADERS = ['netinet/in.h', 'asm/socket.h', 'linux/in6.h', 'linux/tcp.h', 'linux/udp.h'];

/** The constants by name; undefined, and why, where they cannot be asked for. */
let constants: Map<string, number> | undefined;
let reason = '';

beforeAll(async () => {
  try {
    constants = await askCompiler([...Object.keys(OPTIONS), ...Object.keys(OPTION_LEVELS)]);
  } catch (error) {
    reason = `no C compiler with the header files: ${String(error).split('\n')[0]}`;
  }
});

/** The values of those of `names` that the header files define. */
async function askCompiler(names: readonly string[]): Promise<Map<string, number>> {
  const source = [
    ...[...HEADERS, 'stdio.h'].map((header) => `#include <${header}>`),
    'int main(void) {',
    // Levels are enumerators beside their macros, so that all names can be asked for in the same way.
    ...names.flatMap((name) => [`#ifdef ${name}`, `printf("${name} %d\\n", ${name});`, '#endif']),
    '}',
  ].join('\n');
  const folder = await mkdtemp(join(tmpdir(), 'wireline-options-'));
  try {
    const [file, program] = [join(folder, 'ask.c'), join(folder, 'ask')];
    await writeFile(file, source);
    await run('cc', ['-o', program, file]);
    const { stdout } = await run(program);
    const lines = stdout.trim().split('\n');
    return new Map(
      lines.map((line) => {
        const [name = '', number] = line.split(' ');
        return [name, Number(number)];
      }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.for(Object.entries<OptionEntry>(OPTIONS))('%s', ([name, { number, since }], { skip }) => {
  if (constants === undefined) return skip(reason);
  const constant = constants.get(name);
  if (constant === undefined && since !== undefined) {
    return skip(`the header files are older than Linux ${since}`);
  }
  expect(constant).toBe(number);
});

test.for(Object.entries(OPTION_LEVELS))('%s', ([name, number], { skip }) => {
  if (constants === undefined) return skip(reason);
  expect(constants.get(name)).toBe(number);
});
