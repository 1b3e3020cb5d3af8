/**
 * `wireline receive`: one message from whoever connects first, in whichever framing he sends.
 *
 * It listens as servers do, but somebody waits for what it prints: so Ctrl-C ends it as it ends a client, with 130, and
 * what is to come of the message does not come of half of one.
 */
import { formatAddress } from '@wireline/socket';
import { Command, Option } from 'commander';
import { debugOption, ipv6Option, parseCount, parseSeconds } from '../arguments.ts';
import { readEndpoint } from '../endpoint.ts';
import { describeError, EXIT } from '../exit.ts';
import { Incoming } from '../framing/incoming.ts';
import {
  messagePrinter,
  type MessageForm,
  type MessagePrinter,
} from '../framing/message-printer.ts';
import { chosenFraming, framingOptions, type ChosenFraming } from '../framing/options.ts';
import { Reception } from '../framing/reception.ts';
import { FRAMING_HELP } from '../framing/syntax.ts';
import { orAnotherPort } from '../listening/another-port.ts';
import { warnWhenReachable } from '../listening/reachable.ts';
import { stopSignal } from '../listening/stop-signal.ts';
import { exitSoon, isOutputLost } from '../terminal/output.ts';
import { count } from '../terminal/plain-text.ts';

/** As long as `request` waits for an answer. */
const SILENCE_MS = 60_000;

interface ReceiveOptions {
  readonly timeout?: number;
  readonly count?: number;
  readonly all?: true;
  readonly raw?: true;
  readonly text?: true;
  readonly hex?: true;
  readonly json?: true;
  readonly ipv6?: true;
  readonly verbose?: true;
}

/** The command, for the program. */
export function receiveCommand(): Command {
  const command = new Command('receive')
    .description('Print one framed message from whoever connects first.')
    .usage('[options] <host> <port> --framing <framing>')
    .argument('<host>', "where to listen; '' for all interfaces; or unix:/path")
    .argument('[port]', '0 lets the system choose; none with unix:/path');
  for (const option of [...framingOptions(), ...formOptions()]) command.addOption(option);
  return command
    .addOption(
      new Option('-n, --count <n>', 'so many messages of the one connection').argParser(parseCount),
    )
    .addOption(new Option('--all', 'all messages until the peer closes').conflicts('count'))
    .addOption(
      new Option(
        '--timeout <seconds>',
        'for a connection, and for silence on it (default: for ever, and 60)',
      ).argParser(parseSeconds),
    )
    .addOption(ipv6Option())
    .option('-v, --verbose', 'show on standard error who connects')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(() => receive(command));
}

/** How messages are printed: one of these at most. */
function formOptions(): Option[] {
  const others = (...forms: MessageForm[]): MessageForm[] => forms;
  return [
    new Option('--raw', 'print the bytes alone, as they come: usual where it is no terminal'),
    new Option('--text', 'print text and a line end: usual on a terminal').conflicts(others('raw')),
    new Option('-x, --hex', 'print a hex dump').conflicts(others('raw', 'text')),
    new Option('--json', 'print one JSON object').conflicts(others('raw', 'text', 'hex')),
  ];
}

const HELP = `
Framings:
${FRAMING_HELP}

Examples:
  $ wireline receive 127.0.0.1 8000 --framing length:u32
  $ wireline send 127.0.0.1 8000 Hello, world --framing length:u32
  $ wireline receive 127.0.0.1 8000 --framing fixed:30:# --json
  $ wireline receive 127.0.0.1 8000 --framing 'delimited:\\r\\n' --all --text
  $ wireline receive '' 8000 --framing until-close > file

unix:@name is a name in the abstract namespace. \\r \\n \\t \\0 \\xHH \\\\ in a framing are bytes.
Messages go to standard output, everything else to standard error. Bytes alone are passed on as they come, with nothing
between two messages; one may be cut there when it exits with 1. Any other form is of whole messages.
With --framing until-close, bytes alone have no limit unless --max-length sets one.
Exits with 1 when no whole message comes, with 130 on Ctrl-C or SIGTERM.`;

async function receive(command: Command): Promise<void> {
  const options = command.opts<ReceiveOptions>();
  const { endpoint } = readEndpoint(command, { side: 'listens', ipv6: options.ipv6 });
  const form = formOf(options);
  const chosen = chosenFraming(command, form === 'raw');
  const stopped = stopSignal();
  using reception = await orAnotherPort(endpoint, (where) =>
    Reception.open(where, {
      onStarved: (error) => console.error(`accepting paused: ${describeError(error)}`),
    }),
  );
  console.error(`listening on ${formatAddress(reception.address)}`);
  warnWhenReachable(reception.address);
  const isStopped = await Promise.race([
    stopped.then(() => true),
    printMessages(reception, { ...options, chosen, form }).then(() => false),
  ]);
  if (!isStopped) return;
  // That nobody takes the output any more is told elsewhere, and no interruption.
  if (!isOutputLost()) process.exitCode ??= EXIT.interrupted;
  exitSoon();
}

function formOf({ raw, text, hex, json }: ReceiveOptions): MessageForm {
  if (json) return 'json';
  if (hex) return 'hex';
  return raw || (!text && !process.stdout.isTTY) ? 'raw' : 'text';
}

interface PrintOptions extends ReceiveOptions {
  readonly chosen: ChosenFraming;
  readonly form: MessageForm;
}

/** Waits for a connection, and prints as many of its messages as are wanted. */
async function printMessages(reception: Reception, options: PrintOptions): Promise<void> {
  const { chosen, form, timeout } = options;
  const { socket, peer } = await reception.visitor(timeout);
  if (options.verbose) console.error(`connected by ${peer}`);
  const { framing, name, maxLength } = chosen;
  const incoming = new Incoming(socket, {
    decoder: framing.createDecoder({ inPieces: form === 'raw' }),
    peer,
    name,
    maxLength,
    timeoutMs: timeout ?? SILENCE_MS,
  });
  const print = messagePrinter(form, { out: process.stdout, from: peer, framing: name });
  const most = options.all ? Infinity : (options.count ?? 1);
  const printed = await printUpTo(most, incoming, print);
  if (printed < most && !options.all) {
    const told =
      printed === 0 ? 'a message came' : `${count(most, 'message')} came, behind ${printed}`;
    throw new Error(`receive from ${peer}: it closed before ${told}`);
  }
  const { left } = incoming;
  if (left > 0) {
    const told = `${count(left, 'byte')} came behind it and were not read; --count or --all prints more`;
    console.error(`warning: ${told}`);
  }
}

/** Prints `most` messages, or as many as come; returns how many. */
async function printUpTo(most: number, incoming: Incoming, print: MessagePrinter): Promise<number> {
  let printed = 0;
  while (printed < most) {
    const piece = await incoming.next();
    if (piece === undefined) break;
    await print(piece);
    if (piece.last) printed += 1;
  }
  return printed;
}
