/**
 * The client under trial: a program that is told a scenario, does it, and prints what it got.
 *
 * It prints one JSON object a line; what each scenario asks of it stands in the README.
 */
import { spawn } from 'node:child_process';
import { UsageError } from '../usage-error.ts';

/** How a driver ended. */
export interface DriverEnd {
  /** The exit code; `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a driver once. Ends it when `signal` aborts. */
export type Driver = (
  task: { readonly host: string; readonly port: number; readonly scenario: string },
  signal: AbortSignal,
) => Promise<DriverEnd>;

/** A driver that says with this code that it does not offer what the scenario is about. As Automake has it. */
export const NOT_OFFERED = 77;

/** What a driver prints is compared with a few lines: more is no answer. */
const MAX_OUTPUT = 1024 * 1024;

/** A driver that is a command: it is started with `HOST PORT SCENARIO` appended. */
export function commandDriver(command: readonly string[], directory: string): Driver {
  const [program, ...first] = command;
  if (program === undefined) {
    throw new UsageError(
      'run a client: no command; write --client COMMAND, such as --client python3 client.py',
    );
  }
  return async ({ host, port, scenario }, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...first, host, String(port), scenario], {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const kill = (): void => void child.kill('SIGKILL');
      signal.addEventListener('abort', kill);
      const output = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          output[name] = (output[name] + text).slice(0, MAX_OUTPUT);
        });
      }
      child.once('error', (error) => {
        signal.removeEventListener('abort', kill);
        reject(new UsageError(`run a client: ${error.message}; is ${program} a program?`));
      });
      child.once('close', (code) => {
        signal.removeEventListener('abort', kill);
        resolve({ code, ...output });
      });
    });
}
