/**
 * `wireline serve`: the search application, until it is told to stop.
 */
import { createSearchHandler, Directory } from '@wireline/search';
import { Server } from '@wireline/service/server';
import type { Address } from '@wireline/socket';
import { Command, Option } from 'commander';
import { orAnotherPort } from '../listening/another-port.ts';
import { byteorderOption, debugOption, ipv6Option } from '../arguments.ts';
import { readEndpoint, wordsOf } from '../endpoint.ts';
import { warnWhenReachable } from '../listening/reachable.ts';
import { keepYoungGenerationSmall } from '../listening/small-young-generation.ts';
import { stopSignal } from '../listening/stop-signal.ts';
import { exitSoon } from '../terminal/output.ts';
import { boundsOf, boundsOptions, type BoundsOptions } from '../serve/bounds.ts';
import { jsonLog, textLog } from '../serve/log.ts';

const DEFAULTS = { host: '127.0.0.1', port: 65_432 };

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
  const stopped = stopSignal();
  const address = await orAnotherPort(endpoint, (where) => server.listen(where));
  log.listening(address, directory.size);
  warnWhenReachable(address);
  if (options.hints) console.error(hints(address));
  await stopped;
  log.stopping(server.connectionCount);
  await server.close();
  log.stopped(server.counters);
  exitSoon();
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
