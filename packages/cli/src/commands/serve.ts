/**
 * `wireline serve`: the search application, until it is told to stop.
 */
import { createSearchHandler, Directory } from '@wireline/search';
import { Server } from '@wireline/service/server';
import { AddressInUseError, type Address, type Endpoint } from '@wireline/socket';
import { Command, Option } from 'commander';
import { byteorderOption, debugOption, ipv6Option } from '../arguments.ts';
import { readEndpoint, shellWord, wordsOf } from '../endpoint.ts';
import { EXIT } from '../exit.ts';
import { warnWhenReachable } from '../reachable.ts';
import { keepYoungGenerationSmall } from '../small-young-generation.ts';
import { whenOutputIsLost } from '../terminal/output.ts';
import { boundsOf, boundsOptions, type BoundsOptions } from './serve-bounds.ts';
import { jsonLog, textLog } from './serve-log.ts';

const DEFAULTS = { host: '127.0.0.1', port: 65_432 };

/**
 * Two signals within 100 ms are one Ctrl-C: the terminal sends it to everybody, and npm, when it has started
 * us, passes it on. No hand is that quick.
 */
const SAME_SIGNAL_MS = 100;

/** How long the last lines may take to be read. */
const LAST_LINES_MS = 1000;

interface ServeOptions extends BoundsOptions {
  readonly close?: true;
  readonly entries?: string;
  readonly byteorder?: 'little' | 'big';
  readonly ipv6?: true;
  readonly quiet?: true;
  readonly json?: true;
  readonly hints?: true;
}

/** The command, for the program. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Answer look-ups, as the guide’s server does.')
    .argument('[host]', "where to listen; '' for all interfaces; or unix:/path", DEFAULTS.host)
    .argument('[port]', '0 lets the system choose; none with unix:/path', DEFAULTS.port)
    .option('--entries <file>', 'look up in this JSON file, {"name": "text", ...}')
    .option('--close', 'close each connection after one answer')
    .addOption(ipv6Option())
    .addOption(byteorderOption())
    .option('-q, --quiet', 'no line per connection and request')
    .option('--json', 'one JSON object per line')
    .addOption(debugOption())
    .addOption(new Option('--hints', 'say what to type next').hideHelp())
    .addHelpText('after', HELP)
    .action(() => serve(command));
  for (const option of boundsOptions()) command.addOption(option);
  return command;
}

const HELP = `
Examples:
  $ wireline serve
  $ wireline serve localhost 8000 --entries entries.json
  $ wireline request 127.0.0.1 65432 search morpheus
  $ wireline serve unix:/tmp/search.sock
  $ wireline request unix:/tmp/search.sock search morpheus

unix:@name is a name in the abstract namespace.
Ctrl-C finishes the requests under way and ends; a second one ends at once.`;

async function serve(command: Command): Promise<void> {
  const options = command.opts<ServeOptions>();
  const { ipv6 } = options;
  const { endpoint } = readEndpoint(command, { side: 'listens', defaults: DEFAULTS, ipv6 });
  keepYoungGenerationSmall();
  const directory =
    options.entries === undefined ? Directory.builtIn() : await Directory.fromFile(options.entries);
  const log = options.json ? jsonLog(process.stdout) : textLog(process.stdout);
  const server = new Server(createSearchHandler(directory), {
    closeAfterAnswer: options.close ?? false,
    observer: options.quiet ? log.troubles : log.observer,
    ...boundsOf(options),
    ...(options.byteorder === undefined ? {} : { byteorder: options.byteorder }),
  });
  const stopped = stopSignal(server);
  const address = await listen(server, endpoint);
  log.listening(address, directory.size);
  warnWhenReachable(address);
  if (options.hints) console.error(hints(address));
  await stopped;
  log.stopping(server.connectionCount);
  await server.close();
  log.stopped(server.counters);
  // Whoever reads our lines may have stalled: that must not keep a server alive that has finished.
  setTimeout(() => process.exit(), LAST_LINES_MS).unref();
}

async function listen(server: Server, endpoint: Endpoint): Promise<Address> {
  try {
    return await server.listen(endpoint);
  } catch (error) {
    if (!(error instanceof AddressInUseError) || 'path' in endpoint) throw error;
    const other = `wireline serve ${shellWord(endpoint.host)} ${endpoint.port + 1}`;
    throw new Error(`${error.message}; or take another port: ${other}`, { cause: error });
  }
}

/**
 * Resolves at the first Ctrl-C or termination, or when nobody takes our output any more; a second signal
 * ends the process at once. To be called before anybody can know that the server runs.
 */
function stopSignal(server: Server): Promise<void> {
  return new Promise((resolve) => {
    let stoppedAt = 0;
    const force = (): void => {
      if (performance.now() - stoppedAt < SAME_SIGNAL_MS) return;
      server.destroy();
      process.exit(EXIT.interrupted);
    };
    const stop = (): void => {
      stoppedAt = performance.now();
      process.off('SIGINT', stop).off('SIGTERM', stop);
      process.on('SIGINT', force).on('SIGTERM', force);
      resolve();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    whenOutputIsLost(resolve);
  });
}

function hints(address: Address): string {
  const at = wordsOf(address);
  return [
    '',
    'In a second terminal, in this folder:',
    `  npx wireline request ${at} search morpheus`,
    `  npx wireline request ${at} search 🐶`,
    `  npx wireline request ${at} binary 😃`,
    'Ctrl-C here stops the server.',
    '',
  ].join('\n');
}
