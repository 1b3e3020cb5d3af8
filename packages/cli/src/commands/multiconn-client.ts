/**
 * `wireline multiconn-client`: many connections at once to an echo server.
 */
import { descriptorLimit, formatEndpoint, mostConnections } from '@wireline/socket';
import { Command, InvalidArgumentError, Option } from 'commander';
import { debugOption, parseCount, parseSeconds } from '../arguments.ts';
import { parseWord, readEndpoint } from '../endpoint.ts';
import { EXIT } from '../exit.ts';
import { jsonReport, textReport } from '../multiconn/report.ts';
import { showProgress } from '../multiconn/progress.ts';
import { MulticonnRun } from '../multiconn/run.ts';

const DEFAULT_MESSAGES = ['This is the first message.', 'And this is the second.'];

/** Less than the backlog of 128 that many servers have. */
const MOST_CONNECTING = 100;

/** As long as `request` waits. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** More connections than a person reads about have no lines of their own. */
const MOST_DETAILED = 20;

interface MulticonnClientOptions {
  readonly message?: readonly string[];
  readonly connecting: number;
  readonly timeout: number;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly json?: true;
}

/** The command, for the program. */
export function multiconnClientCommand(): Command {
  const command = new Command('multiconn-client')
    .description('Open many connections to an echo server at once, and count what comes back.')
    .usage('[options] <host> <port> <n>')
    .argument('<host>', 'host name or address of the server, or unix:/path')
    .argument('[port]', 'its port; none with unix:/path')
    .argument('[n]', 'how many connections')
    .addOption(
      new Option(
        '-m, --message <text>',
        'what each connection sends; again for another message (default: two short ones)',
      ).argParser(addMessage),
    )
    .addOption(
      new Option('--connecting <n>', 'how many wait for their first byte at a time')
        .argParser(parseCount)
        .default(MOST_CONNECTING),
    )
    .addOption(
      new Option('--timeout <seconds>', 'for connecting, and for silence while bytes are to come')
        .argParser(parseSeconds)
        .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1000)),
    )
    .addOption(new Option('-q, --quiet', 'the summary alone').conflicts('verbose'))
    .option('-v, --verbose', `lines for each connection, also of more than ${MOST_DETAILED}`)
    .option('--json', 'one JSON object per line')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(() => multiconnClient(command));
  return command;
}

const HELP = `
Examples:
  $ wireline multiconn-client 127.0.0.1 8000 2
  $ wireline multiconn-client 127.0.0.1 8000 10000
  $ wireline multiconn-client localhost 8000 5 --message Hello --message world
  $ wireline multiconn-client unix:/tmp/echo.sock 100 --quiet

unix:@name is a name in the abstract namespace.
All connections stay open until the last one has its bytes back. A connection fails when it breaks, is silent for
too long, or gets other bytes than it sent; the summary counts them, and the exit code is 1.`;

async function multiconnClient(command: Command): Promise<void> {
  const options = command.opts<MulticonnClientOptions>();
  const { endpoint, rest } = readEndpoint(command, { side: 'connects', rest: ['n'] });
  const connections = parseWord(command, { name: 'n', word: rest[0], parse: parseCount });
  checkDescriptors(connections);
  const isDetailed = !options.quiet && (options.verbose ?? connections <= MOST_DETAILED);
  const createReport = options.json ? jsonReport : textReport;
  const report = createReport(process.stdout, { isDetailed, server: formatEndpoint(endpoint) });
  const run = new MulticonnRun({
    endpoint,
    connections,
    messages: (options.message ?? DEFAULT_MESSAGES).map((text) => Buffer.from(text)),
    mostConnecting: options.connecting,
    timeoutMs: options.timeout,
    observer: report.observer,
  });
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const hideProgress =
    options.quiet || isDetailed ? () => {} : showProgress(process.stderr, () => run.totals);
  const began = performance.now();
  try {
    await run.run(interrupt.signal);
  } finally {
    hideProgress();
  }
  const seconds = (performance.now() - began) / 1000;
  const isInterrupted = interrupt.signal.aborted;
  report.summary({ ...run.totals, seconds, isInterrupted });
  if (run.totals.done < connections) process.exitCode = EXIT.failed;
  if (isInterrupted) process.exitCode = EXIT.interrupted;
}

/**
 * Says before anything is begun that there are not descriptors enough.
 *
 * @throws Error
 */
function checkDescriptors(connections: number): void {
  const most = mostConnections();
  if (connections <= most) return;
  const kept = descriptorLimit() - most;
  throw new Error(
    `open ${connections} connections: the limit of descriptors allows ${most}, ${kept} are kept back; ask for fewer, or raise it: ulimit -n ${connections + kept}`,
  );
}

function addMessage(text: string, messages: readonly string[] = []): readonly string[] {
  if (text === '') throw new InvalidArgumentError('expected text: of nothing, nothing comes back.');
  return [...messages, text];
}
