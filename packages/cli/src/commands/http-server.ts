/**
 * `wireline http-server`: a page to any browser, until it is told to stop.
 */
import { Command } from 'commander';
import { orAnotherPort } from '../listening/another-port.ts';
import { debugOption, ipv6Option } from '../arguments.ts';
import { readEndpoint } from '../endpoint.ts';
import { describeError } from '../exit.ts';
import { httpBoundsOf, httpBoundsOptions, type HttpBoundsOptions } from '../http/bounds.ts';
import { jsonLog, textLog } from '../http/log.ts';
import { openFile } from '../http/page-file.ts';
import { createSite } from '../http/site.ts';
import { WebServer } from '../http/web-server.ts';
import { warnWhenReachable } from '../listening/reachable.ts';
import { stopSignal } from '../listening/stop-signal.ts';
import { exitSoon } from '../terminal/output.ts';

interface HttpServerOptions extends HttpBoundsOptions {
  readonly ipv6?: true;
  readonly quiet?: true;
  readonly json?: true;
}

/** The command, for the program. */
export function httpServerCommand(): Command {
  const command = new Command('http-server')
    .description('Show a page to any browser.')
    .usage('[options] <host> <port> [file]')
    .argument('<host>', "where to listen; '' for all interfaces; or unix:/path")
    .argument('[port]', '0 lets the system choose; none with unix:/path')
    .argument('[file]', 'the page (default: one that shows what the browser has sent)')
    .addOption(ipv6Option())
    .option('-q, --quiet', 'no line per request')
    .option('--json', 'one JSON object per line')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(() => httpServer(command));
  for (const option of httpBoundsOptions()) command.addOption(option);
  return command;
}

const HELP = `
Examples:
  $ wireline http-server 127.0.0.1 8000
  $ wireline http-server localhost 8000 page.html
  $ wireline http-get 127.0.0.1:8000
  $ wireline http-server unix:/tmp/page.sock
  $ curl --unix-socket /tmp/page.sock http://localhost/

The page is at /. Its file is read anew for each request; text is taken for UTF-8.
unix:@name is a name in the abstract namespace.
Ctrl-C finishes the answers under way and ends; a second one ends at once.`;

async function httpServer(command: Command): Promise<void> {
  const options = command.opts<HttpServerOptions>();
  const { ipv6, quiet = false, json } = options;
  const { endpoint, rest } = readEndpoint(command, { side: 'listens', ipv6, most: 1 });
  const [file] = rest;
  if (file !== undefined) await checkFile(file);
  const log = (json ? jsonLog : textLog)(process.stdout, { quiet });
  const stopped = stopSignal();
  const server = new WebServer({
    site: createSite(file),
    log,
    bounds: httpBoundsOf(options),
  });
  const door = await orAnotherPort(endpoint, (where) => server.listen(where));
  log.listening(door.address);
  warnWhenReachable(door.address);
  try {
    await Promise.race([stopped, door.broken]);
  } finally {
    log.stopping(server.exchangeCount);
    await server.close();
    log.stopped(server.counters);
    exitSoon();
  }
}

/** A file that is not there is better told at once than to the first browser. */
async function checkFile(file: string): Promise<void> {
  try {
    await (await openFile(file)).close();
  } catch (error) {
    throw new Error(`read ${file}: ${describeError(error)}`, { cause: error });
  }
}
