/** What `npm run bench -- SUITE` does: choose, run, write and print. */
import { checkFolder, choose } from '../choice.ts';
import { Progress } from '../progress.ts';
import { publish } from '../publish.ts';
import type { SuiteOptions } from '../suite-options.ts';
import { createReport } from './report.ts';
import { measureSuite } from './run.ts';
import type { Suite } from './suite.ts';
import { judge } from './target.ts';

/** Enough rounds for a median that one bad round does not move, and for a spread. */
const ROUNDS = 5;

/** The compilers of V8 need about two seconds of the same load until nothing changes any more. */
const WARM_UP_SECONDS = 2;

/** On a machine that others use too, one in four measurements is usually left alone. */
const TRIES = 4;

/** A smoke run: everything happens once, and the numbers mean nothing. */
const QUICK = { rounds: 1, seconds: 0.2, warmUpSeconds: 0.1, tries: 1 };

/**
 * Runs a suite, prints the results on standard output, and writes them to the file asked for, or after a
 * full run to the suite's own.
 *
 * @throws UsageError for what the command line asks and the suite does not have
 */
export async function runSuite(suite: Suite, options: SuiteOptions): Promise<void> {
  const defaults = options.quick
    ? QUICK
    : { rounds: ROUNDS, seconds: suite.seconds, warmUpSeconds: WARM_UP_SECONDS, tries: TRIES };
  // What can be asked before the run is not found out after it.
  const contestants = choose(suite.contestants, { names: options.only, option: '--only' });
  const scenarios = choose(suite.scenarios, { names: options.scenarios, option: '--scenarios' });
  if (options.out !== undefined) await checkFolder(options.out);
  const progress = new Progress();
  const results = await measureSuite(suite, {
    contestants,
    scenarios,
    rounds: options.rounds ?? defaults.rounds,
    seconds: options.seconds ?? defaults.seconds,
    warmUpSeconds: defaults.warmUpSeconds,
    tries: defaults.tries,
    progress,
  });
  const outcome = {
    report: createReport(suite, results),
    json: { ...results, targets: judge(suite.targets, results.scenarios) },
    resultsFile: suite.resultsFile,
  };
  await publish(outcome, { options, progress });
}
