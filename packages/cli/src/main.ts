/**
 * The command `wireline`: reads the arguments, runs one command, and turns what went wrong into one line
 * and an exit code: 0 fine, 1 it failed, 2 wrong usage, 130 interrupted.
 */
import { Command, CommanderError } from 'commander';
import { loadCommands } from './command-table.ts';
import { describeError, EXIT } from './exit.ts';
import { watchOutput } from './terminal/output.ts';
import { printable } from './terminal/plain-text.ts';
import { packageVersion } from './version.ts';

/**
 * Runs the command line and sets `process.exitCode`.
 *
 * @param args the arguments, without node and script
 */
export async function main(args: readonly string[]): Promise<void> {
  watchOutput();
  try {
    await createProgram(await loadCommands(args)).parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, args.includes('--debug'));
  }
}

function createProgram(commands: readonly Command[]): Command {
  const program = new Command('wireline')
    .description('Serve, request and see messages on TCP and Unix sockets.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(--help shows how it is used)')
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'wireline: ')),
    })
    .exitOverride();
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

/** Says what went wrong and returns the exit code. */
function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  console.error(`wireline: ${describeError(error)}`);
  if (debug && error instanceof Error) console.error(printable(error.stack ?? ''));
  return EXIT.failed;
}
