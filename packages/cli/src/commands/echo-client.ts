/**
 * `wireline echo-client`: sends text, or standard input, and prints what comes back.
 */
import { Readable } from 'node:stream';
import { formatEndpoint } from '@wireline/socket';
import { Command, Option } from 'commander';
import { debugOption, parseSeconds } from '../arguments.ts';
import { connect } from '../connect.ts';
import { readEndpoint } from '../endpoint.ts';
import { EXIT } from '../exit.ts';
import { Exchange } from '../echo/client-exchange.ts';
import { jsonPrinter, rawPrinter, textPrinter, type Printer } from '../echo/client-printer.ts';

/** As long as `request` waits. */
const DEFAULT_TIMEOUT_MS = 60_000;

interface EchoClientOptions {
  readonly raw?: true;
  readonly json?: true;
  readonly timeout: number;
}

/** The command, for the program. */
export function echoClientCommand(): Command {
  const command = new Command('echo-client')
    .description('Send text, or standard input, and print what comes back.')
    .usage('[options] <host> <port> [text...]')
    .argument('<host>', 'host name or address of the server, or unix:/path')
    .argument('[port]', 'its port; none with unix:/path')
    .argument('[text...]', 'what to send, with a space between two words; else standard input')
    .option('--raw', 'print the bytes alone, as they come')
    .addOption(
      new Option(
        '--timeout <seconds>',
        'for connecting, and for silence while something is to come back',
      )
        .argParser(parseSeconds)
        .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1000)),
    )
    .addOption(new Option('--json', 'one JSON object per line that comes back').conflicts('raw'))
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(() => echoClient(command));
  return command;
}

const HELP = `
Examples:
  $ wireline echo-client 127.0.0.1 8000 Hello, world
  $ wireline echo-client localhost 8000
  $ wireline echo-client localhost 8000 -- -x
  $ wireline echo-client 127.0.0.1 8000 --raw < file | cmp - file
  $ wireline echo-client unix:/tmp/echo.sock Hello

unix:@name is a name in the abstract namespace.
Text is sent as it stands, and over when as many bytes are back. Standard input is sent as it comes; at its end
the connection is closed for sending, and what comes is printed until the server closes.
What comes is printed line by line, and after 64 KiB without a line end.
Exits with 1 when the server closes before everything is back.`;

async function echoClient(command: Command): Promise<void> {
  const options = command.opts<EchoClientOptions>();
  const { endpoint, rest } = readEndpoint(command, { side: 'connects', most: Infinity });
  const text = rest.length === 0 ? undefined : Buffer.from(rest.join(' '));
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  await using socket = await connect(endpoint, options.timeout);
  const exchange = new Exchange(socket, {
    server: formatEndpoint(endpoint),
    input: text === undefined ? process.stdin : Readable.from([text]),
    ...(text && { size: text.length }),
    printer: createPrinter(options),
    timeoutMs: options.timeout,
  });
  await exchange.run();
}

function createPrinter({ raw, json }: EchoClientOptions): Printer {
  if (raw) return rawPrinter(process.stdout);
  return json ? jsonPrinter(process.stdout) : textPrinter(process.stdout);
}
