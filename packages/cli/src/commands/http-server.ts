/**
 * `wireline http-server`: a page to any browser, until it is told to stop.
 */
import { AddressInUseError, type Endpoint } from '@wireline/socket';
import { Command } from 'commander';
import { debugOption, ipv6Option } from '../arguments.ts';
import { readEndpoint, shellWord } from '../endpoint.ts';
import { describeError } from '../exit.ts';
import { httpBoundsOf, httpBoundsOptions, type HttpBoundsOptions } from '../http/bounds.ts';
import { jsonLog, textLog } from '../http/log.ts';
import { openFile } from '../http/page-file.ts';
import { createSite } from '../http/site.ts';
import { WebServer, type WebServerOptions } from '../http/web-server.ts';
import { warnWhenReachable } from '../reachable.ts';
import { stopSignal } from '../stop-signal.ts';

/** How long the last lines may take to be read. */
const LAST_LINES_MS = 1000;

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
  const { endpoint, rest } = readEndpoint(command, { side: 'listens', ipv6, isVariadic: true });
  const [file, ...more] = rest;
  if (more.length > 0) {
    const told = `Expected at most one file but got ${rest.length}`;
    command.error(`error: too many arguments for '${command.name()}'. ${told}.`);
  }
  if (file !== undefined) await checkFile(file);
  const log = (json ? jsonLog : textLog)(process.stdout, { quiet });
  const stopped = stopSignal();
  const server = await listen(endpoint, {
    site: createSite(file),
    log,
    bounds: httpBoundsOf(options),
  });
  log.listening(server.address);
  warnWhenReachable(server.address);
  try {
    await Promise.race([stopped, server.accepting]);
  } finally {
    log.stopping(server.exchangeCount);
    await server.close();
    log.stopped(server.counters);
    // Whoever reads our lines may have stalled: that must not keep a server alive that has finished.
    setTimeout(() => process.exit(), LAST_LINES_MS).unref();
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

async function listen(endpoint: Endpoint, options: WebServerOptions): Promise<WebServer> {
  try {
    return await WebServer.listen(endpoint, options);
  } catch (error) {
    if (!(error instanceof AddressInUseError) || 'path' in endpoint) throw error;
    const other = `wireline http-server ${shellWord(endpoint.host)} ${endpoint.port + 1}`;
    throw new Error(`${error.message}; or take another port: ${other}`, { cause: error });
  }
}
