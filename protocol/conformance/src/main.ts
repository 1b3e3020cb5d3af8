/**
 * The command `npm run conformance`: tries a server, or a client, and says how it did.
 *
 * Exit codes: 0 everything passed, 1 a check failed or the peer speaks another protocol, 2 wrong usage or nobody
 * there, 130 interrupted. Ctrl-C ends the check that runs, prints the report of those that were finished, and ends
 * what was started.
 */
import { constants } from 'node:os';
import { createConnection } from 'node:net';
import { isatty } from 'node:tty';
import { Command, CommanderError } from 'commander';
import { parseNames, parsePid, parsePort, parseSeconds } from './arguments.ts';
import { CLIENT_SECTIONS } from './client/index.ts';
import { commandDriver } from './client/driver.ts';
import { tryClient } from './client/run-scenarios.ts';
import { OwnServer } from './own-server.ts';
import { createJsonReport } from './report/json-report.ts';
import type { Report } from './report/report.ts';
import { createTextReport } from './report/text-report.ts';
import { APPLICATION, lookAtServer } from './server/first-look.ts';
import { SERVER_SECTIONS } from './server/index.ts';
import type { CheckResult } from './trial/result.ts';
import { tryServer } from './trial/run-checks.ts';
import { UsageError } from './usage-error.ts';

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Enough for a peer that is started by an interpreter on a busy machine; more is no conformance any more. */
const DEFAULT_TIMEOUT_S = 5;

interface Options {
  readonly section?: readonly string[];
  readonly timeout: number;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly pid?: number;
  readonly color: boolean;
}

/**
 * Runs the command line.
 *
 * @param args the arguments, without node and script
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  let signalNumber = 0;
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    // The second one does not wait for anything.
    if (interruption.signal.aborted) process.exit(128 + constants.signals[signal]);
    signalNumber = constants.signals[signal];
    interruption.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const code = await run(args, interruption.signal);
    return signalNumber === 0 ? code : 128 + signalNumber;
  } catch (error) {
    if (signalNumber !== 0) return 128 + signalNumber;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`conformance: ${error.message}\n`);
    return EXIT.usage;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { own, command } = splitAtClient(args);
  let code: number = EXIT.usage;
  await new Command('npm run conformance --')
    .description(
      'Tries a server or a client of the message protocol with raw sockets, section by section.',
    )
    .argument(
      '[host]',
      'where the server under trial listens; without it, a server of ours is tried',
    )
    .argument('[port]', 'its port', parsePort)
    .option('--client <command...>', 'try a client: all that follows is the command that starts it')
    .option('--section <names>', 'only these, with commas between', parseNames)
    .option('--timeout <seconds>', 'how long one wait may take', parseSeconds, DEFAULT_TIMEOUT_S)
    .option(
      '--pid <pid>',
      'the process of the server: gets SIGTERM in the section goodbye',
      parsePid,
    )
    .option('--json', 'print one JSON object at the end, with all that was sent and came')
    .option('--verbose', 'show what was sent and came for checks that pass, too')
    .option('--no-color', 'no colours, as without a terminal or with NO_COLOR')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help shows how it is used)')
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'conformance: ')),
    })
    .exitOverride()
    .action(async (host: string | undefined, port: number | undefined, options: Options) => {
      if (command !== undefined) refuseWithClient(host, options);
      if (command !== undefined) code = await runScenarios(command, options, signal);
      else if (host === undefined) code = await tryOwnServer(options, signal);
      else if (port !== undefined) {
        code = await runServerChecks({ host, port }, options, signal);
      } else
        throw new UsageError(
          'try a server: no port; name its HOST and PORT, none of them for our own, or --client COMMAND',
        );
    })
    .parseAsync(own, { from: 'user' });
  return code;
}

/** A client is tried against listeners of ours: an address, or a process, is that of a server. */
function refuseWithClient(host: string | undefined, { pid }: Options): void {
  const surplus = host ?? (pid === undefined ? undefined : '--pid');
  if (surplus === undefined) return;
  throw new UsageError(
    `try a client: ${surplus} is for a server; leave it out, or leave --client out`,
  );
}

/** What stands behind `--client` is the client's, options and all. */
function splitAtClient(args: readonly string[]): {
  own: readonly string[];
  command?: readonly string[];
} {
  const at = args.indexOf('--client');
  return at === -1 ? { own: args } : { own: args.slice(0, at), command: args.slice(at + 1) };
}

/** Where the conformance application is described. */
const SECTION = 'of the section "Conformance" of protocol/README.md';

const HELP = `
Sections, of a server:
  ${SERVER_SECTIONS.map(({ name }) => name).join(', ')}
of a client:
  ${CLIENT_SECTIONS.map(({ name }) => name).join(', ')}

The server must have the actions of the section "Conformance" of protocol/README.md; checks that need them are
skipped where it has none. The client is started once
for each scenario, with HOST PORT SCENARIO behind its command; protocol/conformance/README.md says what it does.

Exit codes: 0 all passed, 1 a check failed or no message came, 2 wrong usage or nobody listens, 130 interrupted.

Examples:
  $ npm run conformance
  $ npm run conformance -- 127.0.0.1 65432
  $ npm run conformance -- 127.0.0.1 65432 --section ids,parts --timeout 2
  $ npm run conformance -- --section parts --client python3 interop/python/conversation_client.py`;

async function runServerChecks(
  address: { readonly host: string; readonly port: number },
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  const sections = choose(SERVER_SECTIONS, options.section);
  const timeoutMs = options.timeout * 1000;
  await makeSureSomebodyListens(address, timeoutMs);
  const report = createReport(options);
  const missing = await findMissing(report, { ...address, timeoutMs, signal });
  if (missing === undefined) return EXIT.failed;
  const { pid } = options;
  const tellToStop = pid === undefined ? undefined : () => void process.kill(pid, 'SIGTERM');
  const results: CheckResult[] = [];
  for (const section of sections) {
    if (signal.aborted) break;
    report.section(section.name, section.title);
    const onResult = (result: CheckResult): void => report.result(result);
    const run = { ...address, timeoutMs, signal, tellToStop, missing, onResult };
    results.push(...(await tryServer([section], run)));
  }
  report.end(results);
  return results.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok;
}

/** The actions that the server does not have. `undefined`, and a sentence about it, where there is nothing to try. */
async function findMissing(
  report: Report,
  options: Parameters<typeof lookAtServer>[0],
): Promise<readonly string[] | undefined> {
  const complain = (text: string): void => {
    process.stderr.write(`conformance: try ${options.host}:${options.port}: ${text}\n`);
  };
  try {
    const look = await lookAtServer(options);
    switch (look.kind) {
      case 'ready':
        return [];
      case 'no application':
        report.remark(
          `The server has not the actions ${SECTION}; checks that need them are skipped.`,
        );
        return APPLICATION;
      case 'no search':
        complain(`it has no action search; give it the actions ${SECTION}`);
        return undefined;
      case 'no message':
        complain(
          `no message of the protocol answers a search: ${look.came}; name a server that speaks it`,
        );
        return undefined;
    }
  } catch (error) {
    // After Ctrl-C there is a report, too: an empty one.
    if (options.signal.aborted) return [];
    throw error;
  }
}

/** Starts a server of ours, and tries it. */
async function tryOwnServer(options: Options, signal: AbortSignal): Promise<number> {
  const server = await OwnServer.start(signal);
  try {
    return await runServerChecks(server, { ...options, pid: server.pid }, signal);
  } finally {
    await server.end();
  }
}

async function runScenarios(
  command: readonly string[],
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  // npm runs scripts in the root; the command was typed elsewhere.
  const driver = commandDriver(command, process.env['INIT_CWD'] ?? process.cwd());
  const sections = choose(CLIENT_SECTIONS, options.section);
  const report = createReport(options);
  const results: CheckResult[] = [];
  for (const section of sections) {
    if (signal.aborted) break;
    report.section(section.name, section.title);
    const onResult = (result: CheckResult): void => report.result(result);
    const run = { driver, timeoutMs: options.timeout * 1000, signal, onResult };
    results.push(...(await tryClient([section], run)));
  }
  report.end(results);
  return results.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok;
}

/** Otherwise every check would fail, each after its own wait. */
async function makeSureSomebodyListens(
  { host, port }: { readonly host: string; readonly port: number },
  timeoutMs: number,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection({ host, port, timeout: timeoutMs });
    const fail = (reason: string): void => {
      socket.destroy();
      const attempt = `connect to ${host}:${port}: ${reason}`;
      reject(new UsageError(`${attempt}; start the server first, or name another address`));
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', (error) => fail(error.message));
    socket.once('timeout', () => fail(`no answer within ${timeoutMs} ms`));
  });
}

function createReport({ json = false, verbose = false, color }: Options): Report {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  if (json) return createJsonReport(print);
  const hasColors = color && isatty(1) && (process.env['NO_COLOR'] ?? '') === '';
  return createTextReport(print, { color: hasColors, verbose });
}

function choose<Section extends { readonly name: string }>(
  sections: readonly Section[],
  names: readonly string[] | undefined,
): readonly Section[] {
  if (names === undefined) return sections;
  const unknown = names.find((name) => sections.every((section) => section.name !== name));
  if (unknown !== undefined) {
    const known = sections.map(({ name }) => name).join(', ');
    throw new UsageError(`choose sections: '${unknown}' is none; name some of ${known}`);
  }
  return sections.filter(({ name }) => names.includes(name));
}
