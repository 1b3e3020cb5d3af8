/**
 * `wireline http-get`: a page from any web server.
 */
import { isUtf8 } from 'node:buffer';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Command, Option } from 'commander';
import { debugOption, parseSeconds } from '../arguments.ts';
import { describeError, EXIT } from '../exit.ts';
import {
  describeEnd,
  headerLines,
  say,
  shownTarget,
  SILENT,
  statusOf,
  VERBOSE,
} from '../http/get-report.ts';
import { memorySink, readBody, streamSink } from '../http/page-body.ts';
import { requestPage, type PageAnswer, type PageRequestOptions } from '../http/page-request.ts';
import { redirectOf } from '../http/redirect.ts';
import { parseUrl, shownUrl } from '../http/url.ts';
import { printableJson } from '../terminal/plain-text.ts';

interface HttpGetOptions {
  readonly include?: true;
  readonly head?: true;
  readonly location?: true;
  readonly cacert?: string;
  readonly timeout: number;
  readonly verbose?: true;
  readonly json?: true;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Browsers give up after 20; who needs more than ten walks in a circle. */
const MAX_REDIRECTS = 10;

/** The command, for the program. */
export function httpGetCommand(): Command {
  return new Command('http-get')
    .description('Get a page from a web server.')
    .argument('<url>', 'http:// may be left out', parseUrl)
    .option('-i, --include', 'print the status line and the headers, too')
    .option('-I, --head', 'print only these: the server sends no body')
    .option('-L, --location', `ask where the server points to, up to ${MAX_REDIRECTS} times`)
    .option('--cacert <file>', 'trust these certificates (PEM) in place of the usual ones')
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for a connection, and for each silence')
        .argParser(parseSeconds)
        .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1000)),
    )
    .option('-v, --verbose', 'show the exchange on standard error')
    .option('--json', 'print the whole answer as one JSON object')
    .addOption(debugOption())
    .addHelpText('after', HELP)
    .action(httpGet);
}

const HELP = `
Examples:
  $ wireline http-get example.com
  $ wireline http-get -i http://127.0.0.1:8000/
  $ wireline http-get -L -v http://[::1]:8000/index.html
  $ wireline http-get https://localhost:8443/ --cacert server.pem

The body goes to standard output as it comes; on a terminal, control characters are shown and not obeyed.
A redirect (301 and its like) is shown on standard error and not followed, unless -L says so.
Exits with 1 when no whole answer came, or its status is 400 or above.`;

async function httpGet(url: URL, options: HttpGetOptions): Promise<void> {
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  const ca = options.cacert === undefined ? undefined : await readCertificates(options.cacert);
  const { answer, redirects, ...last } = await follow(url, options, {
    method: options.head ? 'HEAD' : 'GET',
    timeoutMs: options.timeout,
    ca,
    isStalled: () => process.stdout.writableNeedDrain,
    observer: options.verbose ? VERBOSE : SILENT,
  });
  const { response, connection } = answer;
  const startedAt = performance.now();
  let bytes: number;
  if (options.json) {
    const { sink, body } = memorySink();
    bytes = await readBody(last.url, answer, sink);
    console.log(answerAsJson({ ...last, answer, redirects }, body()));
  } else {
    if (!options.include && !options.head) tellStatus(response, last.target);
    bytes = await readBody(last.url, answer, streamSink(process.stdout));
  }
  if (options.verbose) say(`* ${describeEnd(connection, bytes, performance.now() - startedAt)}`);
  connection.close();
  if ((response.statusCode ?? 0) >= 400) process.exitCode = EXIT.failed;
}

/** The last answer, and the way to it. */
interface Journey {
  /** Where it came from. */
  readonly url: URL;
  readonly answer: PageAnswer;
  /** Where it points to. */
  readonly target: URL | string | undefined;
  readonly redirects: readonly { readonly status: number | undefined; readonly location: string }[];
}

/** Asks for `given`, and with --location wherever the answers point to. */
async function follow(
  given: URL,
  options: HttpGetOptions,
  request: PageRequestOptions,
): Promise<Journey> {
  const redirects: { status: number | undefined; location: string }[] = [];
  for (let url = given; ;) {
    const answer = await requestPage(url, request);
    const { response, connection } = answer;
    const target = redirectOf(response, url);
    if (options.verbose)
      for (const line of [...headerLines(response), '']) say(`< ${line}`.trimEnd());
    if ((options.include || options.head) && !options.json) {
      console.log([...headerLines(response), ''].join('\n'));
    }
    if (!options.location || target === undefined) return { url, answer, target, redirects };
    connection.close();
    const location = shownTarget(target);
    if (typeof target === 'string') {
      throw new Error(
        `${statusOf(response)}: cannot go on to ${location}: it is no http:// or https://`,
      );
    }
    if (redirects.length === MAX_REDIRECTS) {
      throw new Error(
        `get ${shownUrl(given)}: redirected ${MAX_REDIRECTS} times, and again to ${location}`,
      );
    }
    redirects.push({ status: response.statusCode, location });
    say(`${statusOf(response)}: going on to ${location}`);
    url = target;
  }
}

/** Says on standard error that this is not the page that was asked for. */
function tellStatus(response: IncomingMessage, target: URL | string | undefined): void {
  if (target !== undefined) say(`${statusOf(response)}: see ${shownTarget(target)}`);
  else if ((response.statusCode ?? 0) >= 300) say(statusOf(response));
}

/** The answer as one JSON object: its body as text where it is UTF-8, otherwise in base64. */
function answerAsJson({ url, answer, redirects }: Journey, body: Buffer): string {
  const { statusCode, statusMessage, httpVersion, headers } = answer.response;
  return printableJson({
    url: shownUrl(url),
    status: statusCode,
    reason: statusMessage,
    version: httpVersion,
    redirects,
    headers,
    bytes: body.length,
    ...(isUtf8(body) ? { text: body.toString() } : { base64: body.toString('base64') }),
  });
}

async function readCertificates(file: string): Promise<Buffer> {
  let pem: Buffer;
  try {
    pem = await readFile(file);
  } catch (error) {
    throw new Error(`--cacert: read ${file}: ${describeError(error)}`, { cause: error });
  }
  // node:tls takes anything here, and trusts nobody then.
  try {
    void new X509Certificate(pem); // the first one
    return pem;
  } catch (error) {
    const told = `--cacert: ${file} has no certificate in PEM: expected -----BEGIN CERTIFICATE-----`;
    throw new Error(told, { cause: error });
  }
}
