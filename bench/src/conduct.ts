/** One run of a suite, from what the command line asks to the page with the results: what all suites have in common. */
import { checkFolder, choose } from './choice.ts';
import { Progress } from './progress.ts';
import { publish, type Picture } from './publish.ts';
import type { SuiteOptions } from './suite-options.ts';

/** How much is measured. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** How often a measurement that was disturbed is made at most. */
  readonly tries: number;
}

/** What is to be measured, and how much of it. */
export interface Program<Contestant, Scenario> extends Effort {
  readonly contestants: readonly Contestant[];
  readonly scenarios: readonly Scenario[];
  readonly progress: Progress;
}

/** A suite, as far as a run has to know it. */
export interface Conducted<
  Contestant extends { readonly name: string },
  Scenario extends { readonly name: string },
  Results extends object,
> {
  readonly contestants: readonly Contestant[];
  readonly scenarios: readonly Scenario[];
  /** Where the page of a full run goes, relative to the root of the repository. */
  readonly resultsFile: string;
  readonly full: Effort;
  /** A smoke run: everything happens once, and the numbers mean nothing. */
  readonly quick: Effort;
  readonly measure: (program: Program<Contestant, Scenario>) => Promise<Results>;
  readonly createReport: (results: Results) => string;
  /** A picture of the results that a full run leaves beside the page. */
  readonly createPicture?: (results: Results) => Picture | undefined;
  /** The targets, with what was measured. */
  readonly judge: (results: Results) => readonly object[];
}

/**
 * Runs it, prints the results on standard output, and writes them to the file asked for, or after a full run to the
 * suite's own.
 *
 * @throws UsageError for what the command line asks and the suite does not have
 */
export async function conduct<
  Contestant extends { readonly name: string },
  Scenario extends { readonly name: string },
  Results extends object,
>(suite: Conducted<Contestant, Scenario, Results>, options: SuiteOptions): Promise<void> {
  const defaults = options.quick ? suite.quick : suite.full;
  // What can be asked before the run is not found out after it.
  const contestants = choose(suite.contestants, { names: options.only, option: '--only' });
  const scenarios = choose(suite.scenarios, { names: options.scenarios, option: '--scenarios' });
  if (options.out !== undefined) await checkFolder(options.out);
  const progress = new Progress();
  const results = await suite.measure({
    contestants,
    scenarios,
    rounds: options.rounds ?? defaults.rounds,
    seconds: options.seconds ?? defaults.seconds,
    warmUpSeconds: defaults.warmUpSeconds,
    tries: defaults.tries,
    progress,
  });
  const outcome = {
    report: suite.createReport(results),
    json: { ...results, targets: suite.judge(results) },
    resultsFile: suite.resultsFile,
    picture: suite.createPicture?.(results),
  };
  await publish(outcome, { options, progress });
}
