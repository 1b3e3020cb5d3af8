/**
 * `wireline send`: one message, in whichever framing the peer expects.
 */
import { formatEndpoint } from '@wireline/socket';
import { Command, Option } from 'commander';
import { debugOption, parseSeconds } from '../arguments.ts';
import { connect } from '../connect.ts';
import { readEndpoint } from '../endpoint.ts';
import { EXIT } from '../exit.ts';
import { Delivery, type DeliveryFacts } from '../framing/delivery.ts';
import { chosenFraming, framingOptions } from '../framing/options.ts';
import { outgoing } from '../framing/outgoing.ts';
import { FRAMING_HELP } from '../framing/syntax.ts';
import { count } from '../terminal/plain-text.ts';

/** As long as `request` waits. */
const DEFAULT_TIMEOUT_MS = 60_000;

interface SendOptions {
  readonly timeout: number;
  readonly maxLength?: number;
  readonly verbose?: true;
}

/** The command, for the program. */
export function sendCommand(): Command {
  const command = new Command('send')
    .description('Send text, or standard input, as one framed message.')
    .usage('[options] <host> <port> [message...] --framing <framing>')
    .argument('<host>', 'host name or address of the receiver, or unix:/path')
    .argument('[port]', 'its port; none with unix:/path')
    .argument('[message...]', 'what to send, with a space between two words; else standard input');
  for (const option of framingOptions()) command.addOption(option);
  return command
    .addOption(
      new Option('--timeout <seconds>', 'for connecting, and when its machine takes nothing')
        .argParser(parseSeconds)
        .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1000)),
    )
    .option('-v, --verbose', 'show on standard error what was sent')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(() => send(command));
}

const HELP = `
Framings:
${FRAMING_HELP}

Examples:
  $ wireline receive 127.0.0.1 8000 --framing length:u32
  $ wireline send 127.0.0.1 8000 Hello, world --framing length:u32
  $ wireline send 127.0.0.1 8000 Hello --framing fixed:30:#
  $ wireline send 127.0.0.1 8000 Hello --framing 'delimited:\\r\\n'
  $ wireline send 127.0.0.1 8000 --framing until-close < file
  $ wireline send unix:/tmp/it.sock --framing netstring -- -x

unix:@name is a name in the abstract namespace. \\r \\n \\t \\0 \\xHH \\\\ in a framing are bytes.
Text is sent as it stands, with what the framing adds; a whole frame as it is. Of standard input, a delimiter at its end
is taken for that of the message.
Then the connection is closed for sending, and what comes back is thrown away.
Exits with 1 when the peer closes before it has the whole message, or its machine takes nothing.`;

async function send(command: Command): Promise<void> {
  const options = command.opts<SendOptions>();
  const { endpoint, rest } = readEndpoint(command, { side: 'connects', most: Infinity });
  const text = rest.length === 0 ? undefined : rest.join(' ');
  const chosen = chosenFraming(command, text === undefined);
  const say = options.verbose ? (line: string) => console.error(line) : () => {};
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  const frame = await outgoing({ text, input: process.stdin }, chosen);
  await using socket = await connect(endpoint, options.timeout);
  const peer = formatEndpoint(endpoint);
  say(`connected to ${peer}`);
  const delivery = new Delivery(socket, { peer, timeoutMs: options.timeout });
  for (const line of describe(await delivery.run(frame))) say(line);
}

function describe({ sent, cameBack, peerClosed }: DeliveryFacts): string[] {
  const lines = [`sent ${count(sent, 'byte')}, with what the framing adds`];
  if (cameBack > 0) lines.push(`${count(cameBack, 'byte')} came back and were thrown away`);
  lines.push(peerClosed ? 'the peer closed' : 'the peer has everything and stays');
  return lines;
}
