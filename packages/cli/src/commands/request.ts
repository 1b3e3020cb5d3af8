/**
 * `wireline request`: one request, and its answer on standard output.
 */
import {
  binaryMessage,
  jsonMessage,
  type Header,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';
import { AnswerError, Client, formatEndpoint, RequestTimeoutError } from '@wireline/service/client';
import { Command, Option } from 'commander';
import { byteorderOption, debugOption, parseSeconds } from '../arguments.ts';
import { readEndpoint } from '../endpoint.ts';
import { EXIT } from '../exit.ts';
import { describeContent } from '../terminal/describe-message.ts';
import { bytesAsText, oneLine, printable, printableJson } from '../terminal/plain-text.ts';

interface RequestOptions {
  readonly type?: 'json' | 'binary';
  readonly timeout: number;
  readonly byteorder?: 'little' | 'big';
  readonly verbose?: true;
  readonly json?: true;
}

/** The content type of binary requests, as the guide's client names it. */
const BINARY_REQUEST_TYPE = 'binary/custom-client-binary-type';

const DEFAULT_TIMEOUT_MS = 60_000;

/** A content type may be as long as a header. */
const MAX_HEADER = 200;

/** The command, for the program. */
export function requestCommand(): Command {
  const command = new Command('request')
    .description('Send one request and print its result.')
    .usage('[options] <host> <port> <action> <value>')
    .argument('<host>', 'host name or address of the server, or unix:/path')
    .argument('[port]', 'its port; none with unix:/path')
    .argument('[action]', '"search" goes as JSON, anything else as binary: action and value')
    .argument('[value]', 'what to search for, or the rest of the bytes')
    .addOption(
      new Option('--type <type>', 'send any action as this (default: json for search)').choices([
        'json',
        'binary',
      ]),
    )
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for the answer, connecting included')
        .argParser(parseSeconds)
        .default(DEFAULT_TIMEOUT_MS, '60'),
    )
    .addOption(byteorderOption())
    .option('-v, --verbose', 'show the exchange on standard error')
    .option('--json', 'print the whole answer as one JSON object')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(() => request(command));
  return command;
}

const HELP = `
Examples:
  $ wireline request 127.0.0.1 65432 search morpheus
  $ wireline request 127.0.0.1 65432 binary 😃
  $ wireline request localhost 65432 weather today --type json --verbose
  $ wireline request localhost 65432 search -- -x
  $ wireline request unix:/tmp/search.sock search morpheus

unix:@name is a name in the abstract namespace.
Exits with 1 when the answer is an error, or none came.`;

async function request(command: Command): Promise<void> {
  const options = command.opts<RequestOptions>();
  const { endpoint, rest } = readEndpoint(command, { side: 'connects', rest: ['action', 'value'] });
  const [action, value] = rest;
  const say = options.verbose ? (line: string) => console.error(line) : () => {};
  const client = new Client(endpoint, {
    connectTimeoutMs: options.timeout,
    requestTimeoutMs: options.timeout,
    ...(options.byteorder === undefined ? {} : { byteorder: options.byteorder }),
  });
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  const message = createRequest(action, value, options.type);
  say(`request to ${formatEndpoint(endpoint)}: ${describeContent(message)}`);
  const started = performance.now();
  try {
    const { answer, failed } = await answerOf(client, message);
    say(
      `answer after ${(performance.now() - started).toFixed(1)} ms: ${describeHeader(answer.header)}`,
    );
    console.log(options.json ? answerAsJson(answer) : resultOf(answer));
    if (failed) process.exitCode = EXIT.failed;
  } finally {
    client.close();
  }
}

/** An error answer has a result to print like any other; only the exit code differs. */
async function answerOf(
  client: Client,
  message: OutgoingMessage,
): Promise<{ answer: Message; failed: boolean }> {
  try {
    return { answer: await client.request(message), failed: false };
  } catch (error) {
    if (error instanceof AnswerError) return { answer: error.answer, failed: true };
    if (error instanceof RequestTimeoutError) {
      throw new Error(`${error.message}; --timeout waits longer`, { cause: error });
    }
    throw error;
  }
}

function createRequest(
  action: string,
  value: string,
  type: RequestOptions['type'] = action === 'search' ? 'json' : 'binary',
): OutgoingMessage {
  return type === 'json'
    ? jsonMessage({ action, value })
    : binaryMessage(new TextEncoder().encode(action + value), BINARY_REQUEST_TYPE);
}

function resultOf(answer: Message): string {
  if (answer.kind === 'binary') return bytesAsText(answer.bytes);
  const result = answer.value['result'];
  return typeof result === 'string' ? printable(result) : printableJson(answer.value);
}

function answerAsJson(answer: Message): string {
  const { header } = answer;
  return answer.kind === 'json'
    ? printableJson({ header, value: answer.value })
    : printableJson({ header, base64: Buffer.from(answer.bytes).toString('base64') });
}

function describeHeader(header: Header): string {
  const { byteorder, contentType, contentEncoding, contentLength } = header;
  const told = `${contentType}, ${contentEncoding}, ${contentLength} bytes, ${byteorder} endian`;
  return oneLine(told, MAX_HEADER);
}
