/**
 * The commands by their names, in the order of the help. Each is loaded when it is named: a server need not carry what
 * a prompt needs, and starts sooner, with fewer descriptors.
 */
import type { Command } from 'commander';

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
  request: async () => (await import('./commands/request.ts')).requestCommand(),
  resolve: async () => (await import('./commands/resolve.ts')).resolveCommand(),
  'echo-server': async () => (await import('./commands/echo-server.ts')).echoServerCommand(),
  'echo-client': async () => (await import('./commands/echo-client.ts')).echoClientCommand(),
  'multiconn-client': async () =>
    (await import('./commands/multiconn-client.ts')).multiconnClientCommand(),
  send: async () => (await import('./commands/send.ts')).sendCommand(),
  receive: async () => (await import('./commands/receive.ts')).receiveCommand(),
  'http-server': async () => (await import('./commands/http-server.ts')).httpServerCommand(),
  'http-get': async () => (await import('./commands/http-get.ts')).httpGetCommand(),
  repl: async () => (await import('./commands/repl.ts')).replCommand(),
};

/** The command that `args` begin with; all of them when they begin with none, as for the help. */
export async function loadCommands([name = '']: readonly string[]): Promise<readonly Command[]> {
  const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const commands: Command[] = [];
  // One after the other: each opens many files, and descriptors may be few.
  for (const load of named === undefined ? Object.values(COMMANDS) : [named]) {
    commands.push(await load());
  }
  return commands;
}
