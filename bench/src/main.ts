/**
 * The command `npm run bench`: reads the arguments, runs one suite, and turns what went wrong into one line and
 * an exit code: 0 fine, 1 it failed, 2 wrong usage, 130 interrupted.
 *
 * Ctrl-C ends all programs that were started; nothing is written then. A second one ends at once.
 */
import { constants } from 'node:os';
import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import { ECHO } from './echo/suite.ts';
import { FRAMING } from './framing/suite.ts';
import { killPrograms } from './program.ts';
import { reasonOf } from './reason.ts';
import { SELECTORS } from './selectors/suite.ts';
import { SERVICE } from './service/suite.ts';
import { STREAMS } from './streams/suite.ts';
import { UsageError, type SuiteOptions } from './suite-options.ts';
import { runSuite } from './suite/run-suite.ts';
import type { Suite } from './suite/suite.ts';

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Something that can be named on the command line. */
interface Named {
  readonly name: string;
}

/** What the command line knows of a suite. */
interface Benchmark extends Named {
  /** What it measures, for the help. */
  readonly summary: string;
  readonly contestants: readonly Named[];
  readonly scenarios: readonly Named[];
  readonly resultsFile: string;
  /** Runs it, and prints and writes the results. */
  run(options: SuiteOptions): Promise<void>;
}

/** The suites; the first is what runs when none is named. */
const SUITES: readonly [Benchmark, ...Benchmark[]] = [
  ofServers(SERVICE),
  ofServers(ECHO),
  SELECTORS,
  FRAMING,
  STREAMS,
];

/** A suite of servers under load. */
function ofServers(suite: Suite): Benchmark {
  return { ...suite, run: (options) => runSuite(suite, options) };
}

/** More for one measurement is a typing error. */
const MAX_SECONDS = 60;
const MAX_ROUNDS = 100;

/**
 * Runs the command line.
 *
 * @param args the arguments, without node and script
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  const interruption = watchSignals();
  try {
    await createCommand().parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    const signal = interruption();
    // What fails after a signal fails because its program was ended.
    return signal === undefined ? report(error) : 128 + constants.signals[signal];
  }
}

/** Says what went wrong and returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  process.stderr.write(`bench: ${reasonOf(error)}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

function createCommand(): Command {
  return new Command('npm run bench --')
    .description('Wireline and its peers, side by side.')
    .addArgument(
      new Argument('[suite]', 'what to measure')
        .choices(SUITES.map(({ name }) => name))
        .default(SUITES[0].name),
    )
    .option('--only <contestants>', 'only these, with commas between', parseNames)
    .option('--scenarios <names>', 'only these, with commas between', parseNames)
    .option('--rounds <n>', 'how often each contestant is measured', parseRounds)
    .option('--seconds <n>', 'how long each measurement takes', parseSeconds)
    .option('--quick', 'a smoke run: everything once and briefly; the numbers mean nothing')
    .option('--json', 'print the results as JSON, every round of them')
    .option('--out <file>', 'write the results there')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help shows how it is used)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bench: ')) })
    .exitOverride()
    .action(async (name: string, options: SuiteOptions) => suiteOf(name).run(options));
}

const HELP = `
Suites:
${SUITES.map(describeSuite).join('\n')}

All of a suite takes one to fifteen minutes, more on a busy machine, and replaces its results.

Examples:
  $ npm run bench
  $ npm run bench -- echo --only c-epoll,node-net
  $ npm run bench -- --only wireline,node-plain --scenarios 50,50x16 --rounds 3`;

function describeSuite(suite: Benchmark): string {
  const { name, summary, contestants, scenarios, resultsFile } = suite;
  return [
    `  ${name}: ${summary}; results in ${resultsFile}`,
    `    contestants: ${namesOf(contestants)}`,
    `    scenarios: ${namesOf(scenarios)}`,
  ].join('\n');
}

function namesOf(entries: readonly Named[]): string {
  return entries.map(({ name }) => name).join(', ');
}

function suiteOf(name: string): Benchmark {
  return SUITES.find((suite) => suite.name === name) ?? SUITES[0]; // the argument has its choices
}

/** Ends all programs at the first signal. Returns a function that says which signal came, if any. */
function watchSignals(): () => 'SIGINT' | 'SIGTERM' | undefined {
  let received: 'SIGINT' | 'SIGTERM' | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      killPrograms();
      if (received !== undefined) process.exit(128 + constants.signals[signal]);
      received = signal;
      process.stderr.write('\nInterrupted.\n');
    });
  }
  return () => received;
}

function parseNames(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS) return rounds;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${MAX_ROUNDS}.`);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError(`expected seconds, more than 0 and at most ${MAX_SECONDS}.`);
}
