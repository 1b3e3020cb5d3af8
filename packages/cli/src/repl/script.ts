/**
 * Lines from a file or a pipe: evaluated one after the other, each when the one before is through, its awaiting
 * included. Results go to standard output, errors to standard error; an error does not keep the next line from
 * running, and the exit code tells of it.
 */
import { start } from 'node:repl';
import { createInterface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import { EXIT } from '../exit.ts';
import { Evaluations } from './evaluations.ts';
import { load } from './loaded.ts';
import { createWriter } from './writer.ts';

/** How a script runs. */
export interface ScriptOptions {
  /** Show errors with the places in the code. */
  readonly debug: boolean;
}

/** Evaluates the lines of standard input. The process goes on until nothing is pending. */
export async function runScript(options: ScriptOptions): Promise<void> {
  load();
  const server = start({
    prompt: '',
    input: new PassThrough(), // it is told the lines one by one
    output: new Writable({ decodeStrings: false, write: printOutcome }),
    terminal: false,
    useGlobal: true,
    ignoreUndefined: true,
    writer: createWriter({ colors: false, debug: options.debug }),
  });
  server.on('exit', () => process.exit()); // .exit
  const evaluations = new Evaluations(server);
  process.on('exit', () => {
    if (evaluations.state !== 'awaiting') return;
    fail('Uncaught Error: nothing is left that could settle what the line awaits\n');
  });
  for await (const line of createInterface({ input: process.stdin })) {
    server.emit('line', line);
    await evaluations.idle();
    await new Promise(setImmediate); // what nobody awaited may have failed by then
  }
  if (evaluations.isIncomplete) fail('Uncaught SyntaxError: the input ends within an expression\n');
}

/** What Node puts before errors, and before nothing else: of a line, and of its own commands. */
const FAILED = /^(Uncaught|Invalid REPL keyword|Failed to (load|save))/;

/** Prints what came of a line. */
function printOutcome(text: string, _encoding: string, done: () => void): void {
  if (FAILED.test(text)) fail(text);
  else process.stdout.write(text);
  done();
}

function fail(text: string): void {
  process.exitCode = EXIT.failed;
  process.stderr.write(text);
}
