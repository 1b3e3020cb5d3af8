/**
 * `wireline repl`: a prompt to try sockets at. What is typed is evaluated here; a file or a pipe is read line by line.
 */
import { Command } from 'commander';
import { debugOption } from '../arguments.ts';
import { HISTORY_FILE, HISTORY_VARIABLE } from '../repl/history.ts';
import { startPrompt } from '../repl/prompt.ts';
import { runScript } from '../repl/script.ts';

interface ReplOptions {
  readonly debug?: boolean;
}

/** The command, for the program. */
export function replCommand(): Command {
  return new Command('repl')
    .description('Try sockets by hand: a JavaScript prompt with everything loaded.')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(startRepl);
}

const HELP = `
Examples:
  $ wireline repl
  > const server = new socket.Socket()
  > server.bind({ host: '127.0.0.1', port: 8000 })
  > server.listen()
  > const { socket: connection, address } = server.accept()
  > connection.recv(1024)

  $ echo "socket.getaddrinfo('localhost', 80)" | wireline repl
  $ wireline repl < lines.js

Loaded are socket, promises, selectors, struct, streams, framing and message, encode(text) and
decode(bytes); await works anywhere. Ctrl-C ends a call that waits (but not
one that blocks behind an await in its line), Ctrl-D leaves.
Lines are kept in ~/${HISTORY_FILE}; ${HISTORY_VARIABLE} names another file,
or none if it is empty. Lines of a file or a pipe are evaluated one after the other; exits with 1 when
one of them failed.`;

async function startRepl({ debug = false }: ReplOptions): Promise<void> {
  if (process.stdin.isTTY && process.stdout.isTTY) startPrompt({ debug });
  else await runScript({ debug });
}
