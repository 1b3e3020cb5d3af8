/**
 * Runs a program of `programs/` in a process of its own: these tests are about what would kill it.
 *
 * The programs use the built package, as users do. One that does not end by itself is killed, by its
 * process id, when its time is over, and the test fails with what it had printed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a program ended, and what it said. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link runProgram}. */
export interface RunOptions {
  readonly args: readonly string[];
  /** Options of Node, before the program's name. */
  readonly nodeArgs: readonly string[];
  /** The most descriptors that the process may have. */
  readonly maxDescriptors: number;
  /** Called with each piece of its output: to answer, or to send a signal. */
  readonly onOutput: (text: string, child: ChildProcess) => void;
}

/** Far more than any of them takes, less than the test runner's own limit. */
const DEADLINE_MS = 18_000;

/** Runs `programs/name.mjs` to its end. Rejects when it takes too long. */
export function runProgram(name: string, options: Partial<RunOptions> = {}): Promise<Outcome> {
  const program = fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url));
  const command = [
    process.execPath,
    ...(options.nodeArgs ?? []),
    program,
    ...(options.args ?? []),
  ] as const;
  const limited = [
    '/bin/sh',
    '-c',
    `ulimit -n ${options.maxDescriptors}; exec "$@"`,
    'sh',
  ] as const;
  const [file, ...args] =
    options.maxDescriptors === undefined ? command : ([...limited, ...command] as const);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    options.onOutput?.(text, child);
  });
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      const said = `${output.stdout}${output.stderr}` || '(nothing)';
      reject(new Error(`${name} did not end within ${DEADLINE_MS} ms; it said: ${said}`));
    }, DEADLINE_MS);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, ...output });
    });
  });
}

/** What the program reported. Throws, with all that it said, unless it ended well. */
export async function reportOf(name: string, options: Partial<RunOptions> = {}): Promise<unknown> {
  const { code, signal, stdout, stderr } = await runProgram(name, options);
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}:\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}
