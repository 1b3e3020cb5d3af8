/** `npm run bench -- framing`: what it costs to take frames out of a stream, beside the packages that people use. */
import { checkFolder, choose } from '../choice.ts';
import { Progress } from '../progress.ts';
import { publish } from '../publish.ts';
import type { SuiteOptions } from '../suite-options.ts';
import { CONDITIONS } from './condition.ts';
import { CONTESTANTS } from './contestants.ts';
import { createReport } from './report.ts';
import { measureFraming } from './run.ts';
import { judge } from './targets.ts';

const COMMAND = 'npm run bench -- framing';
const RESULTS_FILE = 'bench/RESULTS-framing.md';

/** One loop over bytes in memory: V8 has compiled it in a quarter of a second. */
const FULL = { rounds: 3, seconds: 0.4, warmUpSeconds: 0.3, tries: 2 };

/** A smoke run: everything happens once, and the numbers mean nothing. */
const QUICK = { rounds: 1, seconds: 0.05, warmUpSeconds: 0.05, tries: 1 };

/** The suite `framing`. It has no servers and no load client: its programs decode what is in their memory. */
export const FRAMING = {
  name: 'framing',
  summary: 'frames taken out of a stream',
  contestants: CONTESTANTS,
  scenarios: CONDITIONS,
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
    const conditions = choose(CONDITIONS, { names: options.scenarios, option: '--scenarios' });
    if (options.out !== undefined) await checkFolder(options.out);
    const progress = new Progress();
    const results = await measureFraming({
      contestants,
      conditions,
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
