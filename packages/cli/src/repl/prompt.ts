/**
 * The prompt on a terminal: Node's own, with our libraries, writer and Ctrl-C.
 */
import { start, type REPLServer } from 'node:repl';
import { colorsFor } from '../terminal/colors.ts';
import { completeBehindAwait, showInheritedMethods } from './completion.ts';
import { Evaluations } from './evaluations.ts';
import { historyFile, keepHistory } from './history.ts';
import { interruptWaits } from './interruptions.ts';
import { LIBRARY_NAMES, load } from './loaded.ts';
import { WALK } from './walk.ts';
import { createWriter } from './writer.ts';

/** How a prompt behaves. */
export interface PromptOptions {
  /** Show errors with the places in the code. */
  readonly debug: boolean;
}

/** Starts the prompt. The process ends when the user leaves it, whatever is open. */
export function startPrompt(options: PromptOptions): void {
  load();
  showInheritedMethods();
  const { dim, isColorSupported: colors } = colorsFor(process.stdout);
  process.stdout.write(`${banner(dim)}\n`);
  const history = historyFile();
  const server = start({
    prompt: '', // until the history is read
    useGlobal: true, // else what a call gives is no instance of the prompt's own Uint8Array
    useColors: colors,
    ignoreUndefined: true,
    preview: false, // nothing is to run before Enter
    breakEvalOnSigint: true,
    writer: createWriter({ colors, debug: options.debug }),
  });
  interruptWaits(server, new Evaluations(server));
  defineWalk(server);
  completeBehindAwait(server);
  const showPrompt = (): void => {
    server.setPrompt('> ');
    server.displayPrompt();
  };
  if (history === undefined) showPrompt();
  else keepHistory(server, history, showPrompt);
  server.on('exit', () => process.exit());
}

function banner(dim: (text: string) => string): string {
  return [
    `Loaded: ${LIBRARY_NAMES.join(', ')}; encode(text), decode(bytes).`,
    dim('Ctrl-C ends a call that waits, Tab completes, .walk shows a first walk, .help the rest.'),
    dim('Leave with .exit or Ctrl-D.'),
  ].join('\n');
}

function defineWalk(server: REPLServer): void {
  server.defineCommand('walk', {
    help: 'Show a first walk, a server and a client to type',
    action() {
      process.stdout.write(WALK);
      this.displayPrompt();
    },
  });
}
