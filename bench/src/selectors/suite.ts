/** `npm run bench -- selectors`: what a wait costs, by how many descriptors are registered. */
import { Progress } from '../progress.ts';
import { publish } from '../publish.ts';
import type { SuiteOptions } from '../suite-options.ts';
import { checkFolder, choose } from '../choice.ts';
import { CONTESTANTS } from './contestants.ts';
import { CROWDS } from './crowd.ts';
import { createReport } from './report.ts';
import { measureSelectors } from './run.ts';
import { judge } from './targets.ts';

const COMMAND = 'npm run bench -- selectors';
const RESULTS_FILE = 'bench/RESULTS-selectors.md';

/** Nothing but system calls and a few functions: a second is long. */
const FULL = { rounds: 5, seconds: 1, warmUpSeconds: 1, tries: 4 };

/** A smoke run: everything happens once, and the numbers mean nothing. */
const QUICK = { rounds: 1, seconds: 0.05, warmUpSeconds: 0.05, tries: 1 };

/** The suite `selectors`. It has no servers and no load client: its programs wait for sockets of their own. */
export const SELECTORS = {
  name: 'selectors',
  summary: 'a wait for 10 of many descriptors',
  contestants: CONTESTANTS,
  scenarios: CROWDS,
  resultsFile: RESULTS_FILE,

  /**
   * Runs it, prints the results on standard output, and writes them to the file asked for, or after a full run to
   * the suite's own.
   *
   * @throws UsageError for what the command line asks and the suite does not have
   */
  async run(options: SuiteOptions): Promise<void> {
    const defaults = options.quick ? QUICK : FULL;
    const contestants = choose(CONTESTANTS, { names: options.only, option: '--only' });
    const crowds = choose(CROWDS, { names: options.scenarios, option: '--scenarios' });
    if (options.out !== undefined) await checkFolder(options.out);
    const progress = new Progress();
    const results = await measureSelectors({
      contestants,
      crowds,
      rounds: options.rounds ?? defaults.rounds,
      seconds: options.seconds ?? defaults.seconds,
      warmUpSeconds: defaults.warmUpSeconds,
      tries: defaults.tries,
      progress,
    });
    const outcome = {
      report: createReport(COMMAND, results),
      json: { ...results, targets: judge(results) },
      resultsFile: RESULTS_FILE,
    };
    await publish(outcome, { options, progress });
  },
};
