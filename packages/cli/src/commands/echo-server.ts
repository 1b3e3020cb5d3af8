/**
 * `wireline echo-server`: sends back what it gets, until it is told to stop.
 */
import { mostConnections } from '@wireline/socket';
import { Command, Option } from 'commander';
import { orAnotherPort } from '../listening/another-port.ts';
import { debugOption, ipv6Option, parseCount, parseSeconds } from '../arguments.ts';
import { readEndpoint } from '../endpoint.ts';
import { warnWhenReachable } from '../listening/reachable.ts';
import { keepYoungGenerationSmall } from '../listening/small-young-generation.ts';
import { stopSignal } from '../listening/stop-signal.ts';
import { exitSoon } from '../terminal/output.ts';
import { EchoCrowd } from '../echo/crowd.ts';
import { jsonLog, textLog } from '../echo/server-log.ts';

/** 5 minutes: a person may think that long, and clients that are gone without a word do not pile up. */
const IDLE_MS = 300_000;

/** Five retransmissions without an answer, as `serve` has it: the client is gone, or does not read. */
const WRITE_STALL_MS = 30_000;

interface EchoServerOptions {
  readonly reverse?: true;
  readonly idleTimeout: number;
  readonly writeTimeout: number;
  readonly maxConnections?: number;
  readonly ipv6?: true;
  readonly quiet?: true;
  readonly json?: true;
}

/** The command, for the program. */
export function echoServerCommand(): Command {
  const command = new Command('echo-server')
    .description('Send back what comes, to many clients at once.')
    .usage('[options] <host> <port>')
    .argument('<host>', "where to listen; '' for all interfaces; or unix:/path")
    .argument('[port]', '0 lets the system choose; none with unix:/path')
    .option('-r, --reverse', 'send each chunk in reverse order, byte by byte')
    .addOption(
      new Option('--idle-timeout <seconds>', 'close a connection on which nothing came for so long')
        .argParser(parseSeconds)
        .default(IDLE_MS, String(IDLE_MS / 1000)),
    )
    .addOption(
      new Option('--write-timeout <seconds>', 'the same for a client that takes nothing')
        .argParser(parseSeconds)
        .default(WRITE_STALL_MS, String(WRITE_STALL_MS / 1000)),
    )
    .addOption(
      new Option(
        '--max-connections <n>',
        'the most at once; more wait (default: what descriptors allow)',
      ).argParser(parseCount),
    )
    .addOption(ipv6Option())
    .option('-q, --quiet', 'no line per connection')
    .option('--json', 'one JSON object per line')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(() => echoServer(command));
  return command;
}

const HELP = `
Examples:
  $ wireline echo-server 127.0.0.1 8000
  $ wireline echo-client 127.0.0.1 8000 Hello, world
  $ wireline echo-server localhost 8000 --reverse
  $ wireline echo-server unix:/tmp/echo.sock

unix:@name is a name in the abstract namespace.
With --reverse each chunk is turned round as it arrives: TCP knows nothing of messages.
Ctrl-C sends back what has come and ends; a second one ends at once.`;

async function echoServer(command: Command): Promise<void> {
  const options = command.opts<EchoServerOptions>();
  const { ipv6, json, idleTimeout: idleMs } = options;
  const { endpoint } = readEndpoint(command, { side: 'listens', ipv6 });
  keepYoungGenerationSmall();
  const createLog = json ? jsonLog : textLog;
  const log = createLog(process.stdout, { isQuiet: options.quiet ?? false, idleMs });
  const stopped = stopSignal();
  const crowd = new EchoCrowd({
    isReversed: options.reverse ?? false,
    idleMs,
    writeStallMs: options.writeTimeout,
    maxConnections: options.maxConnections ?? mostConnections(),
    observer: log.observer,
  });
  const door = await orAnotherPort(endpoint, (where) => crowd.listen(where));
  log.listening(door.address);
  warnWhenReachable(door.address);
  try {
    await Promise.race([stopped, door.broken]);
  } finally {
    log.stopping(crowd.connectionCount);
    await crowd.close();
    log.stopped(crowd.totals);
    exitSoon();
  }
}
